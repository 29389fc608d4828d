//! Answers. Each is built inside the transaction, so that nothing happens if it cannot be written. Its type says the
//! status and the schema, which the OpenAPI document reads.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::{OnRecord, Page};
use serde::Serialize;
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{Content, ObjectBuilder, RefOr, ResponseBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::ground::etag::{IfNoneMatch, etag};
use crate::ground::headers;
use crate::ground::operation::{Answer, Description};
use crate::ground::problem::ApiError;

/// A type that an answer shows.
pub(crate) trait Representation: Serialize + ToSchema + 'static {
    /// The member that holds the version, which is the answer's `ETag`; `None` if the type has no version.
    const VERSION: Option<fn(&Self) -> i32> = None;
    /// Whether a part of the type changes without its version. Such a version is for `If-Match` alone, and the answer
    /// is never 304.
    const IS_PARTLY_COMPUTED: bool = false;

    /// Returns a reference to the type's schema.
    fn reference(description: &mut Description) -> RefOr<Schema>
    where
        Self: Sized,
    {
        description.reference::<Self>()
    }

    /// Returns the first sentence of the schema's description.
    fn sentence() -> String {
        first_sentence(&Self::schema()).unwrap_or_else(|| Self::name().into_owned())
    }
}

/// Returns the first sentence of a schema's description.
pub(crate) fn first_sentence(schema: &RefOr<Schema>) -> Option<String> {
    let RefOr::T(schema) = schema else { return None };
    let description = match schema {
        Schema::Object(object) => object.description.as_ref(),
        Schema::AllOf(all) => all.description.as_ref(),
        _ => None,
    }?;
    let text = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = text.split_once(". ").map_or(text.as_str(), |(first, _)| first);
    Some(sentence.trim_end_matches('.').to_owned())
}

impl<T: Representation> Representation for Page<T> {
    fn reference(description: &mut Description) -> RefOr<Schema> {
        let item = T::reference(description);
        let mut schema = Self::schema();
        if let RefOr::T(Schema::Object(page)) = &mut schema
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(item));
        }
        description.define(format!("{}_{}", Self::name(), T::name()), schema)
    }

    fn sentence() -> String {
        format!("A page of these: {}", T::sentence())
    }
}

/// An answer as it is sent, of any type.
struct Response {
    status: StatusCode,
    content: Vec<u8>,
    media_type: &'static str,
    version: Option<i32>,
    location: Option<String>,
    is_replayed: bool,
    /// Whether the answer may be 304.
    is_conditional: bool,
}

impl Response {
    fn empty(status: StatusCode) -> Self {
        Self {
            status,
            content: Vec::new(),
            media_type: "application/json",
            version: None,
            location: None,
            is_replayed: false,
            is_conditional: false,
        }
    }

    fn showing<T: Representation>(status: StatusCode, shown: &T) -> Result<Self, ApiError> {
        Ok(Self {
            content: serde_json::to_vec(shown).map_err(ApiError::internal)?,
            version: T::VERSION.map(|version| version(shown)),
            is_conditional: status == StatusCode::OK && !T::IS_PARTLY_COMPUTED,
            ..Self::empty(status)
        })
    }

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        // A header that cannot be read was refused before the work began (`unread.rs`).
        let is_unchanged = self.is_conditional
            && [Method::GET, Method::HEAD].contains(request.method())
            && self.version.zip(IfNoneMatch::of(request).ok()).is_some_and(|(version, has)| has.includes(version));
        let mut response = HttpResponse::build(if is_unchanged { StatusCode::NOT_MODIFIED } else { self.status });
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, etag(version)));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.is_replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if is_unchanged || self.status == StatusCode::NO_CONTENT {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.media_type));
        response.body(self.content)
    }
}

/// Describes the parts of an answer with a `T` that are the same for each status.
fn describe<T: Representation>(description: &mut Description) -> ResponseBuilder {
    let content = Content::new(Some(T::reference(description)));
    let response = ResponseBuilder::new().description(T::sentence()).content("application/json", content);
    if T::VERSION.is_some() { with_header(response, headers::etag()) } else { response }
}

fn with_header(response: ResponseBuilder, (name, header): headers::Named) -> ResponseBuilder {
    response.header(name, header)
}

macro_rules! responder {
    ($answer:ident) => {
        impl<T: Representation> Responder for $answer<T> {
            type Body = BoxBody;

            fn respond_to(self, request: &HttpRequest) -> HttpResponse {
                self.0.respond_to(request)
            }
        }

        impl<T> $answer<T> {
            /// Marks the answer as replayed if an earlier request with the same key did the work.
            pub(crate) fn replayed_if(mut self, outcome: &IdempotentOutcome) -> Self {
                self.0.is_replayed = matches!(outcome, IdempotentOutcome::Replayed(_));
                self
            }
        }
    };
}

/// An answer of 200 with a `T`, and its `ETag` if it has a version.
pub(crate) struct Reply<T>(Response, PhantomData<fn() -> T>);

responder!(Reply);

