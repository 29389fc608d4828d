//! The people whom a practice serves, the access to their records, and the grounds of what may harm them.

pub mod about;
pub mod access_restriction;
pub mod access_rules;
pub mod birth;
pub mod contact;
pub mod council_person_id;
pub mod evidence;
pub mod facts;
pub mod flags;
pub mod from_referrals;
pub mod grounds;
pub mod language;
pub mod likeness;
pub mod mismatch;
pub mod relationship;
pub mod residence;
pub mod safety;
pub mod search_key;
pub mod service_user;
pub mod warning_note;
pub mod warning_review;
