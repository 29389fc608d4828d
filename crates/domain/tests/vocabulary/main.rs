//! The vocabulary of `almoner_domain::events` and the rest of the workspace: the documentation is made from it.

mod document;
mod words;
