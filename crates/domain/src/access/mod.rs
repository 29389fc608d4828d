//! How people and systems prove who they are: passwords, single sign-on, clients and their keys, and the addresses that clients
//! come from.

pub mod address_range;
pub mod client_keys;
pub mod clients;
pub mod password;
pub mod single_sign_on;
