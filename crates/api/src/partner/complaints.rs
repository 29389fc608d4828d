//! Complaints for the people who lodged them. They are found by their reference and the access code that came with it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_persistence::complaints::{self, Followed, NewMessage, Receipt};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::{Argument, Description, operations};
use crate::ground::path::{Path, PathParameter};
use crate::ground::permission::LodgeComplaints;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: lodge, follow, add_message);
}

/// The reference of a complaint, as the receipt gives it.
#[derive(Clone, Deserialize, ToSchema)]
struct Reference(String);

impl PathParameter for Reference {
    const DESCRIPTION: &'static str = "The reference of the complaint, in any case, with or without its hyphens";

    fn reference(_: &mut Description) -> RefOr<Schema> {
        let reference = ObjectBuilder::new().schema_type(Type::String);
        reference.pattern(Some("^[A-Za-z2-7 -]+$")).max_length(Some(40)).examples(["C-7QX4M-2KDPA"]).into()
    }
}

const HEADER: &str = "Complaint-Access-Code";

/// The access code that came with the receipt. Without it the complaint is not found.
struct AccessCode(String);

impl FromRequest for AccessCode {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // People paste the code with whatever stood around it; only its letters and digits count.
        let code = request.headers().get(HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        ready(code.map(Self).ok_or_else(|| ApiError::new(Kind::NotFound)))
    }
}

impl Argument for AccessCode {
    fn describe(description: &mut Description) {
        let code = ObjectBuilder::new()
            .pattern(Some("^[A-Za-z2-7 -]*$"))
            .max_length(Some(64))
            .examples(["gq3tkzw5x7m2c4yhr6bdnafpe2sujv5i"]);
        description.header_parameter(
            HEADER,
            Required::True,
            "The access code that came with the receipt, in any case, with or without spaces and hyphens",
            code,
        );
        description.refuses(&[Kind::NotFound]);
    }
}

/// Lodges a complaint about a practice.
///
/// The receipt has the reference; the access code, which is shown only once; the days by which the complaint is
/// acknowledged and answered; and the rights of somebody who complains.
#[utoipa::path(post, path = "/complaints")]
async fn lodge(
    caller: Caller<LodgeComplaints>,
    key: IdempotencyKey,
    body: Body<LodgeComplaint>,
) -> Result<Created<Receipt>, ApiError> {
    caller
        .create(
            key,
            body,
            complaints::lodge,
            |scope, made| complaints::find_lodged(scope, made.id(), made.secret()).map(no_record::changed),
            |receipt| format!("/v1/partner/complaints/{}", receipt.reference),
        )
        .await
}

/// Shows the status of a complaint, with its messages.
#[utoipa::path(get, path = "/complaints/{reference}")]
async fn follow(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
) -> Result<Reply<Followed>, ApiError> {
    caller.read(move |scope| complaints::follow(scope, &reference.0.0, &code.0)).await
}

/// Adds a message to the holder of the complaint.
#[utoipa::path(post, path = "/complaints/{reference}/messages")]
async fn add_message(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
    key: IdempotencyKey,
    body: Body<NewMessage>,
) -> Result<Created<Followed>, ApiError> {
    caller
        .scope(move |scope| {
            let (reference, code) = (&reference.0.0, &code.0);
            let done = key.run(scope, &body, |scope, new| complaints::add_message(scope, reference, code, new))?;
            let followed = complaints::follow(scope, reference, code)?;
            Ok(Created::at(format!("/v1/partner/complaints/{}", followed.reference), &followed)?.replayed_if(&done))
        })
        .await
}
