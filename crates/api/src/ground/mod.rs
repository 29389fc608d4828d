//! The mechanisms that every operation uses, each once. Nothing here knows a door or a subject.

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod door;
pub(crate) mod etag;
pub(crate) mod idempotency_key;
pub(crate) mod identity_provider;
pub(crate) mod limits;
pub(crate) mod metrics;
pub mod openapi;
pub(crate) mod operation;
pub(crate) mod outbound;
pub(crate) mod page;
pub(crate) mod password;
pub(crate) mod path;
pub(crate) mod perimeter;
pub(crate) mod permission;
pub(crate) mod problem;
pub(crate) mod reply;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod shapes;
pub(crate) mod signing;
pub(crate) mod strict;
pub(crate) mod tenant_queue;
pub(crate) mod token;
