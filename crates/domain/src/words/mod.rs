//! The domain's basic types: values that cannot be invalid, the national code lists, and the working calendar.

pub mod calendar;
pub mod characters;
pub mod closed_list;
pub mod codes;
pub mod date;
pub mod email;
pub mod gp_practice_code;
pub mod gss_code;
pub mod identifier;
pub mod language_tag;
pub mod name_keys;
pub mod nhs_number;
pub mod ods_code;
pub mod phone;
pub mod postcode;
pub mod slug;
pub(crate) mod sql_text;
pub mod text;
pub mod time_of_day;
pub mod unread;
pub mod uprn;
pub mod web_address;
pub mod written;
