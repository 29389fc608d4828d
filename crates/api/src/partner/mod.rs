//! The partner door: apps that lodge and follow complaints for people.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, post};
use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_persistence::complaints::{self, Followed, NewMessage, Receipt};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::body::Body;
use crate::caller::Caller;
use crate::once::OnceKey;
use crate::page::Path;
use crate::permission::LodgeComplaints;
use crate::problem::{ApiError, Kind};
use crate::reply::Reply;

/// Every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope("/v1/partner").service(lodge).service(follow).service(add_message));
}

const HEADER: &str = "Complaint-Access-Code";

/// The code that came with the receipt. Without it a complaint is not there.
struct AccessCode(String);

impl FromRequest for AccessCode {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let code = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
        ready(code.map(|code| Self(code.trim().to_owned())).ok_or_else(|| ApiError::new(Kind::NotFound)))
    }
}

impl IntoParams for AccessCode {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name(HEADER)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some("The access code that came with the receipt"))
                .schema(Some(
                    ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).max_length(Some(64)),
                ))
                .build(),
        ]
    }
}

/// Lodges a complaint about a practice. The receipt has the reference, the access code, which is shown this once, the days by
/// which the complaint is acknowledged and answered, and what somebody who complains may count on.
#[utoipa::path(
    params(OnceKey),
    request_body = LodgeComplaint,
    responses((status = 201, description = "The receipt", body = Receipt)),
    security(("partner" = ["complaints"])),
)]
#[post("/complaints")]
async fn lodge(caller: Caller<LodgeComplaints>, once: OnceKey, body: Body<LodgeComplaint>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(complaints::lodge(scope, new)?))?;
            let receipt = complaints::find_lodged(scope, done.id(), done.secret())?;
            let location = format!("/v1/partner/complaints/{}", receipt.reference);
            Ok(Reply::created(&receipt, location)?.once(&done))
        })
        .await
}

/// How far a complaint has come, and what was written.
#[utoipa::path(
    params(("reference" = String, Path, description = "The reference of the complaint"), AccessCode),
    responses((status = 200, description = "The complaint", body = Followed)),
    security(("partner" = ["complaints"])),
)]
#[get("/complaints/{reference}")]
async fn follow(caller: Caller<LodgeComplaints>, reference: Path<String>, code: AccessCode) -> Result<Reply, ApiError> {
    caller.scope(move |scope| Reply::ok(&complaints::follow(scope, &reference.0, &code.0)?)).await
}

/// Writes to whoever handles the complaint.
#[utoipa::path(
    params(("reference" = String, Path, description = "The reference of the complaint"), AccessCode, OnceKey),
    request_body = NewMessage,
    responses((status = 201, description = "The complaint, with the message", body = Followed)),
    security(("partner" = ["complaints"])),
)]
#[post("/complaints/{reference}/messages")]
async fn add_message(
    caller: Caller<LodgeComplaints>,
    reference: Path<String>,
    code: AccessCode,
    once: OnceKey,
    body: Body<NewMessage>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| {
                Ok(complaints::add_message(scope, &reference.0, &code.0, new)?.into())
            })?;
            let followed = complaints::follow(scope, &reference.0, &code.0)?;
            let location = format!("/v1/partner/complaints/{}", reference.0);
            Ok(Reply::created(&followed, location)?.once(&done))
        })
        .await
}
