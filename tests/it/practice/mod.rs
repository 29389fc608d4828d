pub(crate) mod cases;
mod complaints;
mod countersignatures;
pub(crate) mod guards;
mod notes;
mod referrals;
mod service_users;
mod sessions;
mod wall;
