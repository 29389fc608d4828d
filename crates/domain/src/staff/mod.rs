//! The staff of a practice: roles, memberships, and the registration of social workers.

pub mod absence;
pub mod acting;
pub mod confirmation;
pub(crate) mod hands;
pub mod leaving;
pub mod meant;
pub mod membership;
pub mod registration;
pub mod roles;
pub mod social_work_england;
