//! The `Idempotency-Key` header, with which a repeated request is done once.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use almoner_persistence::idempotency::{self, ClaimingScope, IdempotentOutcome, Made};
use utoipa::openapi::{ObjectBuilder, Required};

use crate::ground::body::Body;
use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};

const HEADER: &str = "Idempotency-Key";

/// The caller's key for a creating request.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey {
    key: String,
    method: String,
    path: String,
}

impl IdempotencyKey {
    /// Does the work unless this key has done it before, for the same content.
    pub(crate) fn run<'s, S: ClaimingScope<'s>, T, M: Into<Made>, E: Into<ApiError>>(
        &self,
        scope: &mut S,
        body: &Body<T>,
        work: impl FnOnce(&mut S, &T) -> Result<M, E>,
    ) -> Result<IdempotentOutcome, ApiError> {
        let key = idempotency::IdempotencyKey::new(
            self.key.clone(),
            &[self.method.as_bytes(), self.path.as_bytes(), &body.content],
        );
        idempotency::run_once(scope, &key, |scope| work(scope, &body.value).map(Into::into).map_err(Into::into))
    }

    /// The same, for a request with content that is not kept: these parts of it say what was asked for.
    pub(crate) fn run_over<'s, S: ClaimingScope<'s>, M: Into<Made>, E: Into<ApiError>>(
        &self,
        scope: &mut S,
        content: &[&[u8]],
        work: impl FnOnce(&mut S) -> Result<M, E>,
    ) -> Result<IdempotentOutcome, ApiError> {
        let parts = [&[self.method.as_bytes(), self.path.as_bytes()], content].concat();
        let key = idempotency::IdempotencyKey::new(self.key.clone(), &parts);
        idempotency::run_once(scope, &key, |scope| work(scope).map(Into::into).map_err(Into::into))
    }

    /// Whether a request with this key was done before, whatever it asked for.
    pub(crate) fn was_used<'s>(&self, scope: &mut impl ClaimingScope<'s>) -> Result<bool, ApiError> {
        Ok(idempotency::was_used(scope, &idempotency::IdempotencyKey::new(self.key.clone(), &[]))?)
    }

    /// The same, for a request without content.
    pub(crate) fn run_bare<'s, S: ClaimingScope<'s>, M: Into<Made>, E: Into<ApiError>>(
        &self,
        scope: &mut S,
        work: impl FnOnce(&mut S) -> Result<M, E>,
    ) -> Result<IdempotentOutcome, ApiError> {
        let key = idempotency::IdempotencyKey::new(self.key.clone(), &[self.method.as_bytes(), self.path.as_bytes()]);
        idempotency::run_once(scope, &key, |scope| work(scope).map(Into::into).map_err(Into::into))
    }
}

/// The same header, for a request that leaves no claim of the caller's own: nothing tells afterwards that the key was used.
pub(crate) struct UnclaimedKey(IdempotencyKey);

impl UnclaimedKey {
    /// Returns the key as the store takes it, for a request with this content.
    pub(crate) fn key<T>(&self, body: &Body<T>) -> idempotency::IdempotencyKey {
        idempotency::IdempotencyKey::new(self.0.key.clone(), &[&body.content])
    }
}

impl FromRequest for UnclaimedKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(IdempotencyKey::from_request(request, payload).into_inner().map(Self))
    }
}

impl Argument for UnclaimedKey {
    fn describe(description: &mut Description) {
        describe_header(description);
        description.refuses(&[Kind::IdempotencyKeyMissing]);
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = |detail: &str| ready(Err(ApiError::new(Kind::IdempotencyKeyMissing).detail(detail)));
        let Some(value) = request.headers().get(HEADER) else {
            return missing("Send a value of your own, such as a UUID, that is new for each thing you create.");
        };
        let Some(key) = value.to_str().ok().filter(|key| (8..=255).contains(&key.len()) && !key.contains('\t')) else {
            return missing("It must be 8 to 255 printable ASCII characters.");
        };
        // An identifier in capitals is the same one.
        let path = request.path().to_ascii_lowercase();
        ready(Ok(Self { key: key.to_owned(), method: request.method().to_string(), path }))
    }
}

fn describe_header(description: &mut Description) {
    let words = "A value of the caller's own, new for each thing that is created; the same request sent again with it is done once";
    let key = ObjectBuilder::new()
        .pattern(Some(r"^[\x20-\x7E]+$"))
        .min_length(Some(8))
        .max_length(Some(255))
        .examples(["6f1c2a8e-5d0b-4a3f-9c7e-2b1d0e9f8a7c"]);
    description.header_parameter(HEADER, Required::True, words, key);
    description.is_keyed();
}

impl Argument for IdempotencyKey {
    fn describe(description: &mut Description) {
        describe_header(description);
        description.refuses(&[Kind::IdempotencyKeyMissing, Kind::IdempotencyKeyReused]);
    }
}
