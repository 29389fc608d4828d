pub(crate) mod confirmation;
mod members;
mod registrations;
