//! The mechanisms on which every subject rests, each built once. Nothing here knows a subject.

pub mod audit;
pub(crate) mod backlog;
pub mod bootstrap;
#[cfg(feature = "bulk")]
pub(crate) mod bulk;
pub(crate) mod calendar;
pub(crate) mod callers;
pub(crate) mod clock;
mod connections;
pub(crate) mod database_url;
pub(crate) mod error;
pub mod idempotency;
pub(crate) mod job_queue;
pub(crate) mod keys;
pub mod migrations;
pub(crate) mod objects;
pub(crate) mod on_record;
pub(crate) mod outbox;
pub(crate) mod page;
pub(crate) mod patience;
mod pending;
pub(crate) mod prepared;
pub mod random;
mod record;
pub(crate) mod s3;
pub(crate) mod schema;
pub(crate) mod scope;
pub(crate) mod sealed_stream;
pub(crate) mod sealing;
pub(crate) mod search_tokens;
pub(crate) mod transaction;
