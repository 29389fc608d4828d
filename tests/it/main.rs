//! Black-box tests over HTTP. The folders mirror the doors; what holds everywhere is in `everywhere`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod council;
mod everywhere;
mod operator;
mod partner;
mod practice;
mod public;
