//! Who works at a practice: roles, and the registration of social workers.

pub mod membership;
pub mod registration;
pub mod roles;
pub mod social_work_england;
