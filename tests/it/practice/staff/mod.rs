mod acting;
pub(crate) mod confirmation;
mod leaving;
mod members;
mod registrations;
mod standing_in;
