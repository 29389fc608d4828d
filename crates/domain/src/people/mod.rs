//! The people whom a practice serves, the access to their records, and the grounds of what may harm them.

pub mod about;
pub mod access_restriction;
pub mod access_rules;
pub mod birth;
pub mod contact;
pub mod evidence;
pub mod facts;
pub mod from_referrals;
pub mod grounds;
pub mod likeness;
pub mod mismatch;
pub mod safety;
pub mod search_key;
pub mod service_user;
