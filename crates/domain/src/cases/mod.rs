//! Cases: their states, the grounds of adverse actions, and the second person who decides.

pub mod case;
