mod audit;
pub(crate) mod cases;
mod complaints;
mod countersignatures;
mod notes;
mod referrals;
mod service_users;
mod sessions;
mod wall;
