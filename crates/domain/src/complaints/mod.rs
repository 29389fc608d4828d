//! Complaints: what is lodged, who is asked to open it, who may be let in to it, and the deadlines of SI 2009/309.

pub mod assigning;
pub mod complaint;
pub mod deadlines;
pub mod naming;
pub mod offering;
pub mod responsibility;
pub mod watching;
