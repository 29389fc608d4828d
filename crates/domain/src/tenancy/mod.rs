//! The practices that use the service: how large one may be, and its suspension.

pub mod practice;
