//! What goes wrong, as a caller is told: problem details (RFC 9457) with a stable type, one table of them all, and a page for
//! each. Sources are logged once and never shown.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use almoner_domain::fault::Fault;
use almoner_domain::refusal::Refusal;
use almoner_persistence::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::caller::FRESH_FOR;
use crate::ground::etag::etag;
use crate::ground::operation::{Description, Refusals};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:ident, $title:literal;)+) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The last part of the type's address.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// The page that explains it, in Markdown.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../../docs/problems/", $word, ".md"))),+ }
            }
        }
    };
}

problems! {
    /// The content is not JSON.
    MalformedJson = "malformed-json", BAD_REQUEST, "Malformed JSON";
    /// The content nests too deep.
    NestingTooDeep = "nesting-too-deep", BAD_REQUEST, "JSON nested too deeply";
    /// A creating request without an Idempotency-Key.
    IdempotencyKeyMissing = "idempotency-key-missing", BAD_REQUEST, "Idempotency-Key header required";
    /// No token, or one that does not hold.
    NotAuthenticated = "not-authenticated", UNAUTHORIZED, "Access token missing, invalid or expired";
    /// The second factor was proved too long ago.
    StepUpRequired = "step-up-required", UNAUTHORIZED, "Recent second factor required";
    /// Wrong e-mail address or password, client or secret.
    InvalidCredentials = "invalid-credentials", UNAUTHORIZED, "Invalid credentials";
    /// The link has served, is too old, or never was one.
    InvitationExpired = "invitation-expired", GONE, "Invitation expired or already used";
    /// The caller's permissions do not cover this.
    Forbidden = "forbidden", FORBIDDEN, "Insufficient permissions";
    /// A social worker whom the register bars.
    RegistrationLapsed = "registration-lapsed", FORBIDDEN, "Professional registration does not permit this";
    /// Unknown, another's, or not for this caller.
    NotFound = "not-found", NOT_FOUND, "Not found";
    /// The address exists, the method does not.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The thing is in a state without such a step.
    InvalidState = "invalid-state", CONFLICT, "Not possible in the current state";
    /// No delegation or contract covers the work.
    NotDelegated = "not-delegated", CONFLICT, "No delegation in force covers this function";
    /// A council's reference with other content.
    ReferenceAlreadyUsed = "reference-already-used", CONFLICT, "Reference already used for other content";
    /// A unique value is taken.
    AlreadyExists = "already-exists", CONFLICT, "Value already in use";
    /// The same is still under way.
    InProgress = "in-progress", CONFLICT, "Another request for this is in progress";
    /// It changed since the caller read it.
    VersionMismatch = "version-mismatch", PRECONDITION_FAILED, "Resource changed since it was read";
    /// The content is too large.
    ContentTooLarge = "content-too-large", PAYLOAD_TOO_LARGE, "Content too large";
    /// The content has another media type.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// The content breaks a rule.
    ValidationFailed = "validation-failed", UNPROCESSABLE_ENTITY, "Validation failed";
    /// The Idempotency-Key was used for another request.
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "Idempotency-Key already used for another request";
    /// A change without If-Match.
    IfMatchMissing = "if-match-missing", PRECONDITION_REQUIRED, "If-Match header required";
    /// More was asked for than a quota gives.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    /// A fault of this service.
    InternalError = "internal-error", INTERNAL_SERVER_ERROR, "Internal error";
    /// Overloaded, or the database is away.
    ServiceUnavailable = "service-unavailable", SERVICE_UNAVAILABLE, "Service unavailable";
    /// A deadline falls outside the loaded years.
    CalendarUnavailable = "calendar-unavailable", SERVICE_UNAVAILABLE, "Bank holidays not loaded for that year";
    /// The request took too long.
    Timeout = "timeout", GATEWAY_TIMEOUT, "Request timed out";
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/validation-failed",
    "title": "Validation failed",
    "status": 422,
    "errors": [{ "pointer": "/person/nhs_number", "detail": "must be a valid NHS number" }],
}))]
pub(crate) struct Problem {
    /// What kind it is: an address, relative to the service's, that explains it.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// What kind it is, in a few words.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// This one, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Each fault of the content, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    errors: Vec<FaultShown>,
}

