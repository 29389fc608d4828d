//! The practices that use the service: the limits of their size, and their suspension.

pub mod practice;
