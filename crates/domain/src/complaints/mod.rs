//! Complaints: their content, the staff whom a name may mean, and the deadlines of SI 2009/309.

pub mod complaint;
pub mod deadlines;
pub mod handling;
