//! Councils, practices, the reserved capacity of practices, and suspensions.

pub(crate) mod capacity;
pub mod councils;
pub mod practices;
pub mod suspensions;
