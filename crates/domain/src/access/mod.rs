//! Authentication of people and systems: passwords, single sign-on, clients with their keys, and the addresses from
//! which clients connect.

pub mod address_range;
pub mod apps;
pub mod client_keys;
pub mod clients;
pub mod password;
pub mod single_sign_on;
