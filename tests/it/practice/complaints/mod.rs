pub(crate) mod two_worlds;