impl<T: Representation> Reply<T> {
    pub(crate) fn ok(shown: &OnRecord<T>) -> Result<Self, ApiError> {
        Ok(Self(Response::showing(StatusCode::OK, &**shown)?, PhantomData))
    }
}

impl<T: Representation> Answer for Reply<T> {
    fn describe(description: &mut Description) {
        let response = describe::<T>(description);
        description.answer(StatusCode::OK, response);
        if description.is_get() && T::VERSION.is_some() && !T::IS_PARTLY_COMPUTED {
            IfNoneMatch::describe(description);
            let unchanged =
                ResponseBuilder::new().description("The resource still has a version that `If-None-Match` names");
            let unchanged = with_header(unchanged, headers::etag());
            description.answer(StatusCode::NOT_MODIFIED, unchanged);
        }
    }
}

/// An answer of 201 with a `T` and the address where it is.
pub(crate) struct Created<T>(Response, PhantomData<fn() -> T>);

responder!(Created);

impl<T: Representation> Created<T> {
    pub(crate) fn at(location: String, shown: &OnRecord<T>) -> Result<Self, ApiError> {
        let response = Response::showing(StatusCode::CREATED, &**shown)?;
        Ok(Self(Response { location: Some(location), ..response }, PhantomData))
    }
}

impl<T: Representation> Answer for Created<T> {
    fn describe(description: &mut Description) {
        let response = describe::<T>(description);
        let response = with_header(response, headers::location());
        description.answer(StatusCode::CREATED, response);
    }
}

/// An answer of 201 with a resource that was created now, or 200 with one that existed before.
pub(crate) enum CreatedOrKnown<T> {
    Created(Created<T>),
    Known(Reply<T>),
}

impl<T: Representation> Responder for CreatedOrKnown<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Created(created) => created.respond_to(request),
            Self::Known(reply) => reply.respond_to(request),
        }
    }
}

impl<T: Representation> Answer for CreatedOrKnown<T> {
    fn describe(description: &mut Description) {
        Created::<T>::describe(description);
        Reply::<T>::describe(description);
    }
}

/// An answer of 202: something is handed over, and the answer says no more of it.
pub(crate) struct Accepted<T>(Response, PhantomData<fn() -> T>);

impl<T: Representation> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

impl<T: Representation> Accepted<T> {
    /// Returns the answer that shows this.
    pub(crate) fn showing(shown: &OnRecord<T>) -> Result<Self, ApiError> {
        Ok(Self(Response::showing(StatusCode::ACCEPTED, &**shown)?, PhantomData))
    }
}

impl<T: Representation> Answer for Accepted<T> {
    fn describe(description: &mut Description) {
        let response = describe::<T>(description);
        description.answer(StatusCode::ACCEPTED, response);
    }
}

/// An answer of 204.
pub(crate) struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Response::empty(StatusCode::NO_CONTENT).respond_to(request)
    }
}

impl Answer for NoContent {
    fn describe(description: &mut Description) {
        description.answer(StatusCode::NO_CONTENT, ResponseBuilder::new().description("The work is done"));
    }
}

/// An answer of 200 with a `T`, or 204 if the work was done and the caller may not see the result.
pub(crate) enum ReplyOrNothing<T> {
    Reply(Reply<T>),
    Nothing,
}

impl<T: Representation> Responder for ReplyOrNothing<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Reply(reply) => reply.respond_to(request),
            Self::Nothing => NoContent.respond_to(request),
        }
    }
}

impl<T: Representation> Answer for ReplyOrNothing<T> {
    fn describe(description: &mut Description) {
        Reply::<T>::describe(description);
        let closed = ResponseBuilder::new().description("The work is done, and the result is not open to the caller");
        description.answer(StatusCode::NO_CONTENT, closed);
    }
}

/// An answer of 200 with many items, each on a line of its own (NDJSON).
pub(crate) struct Lines<T>(Response, PhantomData<fn() -> T>);

impl<T: Serialize> Lines<T> {
    pub(crate) fn of(items: &OnRecord<Vec<T>>) -> Result<Self, ApiError> {
        let mut content = Vec::new();
        for item in items.iter() {
            serde_json::to_writer(&mut content, item).map_err(ApiError::internal)?;
            content.push(b'\n');
        }
        let response = Response { content, media_type: "application/x-ndjson", ..Response::empty(StatusCode::OK) };
        Ok(Self(response, PhantomData))
    }
}

impl<T> Responder for Lines<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

/// The greatest number of bytes in an answer of lines, by far.
const LONGEST: usize = 100_000_000;

impl<T: Representation> Answer for Lines<T> {
    fn describe(description: &mut Description) {
        let lines = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^(\{.*\}\n)*$"));
        let mut content = Content::new(Some(lines.max_length(Some(LONGEST))));
        // A schema of each line is no part of OpenAPI before 3.2, which calls it `itemSchema`.
        let line = serde_json::to_value(description.reference::<T>()).unwrap_or_default();
        content.extensions = Some([("x-item-schema", line)].into_iter().collect());
        let words = format!("An object on each line: {}", T::sentence());
        let response = ResponseBuilder::new().description(words).content("application/x-ndjson", content);
        description.answer(StatusCode::OK, response);
    }
}
