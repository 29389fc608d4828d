pub(crate) mod access;
mod audit;
pub(crate) mod cases;
pub(crate) mod complaints;
mod inbox;
mod opening_hours;
pub(crate) mod people;
pub(crate) mod referrals;
pub(crate) mod staff;
