mod handling;
pub(crate) mod wall;
