//! An answer, made whole inside the transaction: if it cannot be written, nothing happened.

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_persistence::idempotency::Once;
use serde::Serialize;

use crate::ground::etag::etag;
use crate::ground::problem::ApiError;

/// An answer with JSON in it, or with nothing.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    version: Option<i32>,
    location: Option<String>,
    replayed: bool,
    computed: bool,
    media_type: &'static str,
}

impl Reply {
    /// 200 with this.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::with(StatusCode::OK, body)
    }

    /// 200 with each of these on a line of its own (NDJSON).
    pub(crate) fn lines(items: &[impl Serialize]) -> Result<Self, ApiError> {
        let mut body = Vec::new();
        for item in items {
            serde_json::to_writer(&mut body, item).map_err(ApiError::internal)?;
            body.push(b'\n');
        }
        Ok(Self { body, media_type: "application/x-ndjson", ..Self::ok(&())? })
    }

    /// 201 with this, which is at `location`.
    pub(crate) fn created(body: &impl Serialize, location: String) -> Result<Self, ApiError> {
        Ok(Self { location: Some(location), ..Self::with(StatusCode::CREATED, body)? })
    }

    /// 204.
    pub(crate) fn nothing() -> Self {
        Self::of(StatusCode::NO_CONTENT, Vec::new())
    }

    /// With the `ETag` of this version.
    pub(crate) fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// Says that part of it changes without its version, which is for `If-Match` alone: it is never answered as unchanged.
    pub(crate) fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Says so if the work was done by an earlier request with the same key.
    pub(crate) fn once(mut self, once: &Once) -> Self {
        self.replayed = matches!(once, Once::Replayed(_));
        self
    }

    fn with(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(body).map_err(ApiError::internal)?;
        Ok(Self::of(status, body))
    }

    fn of(status: StatusCode, body: Vec<u8>) -> Self {
        let media_type = "application/json";
        Self { status, body, version: None, location: None, replayed: false, computed: false, media_type }
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let tag = self.version.map(etag);
        let asked = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let unchanged = self.status == StatusCode::OK
            && !self.computed
            && request.method() == actix_web::http::Method::GET
            && tag.as_deref().is_some_and(|tag| asked == Some(tag));
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { self.status });
        if let Some(tag) = tag {
            response.insert_header((header::ETAG, tag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if unchanged || self.status == StatusCode::NO_CONTENT {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.media_type));
        response.body(self.body)
    }
}
