//! Versions: every answer that shows one resource carries its `ETag`, and every change names the version that it
//! changes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use utoipa::openapi::{ObjectBuilder, Required};

use crate::ground::headers::{VERSION, printable};
use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::Representation;

/// Returns the strong `ETag` of a version.
pub(crate) fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// Returns the schema of an `ETag` in a request.
pub(crate) fn tag() -> ObjectBuilder {
    printable().max_length(Some(64)).examples(["\"1\""])
}

/// The version that the caller means to change, from `If-Match`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(i32);

impl IfMatch {
    /// Whether the caller's version is the version of this resource. Answers 412 if it is not.
    pub(crate) fn check_of<T: Representation>(self, current: &T) -> Result<(), ApiError> {
        // A resource without a version cannot be changed by one: this does not compile.
        let version = const {
            match T::VERSION {
                Some(version) => version,
                None => panic!("a change is of something with a version"),
            }
        };
        self.check(version(current))
    }

    /// Whether the caller's version is the current one. Answers 412 if it is not.
    pub(crate) fn check(self, current: i32) -> Result<(), ApiError> {
        if self.0 == current { Ok(()) } else { Err(ApiError::version_mismatch(current)) }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get(header::IF_MATCH) else {
            return ready(Err(
                ApiError::new(Kind::IfMatchMissing).detail("Send the ETag of the version that you read.")
            ));
        };
        let version =
            value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        // A text that is not an ETag of the service is the version of nothing, and does not match.
        ready(Ok(Self(version.unwrap_or(-1))))
    }
}

impl Argument for IfMatch {
    fn describe(description: &mut Description) {
        let words = "The `ETag` of the version that is to be changed";
        description.header_parameter("If-Match", Required::True, words, tag().pattern(Some(VERSION)));
        description.refuses(&[Kind::IfMatchMissing, Kind::VersionMismatch]);
    }
}
