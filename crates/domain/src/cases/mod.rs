//! Cases: their states, who works on them, and the second person who decides.

pub mod allocation;
pub mod asking;
pub mod case;
pub mod note;
pub mod opening;
pub mod sampling;
pub mod signatories;
pub mod state;
