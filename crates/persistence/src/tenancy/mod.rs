//! Councils, practices and their teams, opening hours, what is in use of a practice's capacity, and suspensions.

pub mod bank_holidays;
pub(crate) mod capacity;
pub mod complaints_procedure;
pub(crate) mod council_codes;
pub mod council_contacts;
pub mod councils;
pub mod opening_hours;
pub mod practices;
pub mod reorganisations;
pub mod suspensions;
pub(crate) mod teams;
