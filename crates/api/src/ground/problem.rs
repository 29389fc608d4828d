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
    NotJson = "not-json", BAD_REQUEST, "The content is not JSON";
    /// The content nests too deep.
    TooDeep = "too-deep", BAD_REQUEST, "The content is nested too deep";
    /// A creating request without an Idempotency-Key.
    KeyMissing = "idempotency-key-missing", BAD_REQUEST, "An Idempotency-Key is required";
    /// No token, or one that does not hold.
    NotAuthenticated = "not-authenticated", UNAUTHORIZED, "A valid access token is required";
    /// The second factor was proved too long ago.
    FactorTooOld = "factor-too-old", UNAUTHORIZED, "A fresh second factor is required";
    /// Wrong e-mail address or password, client or secret.
    WrongCredentials = "wrong-credentials", UNAUTHORIZED, "The credentials are not right";
    /// The link has served, is too old, or never was one.
    InvitationEnded = "invitation-ended", GONE, "The link serves no more";
    /// The caller's permissions do not cover this.
    Forbidden = "forbidden", FORBIDDEN, "Your permissions do not cover this";
    /// A social worker whom the register bars.
    RegistrationLapsed = "registration-lapsed", FORBIDDEN, "Your registration does not let you decide";
    /// Unknown, another's, or not for this caller.
    NotFound = "not-found", NOT_FOUND, "There is no such thing here";
    /// The address exists, the method does not.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This address does not take that method";
    /// The thing is in a state without such a step.
    WrongState = "wrong-state", CONFLICT, "It is not in a state for this";
    /// No delegation or contract covers the work.
    NotDelegated = "not-delegated", CONFLICT, "No delegation covers this today";
    /// A council's reference with other content.
    ReferenceTaken = "reference-taken", CONFLICT, "The reference belongs to other content";
    /// A unique value is taken.
    Taken = "taken", CONFLICT, "That value is taken";
    /// The same is still under way.
    UnderWay = "under-way", CONFLICT, "The same is still under way";
    /// It changed since the caller read it.
    Changed = "changed", PRECONDITION_FAILED, "It has changed since you read it";
    /// The content is too large.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The content is too large";
    /// The content has another media type.
    WrongMediaType = "wrong-media-type", UNSUPPORTED_MEDIA_TYPE, "The content must be JSON";
    /// The content breaks a rule.
    Unfit = "unfit", UNPROCESSABLE_ENTITY, "The content breaks a rule";
    /// The Idempotency-Key was used for another request.
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// A change without If-Match.
    MatchMissing = "if-match-missing", PRECONDITION_REQUIRED, "An If-Match header is required";
    /// More was asked for than a quota gives.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "You are asking too often";
    /// A fault of this service.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something is wrong on our side";
    /// Overloaded, or the database is away.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service cannot answer now";
    /// A deadline falls outside the loaded years.
    CalendarUnavailable = "calendar-unavailable", SERVICE_UNAVAILABLE, "The calendar does not reach that far";
    /// The request took too long.
    TooSlow = "too-slow", GATEWAY_TIMEOUT, "The request took too long";
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/unfit",
    "title": "The content breaks a rule",
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

    pub(crate) fn unfit(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(Kind::Unfit) }
    }

    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::unfit(vec![Fault::new(name, detail)])
    }

    pub(crate) fn changed(current: i32) -> Self {
        Self { current: Some(current), ..Self::new(Kind::Changed) }
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
        Self::new(Kind::Internal)
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
            Refusal::WrongState { .. }
            | Refusal::OpenAlready
            | Refusal::NobodyToTell
            | Refusal::NobodyToLift
            | Refusal::OpenForAWhile => Kind::WrongState,
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
            StoreError::Changed(current) => Self::changed(current),
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Unfit(faults) => Self::unfit(faults),
            StoreError::ReferenceTaken => Self::new(Kind::ReferenceTaken),
            StoreError::Taken(pointer) => {
                Self { faults: vec![Fault::new(pointer, "is taken")], ..Self::new(Kind::Taken) }
            }
            StoreError::KeyReused => Self::new(Kind::KeyReused),
            StoreError::UnderWay => Self::new(Kind::UnderWay),
            StoreError::Calendar(error) => Self::new(Kind::CalendarUnavailable).detail(format!("{error}.")),
            StoreError::Unavailable(source) => {
                tracing::warn!(error = %source, "the database is unavailable");
                Self::new(Kind::Unavailable)
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
        description.refuses(&[Kind::TooManyRequests, Kind::Internal, Kind::Unavailable]);
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
            Kind::FactorTooOld => {
                let wanted = format!(
                    "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"A fresh second factor is required\", max_age=\"{}\"",
                    FRESH_FOR.num_seconds()
                );
                response.insert_header((header::WWW_AUTHENTICATE, wanted));
            }
            Kind::Unavailable | Kind::TooSlow => {
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
