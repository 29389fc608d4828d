//! Cases: their states, the grounds of adverse actions, and the second person who decides.

pub mod allocation;
pub mod asking;
pub mod case;
pub mod evidence;
pub mod grounds;
pub mod note;
pub mod opening;
pub mod signatories;
pub mod state;
