//! How people and systems prove who they are: passwords, keys of clients, and the addresses that clients come from.

pub mod address_range;
pub mod client_keys;
pub mod password;
