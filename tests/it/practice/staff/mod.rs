mod confirmation;
mod members;
mod registrations;
