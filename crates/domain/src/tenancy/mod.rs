//! The practices that use the service: the limits of their size, and their suspension. The bank holidays that the operator adds.

pub mod bank_holiday;
pub mod practice;
