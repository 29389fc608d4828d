//! The officers of a council: named people, with roles, who decide what a council's systems may not.

pub mod absence;
pub mod appointment;
pub mod confirmation;
pub mod desk;
pub mod guests;
pub mod roles;
