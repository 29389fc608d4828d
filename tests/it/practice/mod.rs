pub(crate) mod access;
mod audit;
pub(crate) mod cases;
mod complaints;
mod inbox;
mod opening_hours;
pub(crate) mod people;
pub(crate) mod referrals;
pub(crate) mod staff;
