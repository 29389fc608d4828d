pub(crate) mod access;
mod audit;
pub(crate) mod cases;
mod complaints;
pub(crate) mod people;
pub(crate) mod referrals;
pub(crate) mod staff;
