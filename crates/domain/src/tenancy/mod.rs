//! The practices that use the service: the limits of their size, their opening hours, and their suspension. The bank holidays and the codes of
//! councils that the operator enters.

pub mod bank_holiday;
pub mod council_codes;
pub mod opening_hours;
pub mod practice;
