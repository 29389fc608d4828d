pub(crate) mod cases;
mod complaints;
mod countersignatures;
mod notes;
mod referrals;
mod registrations;
mod service_users;
mod sessions;
mod wall;
