//! HTTP: the five doors, their extractors, problems and the OpenAPI document.
//!
//! A handler takes a `Caller` of the permission that it needs, reads its parameters and its content, and does its
//! work in the caller's scope: one transaction in the role of the door. It answers with a reply made inside that transaction.

mod account;
mod address;
mod body;
mod caller;
mod council;
mod edge;
mod etag;
mod lanes;
mod limits;
mod metrics;
mod oauth;
mod once;
pub mod openapi;
mod operator;
mod outbound;
mod own_account;
mod page;
mod partner;
mod password;
mod permission;
mod practice;
mod problem;
mod provider;
mod public;
mod reply;
mod server;
mod service;
mod sign_in;
mod signing;
mod strict;
mod token;

pub use limits::{Quota, Quotas};
pub use password::{PasswordCost, hash as hash_password};
pub use permission::{COUNCIL_PERMISSIONS, PARTNER_PERMISSIONS, PRACTICE_PERMISSIONS};
pub use problem::Kind;
pub use server::{metrics_server, server};
pub use service::{Service, Settings};
pub use signing::{new_private_key, rotate_signing_keys};

use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation of the service: what is served, and what the document describes.
fn routes(config: &mut ServiceConfig<'_>) {
    practice::routes(config);
    council::routes(config);
    partner::routes(config);
    public::routes(config);
    operator::routes(config);
    oauth::routes(config);
}
