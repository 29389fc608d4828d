//! Errors as a caller sees them: problem details (RFC 9457) with a stable type, one table of all of them, and a page
//! for each. The source of an error is logged once and never shown.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use almoner_domain::fault::Fault;
use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::mismatch::Difference;
use almoner_domain::refusal::Refusal;
use almoner_persistence::StoreError;
use almoner_persistence::cases::open_work::OpenWork;
use almoner_persistence::referrals::leaving::NotLeaving;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::caller::FRESH_FOR;
use crate::ground::etag::etag;
use crate::ground::operation::{Description, Refusals};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:literal, $title:literal;)+) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            /// Every kind of problem.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the last part of the type's address.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// Returns the HTTP status of the kind.
            pub fn status(self) -> StatusCode {
                let code = match self { $(Self::$name => $status),+ };
                StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// Returns the title: the kind in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// Returns the page that explains the kind, in Markdown.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../../docs/problems/", $word, ".md"))),+ }
            }
        }
    };
}

problems! {
    /// The content is not JSON.
    MalformedJson = "malformed-json", 400, "Malformed JSON";
    /// The content nests too deeply.
    NestingTooDeep = "nesting-too-deep", 400, "JSON nested too deeply";
    /// A header of the request cannot be read.
    MalformedHeader = "malformed-header", 400, "Malformed header";
    /// A creating request has no Idempotency-Key.
    IdempotencyKeyMissing = "idempotency-key-missing", 400, "Idempotency-Key header required";
    /// The request has no access token, or one that is invalid or expired.
    NotAuthenticated = "not-authenticated", 401, "Access token missing, invalid or expired";
    /// The second factor was proved too long ago.
    StepUpRequired = "step-up-required", 401, "Recent second factor required";
    /// The email address, password, code, client or secret is wrong.
    InvalidCredentials = "invalid-credentials", 401, "Invalid credentials";
    /// The invitation's link was used, has expired, or never existed.
    InvitationExpired = "invitation-expired", 410, "Invitation expired or already used";
    /// Some of the events that the caller asks for are kept no longer.
    EventsRemoved = "events-removed", 410, "Events no longer kept";
    /// The caller's permissions do not cover this.
    Forbidden = "forbidden", 403, "Insufficient permissions";
    /// The register bars the social worker.
    RegistrationLapsed = "registration-lapsed", 403, "Professional registration does not permit this";
    /// The resource does not exist, is another tenant's, or is not open to this caller.
    NotFound = "not-found", 404, "Not found";
    /// The address exists, but not with this method.
    MethodNotAllowed = "method-not-allowed", 405, "Method not allowed";
    /// The service does not know the method.
    MethodUnknown = "method-unknown", 501, "Method unknown";
    /// The resource is in a state from which this step is not possible.
    InvalidState = "invalid-state", 409, "Not possible in the current state";
    /// No delegation or contract covers the work.
    NotDelegated = "not-delegated", 409, "No delegation in force covers this function";
    /// The council's reference was used for other content.
    ReferenceAlreadyUsed = "reference-already-used", 409, "Reference already used for other content";
    /// The member of staff who is to leave has open work.
    OpenWork = "open-work", 409, "The member of staff has open work";
    /// A value that must be unique already exists.
    AlreadyExists = "already-exists", 409, "Value already in use";
    /// The same request is still in progress.
    InProgress = "in-progress", 409, "Another request for this is in progress";
    /// The resource changed since the caller read it.
    VersionMismatch = "version-mismatch", 412, "Resource changed since it was read";
    /// The request does not speak the version of tus that the service does.
    TusVersionUnsupported = "tus-version-unsupported", 412, "Version of tus not supported";
    /// The content is too large.
    ContentTooLarge = "content-too-large", 413, "Content too large";
    /// The content has another media type.
    UnsupportedMediaType = "unsupported-media-type", 415, "Unsupported media type";
    /// The content breaks a rule.
    ValidationFailed = "validation-failed", 422, "Validation failed";
    /// The record of the person whom the caller means differs from the referral, and no reason is given.
    RecordDiffers = "record-differs", 422, "The record differs from the referral";
    /// The Idempotency-Key was used for another request.
    IdempotencyKeyReused = "idempotency-key-reused", 422, "Idempotency-Key already used for another request";
    /// A piece of an upload does not have the checksum that was sent with it (tus 1.0.0).
    ChecksumMismatch = "checksum-mismatch", 460, "Checksum mismatch";
    /// A change has no If-Match.
    IfMatchMissing = "if-match-missing", 428, "If-Match header required";
    /// The caller asked more often than a quota allows.
    TooManyRequests = "too-many-requests", 429, "Too many requests";
    /// The service has a fault.
    InternalError = "internal-error", 500, "Internal error";
    /// The service is overloaded, or the database is not available.
    ServiceUnavailable = "service-unavailable", 503, "Service unavailable";
    /// A deadline falls in a year whose bank holidays are not loaded.
    CalendarUnavailable = "calendar-unavailable", 503, "Bank holidays not loaded for that year";
    /// The request took too long.
    Timeout = "timeout", 504, "Request timed out";
}

