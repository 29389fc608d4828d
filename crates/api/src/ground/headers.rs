//! The headers of answers, as the OpenAPI document describes them. A header that is on every answer of its status is
//! required; the others say when they are there.

use actix_web::http::StatusCode;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::Header;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Response, Schema, SchemaFormat, Type};

use crate::ground::problem::Kind;
use crate::ground::trace::PATTERN;

/// A header with its name.
pub(crate) type Named = (&'static str, Header);

/// Adds headers to an answer.
pub(crate) fn add_headers(response: &mut Response, headers: impl IntoIterator<Item = Named>) {
    response.headers.extend(headers.into_iter().map(|(name, header)| (name.to_owned(), RefOr::T(header))));
}

/// Returns the headers that every answer of an operation with this status has. A fault of the service may come before
/// the request is counted, and then its answer does not say what is left of the limit.
pub(crate) fn every_answers_headers(status: StatusCode) -> [Named; 4] {
    let (policy, limit) = (
        text(
            "The limit: `q` requests at once, which are available again after `w` seconds, such as `\"caller\";q=120;w=12`.",
        ),
        text(
            "The rest of the limit: `r` requests now, and all of them after `t` seconds, such as `\"caller\";r=119;t=1`.",
        ),
    );
    let id = header(
        of_format(SchemaFormat::KnownFormat(KnownFormat::Uuid)),
        "The identifier of the request, which is also in the service's log.",
    );
    let trace = printable().pattern(Some(PATTERN)).max_length(Some(55));
    let trace = header(
        trace,
        "The trace of the request (W3C Trace Context), with the span that it is: the caller's, or a new one.",
    );
    // An address that is not spelt plainly names nothing, and is refused before the request is counted.
    let is_counted = !status.is_server_error() && status != StatusCode::NOT_FOUND;
    [
        ("RateLimit-Policy", if is_counted { required(policy) } else { policy }),
        ("RateLimit", if is_counted { required(limit) } else { limit }),
        ("X-Request-Id", required(id)),
        ("traceparent", required(trace)),
    ]
}

/// Returns the headers that come with these problems, which have one status.
pub(crate) fn of_problems(kinds: &[Kind]) -> Vec<Named> {
    let mut headers = Vec::new();
    if kinds.iter().any(|kind| kind.status() == StatusCode::UNAUTHORIZED) {
        headers.push(challenge());
    }
    if kinds.contains(&Kind::VersionMismatch) {
        headers.push(etag());
    }
    if kinds.iter().any(|kind| kind.may_be_retried()) {
        let seconds = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(86_400));
        let seconds = header(seconds, "The seconds to wait.");
        let always = kinds.iter().all(|kind| kind.may_be_retried());
        headers.push(("Retry-After", if always { required(seconds) } else { seconds }));
    }
    headers
}

/// Returns `WWW-Authenticate`, which every answer of 401 has.
pub(crate) fn challenge() -> Named {
    ("WWW-Authenticate", required(text("The kind of credentials that are wanted.")))
}

/// The pattern of an `ETag` of this service.
pub(crate) const VERSION: &str = "^\"[0-9]+\"$";

/// Returns the `ETag` of a version.
pub(crate) fn etag() -> Named {
    let tag = printable().pattern(Some(VERSION)).max_length(Some(64)).examples(["\"1\""]);
    ("ETag", required(header(tag, "The version of the resource now, for `If-Match` and `If-None-Match`.")))
}

/// Returns the address of a new resource.
pub(crate) fn location() -> Named {
    let address = of_format(SchemaFormat::Custom("uri-reference".to_owned()));
    ("Location", required(header(address, "The address of the new resource.")))
}

/// Returns the headers with which the content of a document is given out.
pub(crate) fn of_attachments() -> [Named; 2] {
    let name = printable().max_length(Some(4000)).examples(["attachment; filename=\"Care plan.pdf\""]);
    let policy = printable().max_length(Some(100)).examples(["sandbox"]);
    [
        ("Content-Disposition", required(header(name, "The name under which to save the document (RFC 6266)."))),
        ("Content-Security-Policy", required(header(policy, "Has a browser run nothing of the document."))),
    ]
}

/// Returns `Idempotency-Replayed`.
pub(crate) fn replayed() -> Named {
    let words = "`true` if an earlier request with the same key did the work; left out otherwise.";
    let always_true = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
    ("Idempotency-Replayed", header(always_true, words))
}

/// Returns a header that is on every answer, with this description.
pub(crate) fn described(schema: ObjectBuilder, description: &str) -> Header {
    required(header(schema, description))
}

fn header(schema: impl Into<RefOr<Schema>>, description: &str) -> Header {
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    header
}

fn of_format(format: SchemaFormat) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(format))
}

/// Returns the schema of what a header may have as its value.
pub(crate) fn printable() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[\x20-\x7E]*$"))
}

fn text(description: &str) -> Header {
    header(printable().max_length(Some(500)), description)
}

/// Says that the header is always there. The library's type has no member for it.
fn required(mut header: Header) -> Header {
    header.extensions = Some(Extensions::from_iter([("required", true)]));
    header
}
