//! The `Idempotency-Key` header: sent twice, done once.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use almoner_persistence::idempotency::{self, Claims, Made, Once};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required};

use crate::ground::body::Body;
use crate::ground::problem::{ApiError, Kind};

const HEADER: &str = "Idempotency-Key";

/// The caller's key for a creating request.
#[derive(Debug)]
pub(crate) struct IdempotencyKey {
    key: String,
    method: String,
    path: String,
}

impl IdempotencyKey {
    /// Does the work unless this key has done it before, for the same content.
    pub(crate) fn run<'s, S: Claims<'s>, T>(
        &self,
        scope: &mut S,
        body: &Body<T>,
        work: impl FnOnce(&mut S, &T) -> Result<Made, ApiError>,
    ) -> Result<Once, ApiError> {
        let key = idempotency::IdempotencyKey::new(
            self.key.clone(),
            &[self.method.as_bytes(), self.path.as_bytes(), &body.raw],
        );
        idempotency::once(scope, &key, |scope| work(scope, &body.value))
    }
}

impl IdempotencyKey {
    /// The same, for a request without content.
    pub(crate) fn run_bare<'s, S: Claims<'s>>(
        &self,
        scope: &mut S,
        work: impl FnOnce(&mut S) -> Result<Made, ApiError>,
    ) -> Result<Once, ApiError> {
        let key = idempotency::IdempotencyKey::new(self.key.clone(), &[self.method.as_bytes(), self.path.as_bytes()]);
        idempotency::once(scope, &key, work)
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = |detail: &str| ready(Err(ApiError::new(Kind::KeyMissing).detail(detail)));
        let Some(value) = request.headers().get(HEADER) else {
            return missing("Send a value of your own, such as a UUID, that is new for each thing you create.");
        };
        let Some(key) = value.to_str().ok().filter(|key| (8..=255).contains(&key.len())) else {
            return missing("It must be 8 to 255 printable ASCII characters.");
        };
        ready(Ok(Self { key: key.to_owned(), method: request.method().to_string(), path: request.path().to_owned() }))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name(HEADER)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(
                    "A value of the caller's own, new for each thing that is created; the same request sent again with it is done once",
                ))
                .schema(Some(
                    ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::Type::String)
                        .min_length(Some(8))
                        .max_length(Some(255))
                        .examples(["6f1c2a8e-5d0b-4a3f-9c7e-2b1d0e9f8a7c"]),
                ))
                .build(),
        ]
    }
}