/// A fault of the content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultShown {
    /// Where: a JSON pointer (RFC 6901) into the content, or the name of a parameter.
    pointer: String,
    /// What is expected there.
    detail: String,
}

/// Why a request is not done.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) kind: Kind,
    detail: Option<String>,
    pub(crate) faults: Vec<Fault>,
    current: Option<i32>,
    allow: Option<String>,
    /// Seconds to wait.
    retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, detail: None, faults: Vec::new(), current: None, allow: None, retry_after: None }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn validation_failed(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(Kind::ValidationFailed) }
    }

    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::validation_failed(vec![Fault::new(name, detail)])
    }

    pub(crate) fn version_mismatch(current: i32) -> Self {
        Self { current: Some(current), ..Self::new(Kind::VersionMismatch) }
    }

    pub(crate) fn method_not_allowed(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::new(Kind::MethodNotAllowed) }
    }

    pub(crate) fn too_many_requests(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(Kind::TooManyRequests) }
    }

    /// A fault of ours: the source goes to the log, here and only here.
    pub(crate) fn internal(source: impl std::fmt::Display) -> Self {
        tracing::error!(error = %source, "a request failed");
        Self::new(Kind::InternalError)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.word())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::InvalidState { .. }
            | Refusal::OpenAlready
            | Refusal::NobodyToTell
            | Refusal::NobodyToLift
            | Refusal::OpenForAWhile => Kind::InvalidState,
            Refusal::NotDelegated(_) | Refusal::NotUnderContract => Kind::NotDelegated,
            Refusal::Barred(_) => Kind::RegistrationLapsed,
        };
        Self::new(kind).detail(format!("{refusal}."))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(Kind::NotFound),
            StoreError::NotAuthenticated => Self::new(Kind::NotAuthenticated),
            StoreError::WrongAddress => Self::new(Kind::Forbidden).detail("The client may not come from this address."),
            StoreError::VersionMismatch(current) => Self::version_mismatch(current),
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::ValidationFailed(faults) => Self::validation_failed(faults),
            StoreError::ReferenceAlreadyUsed => Self::new(Kind::ReferenceAlreadyUsed),
            StoreError::AlreadyExists(pointer) => {
                Self { faults: vec![Fault::new(pointer, "is taken")], ..Self::new(Kind::AlreadyExists) }
            }
            StoreError::IdempotencyKeyReused => Self::new(Kind::IdempotencyKeyReused),
            StoreError::InProgress => Self::new(Kind::InProgress),
            StoreError::Calendar(error) => Self::new(Kind::CalendarUnavailable).detail(format!("{error}.")),
            StoreError::Unavailable(source) => {
                tracing::warn!(error = %source, "the database is unavailable");
                Self::new(Kind::ServiceUnavailable)
            }
            error @ (StoreError::Sealed
            | StoreError::Unreadable(_)
            | StoreError::PowerfulRole(_)
            | StoreError::Database(_)) => Self::internal(error),
        }
    }
}

impl Refusals for ApiError {
    fn describe(description: &mut Description) {
        description.refuses(&[Kind::TooManyRequests, Kind::InternalError, Kind::ServiceUnavailable]);
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let problem = Problem {
            kind: format!("/problems/{}", self.kind.word()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            errors: self
                .faults
                .iter()
                .map(|fault| FaultShown { pointer: fault.pointer.clone(), detail: fault.detail.clone() })
                .collect(),
        };
        let mut response = HttpResponse::build(self.kind.status());
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        match self.kind {
            Kind::NotAuthenticated => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            // RFC 9470 §3.
            Kind::StepUpRequired => {
                let wanted = format!(
                    "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"A fresh second factor is required\", max_age=\"{}\"",
                    FRESH_FOR.num_seconds()
                );
                response.insert_header((header::WWW_AUTHENTICATE, wanted));
            }
            Kind::ServiceUnavailable | Kind::Timeout => {
                response.insert_header((header::RETRY_AFTER, "2"));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(version) = self.current {
            response.insert_header((header::ETAG, etag(version)));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        response.json(problem)
    }
}