impl Kind {
    /// Whether the same request may succeed a little later, so that the answer says when.
    pub(crate) fn may_be_retried(self) -> bool {
        matches!(self, Self::TooManyRequests | Self::InProgress | Self::ServiceUnavailable | Self::Timeout)
    }
}

/// The greatest number of faults that a problem names.
const MOST_FAULTS: usize = 50;

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem: an address, relative to the service's, of a page that explains it.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// The kind of problem, in a few words.
    #[schema(max_length = 100, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    title: String,
    /// The HTTP status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The cause of this problem, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    detail: Option<String>,
    /// The faults of the content, each with its place: the first 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    errors: Vec<FaultShown>,
    /// The details in which a person's record differs from a referral: only where the problem is that they differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5)]
    differences: Vec<Difference>,
    /// The open work of the member of staff who is to leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_work: Option<OpenWork>,
}

/// A fault of the content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultShown {
    /// The place of the fault: a JSON pointer (RFC 6901) into the content, or the name of a parameter as it was sent.
    #[schema(max_length = 1_000_000, pattern = "^[\\s\\S]*$")]
    pointer: String,
    /// The expectation at that place.
    #[schema(max_length = 2000, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    detail: String,
}

/// The reason why a request is refused or fails.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) kind: Kind,
    detail: Option<String>,
    pub(crate) faults: Vec<Fault>,
    /// The person of whose record the problem shows a part, and what it shows.
    shown: Option<Box<(ServiceUserId, Vec<Difference>)>>,
    open_work: Option<Box<OpenWork>>,
    current: Option<i32>,
    allow: Option<&'static str>,
    /// Whether the request had an access token that does not hold (RFC 6750 §3.1).
    has_invalid_token: bool,
    /// The number of seconds to wait before the next request.
    retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            faults: Vec::new(),
            shown: None,
            open_work: None,
            current: None,
            allow: None,
            has_invalid_token: false,
            retry_after: None,
        }
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

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(Kind::MethodNotAllowed) }
    }

    /// Makes the problem of a request whose access token does not hold, or does not hold any more.
    pub(crate) fn invalid_token() -> Self {
        Self { has_invalid_token: true, ..Self::new(Kind::NotAuthenticated) }
    }

    pub(crate) fn too_many_requests(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(Kind::TooManyRequests) }
    }

    /// Returns the person of whose record the problem shows a part.
    pub(crate) fn person_shown(&self) -> Option<ServiceUserId> {
        self.shown.as_ref().map(|shown| shown.0)
    }

    /// Returns the problem as the caller of this method meets it. A request that only reads is in nobody's way: where a lock
    /// is held, the service is not available to it for a moment.
    pub(crate) fn for_method(self, method: &Method) -> Self {
        if self.kind == Kind::InProgress && method.is_safe() { Self::new(Kind::ServiceUnavailable) } else { self }
    }

    /// Makes the problem of a fault of the service. Its source goes to the log, here and only here.
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
            | Refusal::NobodyToScreen
            | Refusal::OpenForAWhile
            | Refusal::StandsInForSomebodyKeptOut
            | Refusal::SignatoryDrawn
            | Refusal::UnderReview
            | Refusal::AlreadyAsked
            | Refusal::ErasureAsked
            | Refusal::Overtaken(_)
            | Refusal::NobodyToAgreeWith
            | Refusal::AnsweredTooLongAgo(_)
            | Refusal::TooManyDocuments(_)
            | Refusal::TooMuchForADay
            | Refusal::TooMuchWithTheCode
            | Refusal::ReplacedAlready
            | Refusal::TooManyUploads
            | Refusal::TooManyPieces
            | Refusal::OffsetDiffers(_)
            | Refusal::UploadUnfinished(_)
            | Refusal::StandsUnder(_)
            | Refusal::TooManyHeads
            | Refusal::TooManyActions
            | Refusal::TooManyRequests
            | Refusal::TooManyAnswers
            | Refusal::NoFont
            | Refusal::NotSettledOnTheSpot
            | Refusal::ActionsOpen => Kind::InvalidState,
            Refusal::NotASignatory
            | Refusal::NotTheReviewer
            | Refusal::NotAllocated
            | Refusal::NoAgreement
            | Refusal::NotWorkingWithPerson
            | Refusal::NotRegistered
            | Refusal::AnotherAnswered => Kind::Forbidden,
            Refusal::NotDelegated(_) | Refusal::NotUnderContract => Kind::NotDelegated,
            Refusal::Barred(_) => Kind::RegistrationLapsed,
        };
        Self::new(kind).detail(format!("{refusal}."))
    }
}

