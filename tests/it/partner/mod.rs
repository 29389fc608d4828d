pub(crate) mod complaints;
mod following;
