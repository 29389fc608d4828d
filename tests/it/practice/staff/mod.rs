mod members;
mod registrations;
