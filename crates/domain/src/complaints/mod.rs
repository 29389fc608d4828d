//! Complaints: what is lodged, who is asked to open it, who may be let in to it, how it is looked into and answered, and the deadlines of
//! SI 2009/309.

pub mod assigning;
pub mod clocks;
pub mod complaint;
pub mod concern;
pub mod danger;
pub mod deadlines;
pub mod excluding;
pub mod heads;
pub mod limiting;
pub mod naming;
pub mod offering;
pub mod ombudsman;
pub mod planning;
pub mod record;
pub mod reference;
pub mod reporting;
pub mod representing;
pub mod requests;
pub mod response;
pub mod responsibility;
pub mod status;
pub mod streams;
pub mod taking_down;
pub mod timeliness;
pub mod watching;
