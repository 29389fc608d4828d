//! The words and rules of an adult social work practice in England.
//!
//! Everything here is a value or a pure function. Nothing reads a clock, a file, a network or a
//! random number: who, when and the calendar are arguments, and a decision is a return value. A
//! value that exists is fit: each type is read by its `parse`, and by serde and SQL through it.

pub mod address_range;
pub mod calendar;
pub mod case;
pub mod client_keys;
pub mod codes;
pub mod complaint;
pub mod complaint_clocks;
pub mod date;
pub mod email;
pub mod events;
pub mod fault;
pub mod gp_practice_code;
pub mod gss_code;
pub mod guard;
pub mod ids;
pub mod name_keys;
pub mod nhs_number;
pub mod onboarding;
pub mod password;
pub mod phone;
pub mod postcode;
pub mod referral;
pub mod refusal;
pub mod registration;
pub mod roles;
pub mod routing;
pub mod service_user;
pub mod slug;
pub mod social_work_england;
mod sql_text;
pub mod text;
pub mod uprn;
