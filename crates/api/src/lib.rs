//! HTTP: the five doors, their extractors, problems and the OpenAPI document.
//!
//! A handler takes a `Caller` of the permission that it needs, reads its parameters and its content, and does its work in the
//! caller's scope: one transaction in the role of the door. It answers with a reply made inside that transaction. What the
//! document says of it comes from these types (`ground/operation.rs`).
//!
//! `ground/` has the mechanisms and knows no door; `account/` what people do with their own account, at whichever door they
//! sign in; then there is a folder for each door. A file of a door has its handlers and its own `routes()`.

mod account;
mod council;
mod ground;
mod oauth;
mod operator;
mod partner;
mod path_ids;
mod practice;
mod public;
mod representations;

pub use ground::limits::{Quota, Quotas};
pub use ground::openapi;
pub use ground::password::{PasswordCost, hash as hash_password};
pub use ground::permission::{COUNCIL_PERMISSIONS, PARTNER_PERMISSIONS, PRACTICE_PERMISSIONS};
pub use ground::problem::Kind;
pub use ground::server::{metrics_server, server};
pub use ground::service::{Service, Settings};
pub use ground::signing::{new_private_key, rotate_signing_keys};

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