impl From<NotLeaving> for ApiError {
    fn from(reason: NotLeaving) -> Self {
        match reason {
            NotLeaving::OpenWork(open) => Self { open_work: Some(Box::new(open)), ..Self::new(Kind::OpenWork) },
            NotLeaving::Other(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(Kind::NotFound),
            StoreError::NotAuthenticated => Self::invalid_token(),
            StoreError::WrongAddress => {
                Self::new(Kind::Forbidden).detail("The client may not connect from this address.")
            }
            StoreError::VersionMismatch(current) => Self::version_mismatch(current),
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::ValidationFailed(faults) => Self::validation_failed(faults),
            StoreError::RecordDiffers { person, differences } => Self {
                faults: vec![Fault::new(
                    "/mismatch_reason",
                    "is required, because the record differs from the referral",
                )],
                shown: Some(Box::new((person, differences))),
                ..Self::new(Kind::RecordDiffers)
            },
            StoreError::EventsRemoved(number) => Self::new(Kind::EventsRemoved)
                .detail(format!("The events up to number {number} are kept no longer. Ask after {number}.")),
            StoreError::ReferenceAlreadyUsed => Self::new(Kind::ReferenceAlreadyUsed),
            StoreError::AlreadyExists(pointer) => {
                Self { faults: vec![Fault::new(pointer, "is already in use")], ..Self::new(Kind::AlreadyExists) }
            }
            StoreError::IdempotencyKeyReused => Self::new(Kind::IdempotencyKeyReused),
            StoreError::InProgress => Self::new(Kind::InProgress),
            StoreError::Calendar(error) => Self::new(Kind::CalendarUnavailable).detail(format!("{error}.")),
            StoreError::Unavailable(source) | StoreError::WrongRole(source) => {
                tracing::warn!(error = %source, "the database is unavailable");
                Self::new(Kind::ServiceUnavailable)
            }
            StoreError::StorageFailed(source) => {
                tracing::error!(error = %source, "documents cannot be stored or read");
                Self::new(Kind::ServiceUnavailable).detail("Documents cannot be stored or read at the moment.")
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
        description.may_fail();
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
                .take(MOST_FAULTS)
                .map(|fault| FaultShown { pointer: fault.pointer.clone(), detail: fault.detail.clone() })
                .collect(),
            differences: self.shown.as_ref().map_or_else(Vec::new, |shown| shown.1.clone()),
            open_work: self.open_work.as_deref().cloned(),
        };
        let mut response = HttpResponse::build(self.kind.status());
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        match self.kind {
            // RFC 9110 §11.6.1: every answer of 401 has a challenge, also the answer to wrong credentials in the content.
            Kind::NotAuthenticated | Kind::InvalidCredentials => {
                let challenge = if self.has_invalid_token { "Bearer error=\"invalid_token\"" } else { "Bearer" };
                response.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            // RFC 9470 §3 defines the error code and `max_age`.
            Kind::StepUpRequired => {
                let wanted = format!(
                    "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"A fresh second factor is required\", max_age=\"{}\"",
                    FRESH_FOR.num_seconds()
                );
                response.insert_header((header::WWW_AUTHENTICATE, wanted));
            }
            Kind::InProgress | Kind::ServiceUnavailable | Kind::Timeout => {
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
            response.insert_header((header::ALLOW, *allow));
        }
        response.json(problem)
    }
}
