//! Black-box tests over HTTP. The folders are the doors and, inside them, the subjects; `everywhere` has the tests of the
//! rules for every door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod complaints;
mod council;
mod everywhere;
mod operator;
mod partner;
mod practice;
mod public;
