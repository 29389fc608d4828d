//! tus 1.0.0, the protocol of resumable uploads: its headers, and a piece of a content as it arrives. The extensions creation,
//! checksum, expiration and termination are served (<https://tus.io/protocols/resumable-upload>).

use std::future::{Ready, ready};
use std::time::{Duration, SystemTime};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, HttpDate};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use almoner_domain::documents::limits::LARGEST;
use almoner_domain::ids::ObjectId;
use almoner_persistence::Objects;
use almoner_persistence::documents::uploads::{ArrivedPiece, ArrivingPiece, Upload};
use data_encoding::BASE64;
use futures_util::StreamExt as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Required};

use crate::ground::headers::{self, printable};
use crate::ground::operation::{Answer, Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::routes::Found;
use crate::ground::service::Service;
use crate::ground::upload::{LONGEST, binary, read_in_vain};

const VERSION: &str = "1.0.0";
const RESUMABLE: &str = "Tus-Resumable";
const LENGTH: &str = "Upload-Length";
const OFFSET: &str = "Upload-Offset";
const EXPIRES: &str = "Upload-Expires";
const CHECKSUM: &str = "Upload-Checksum";
const PIECE: &str = "application/offset+octet-stream";

/// What the service says of itself, on the answers at the addresses of uploads.
const SERVED: [(&str, &str); 5] = [
    (RESUMABLE, VERSION),
    ("Tus-Version", VERSION),
    ("Tus-Extension", "creation,checksum,expiration,termination"),
    ("Tus-Checksum-Algorithm", "sha1,sha256"),
    ("Tus-Max-Size", "26214400"),
];

/// Writes on an answer at the address of an upload what the service says of itself, whatever the answer is.
pub(crate) fn introduce(found: Found, headers: &mut HeaderMap) {
    if found.pattern().split('/').any(|segment| segment == "uploads") {
        for (name, value) in SERVED {
            if let Ok(name) = HeaderName::try_from(name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
    }
}

fn text<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn malformed(detail: impl Into<String>) -> ApiError {
    ApiError::new(Kind::MalformedHeader).detail(detail)
}

/// Refuses a request that does not say that it speaks the version of tus that the service does.
fn expect_version(request: &HttpRequest) -> Result<(), ApiError> {
    if text(request, RESUMABLE) == Some(VERSION) {
        return Ok(());
    }
    Err(ApiError::new(Kind::TusVersionUnsupported).detail(format!("Send {RESUMABLE}: {VERSION}.")))
}

fn describe_version(description: &mut Description) {
    let words = "The version of tus that the request speaks";
    let version = ObjectBuilder::new().enum_values(Some([VERSION])).examples([VERSION]);
    description.header_parameter(RESUMABLE, Required::True, words, version);
    description.refuses(&[Kind::TusVersionUnsupported]);
}

/// Reads a number of bytes.
fn bytes(request: &HttpRequest, name: &'static str) -> Result<u64, ApiError> {
    let wrong = || malformed(format!("Send {name}, with a number of bytes."));
    let written = text(request, name).ok_or_else(wrong)?;
    let is_plain = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    written.parse().ok().filter(|_| is_plain).ok_or_else(wrong)
}

/// The schema of a number of bytes that a document may have, or of one that its beginning may.
fn number() -> ObjectBuilder {
    printable().pattern(Some("^(0|[1-9][0-9]{0,7})$")).max_length(Some(8)).examples(["7340032"])
}

/// The sizes that a document may have: 1 to 26,214,400.
const SIZES: &str = "^([1-9][0-9]{0,6}|1[0-9]{7}|2[0-5][0-9]{6}|26[01][0-9]{5}|2620[0-9]{4}|2621[0-3][0-9]{3}|26214[0-3][0-9]{2}|26214400)$";

/// The checksums that a piece may have.
const CHECKSUMS: &str = "^(sha1 [A-Za-z0-9+/]{27}=|sha256 [A-Za-z0-9+/]{43}=)$";

/// A request that speaks tus.
pub(crate) struct SpeaksTus;

impl FromRequest for SpeaksTus {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(expect_version(request).map(|()| Self))
    }
}

impl Argument for SpeaksTus {
    fn describe(description: &mut Description) {
        describe_version(description);
    }
}

/// A request to begin an upload: the number of bytes that are to come, 1 to 25 MB.
pub(crate) struct Begin(pub(crate) u64);

impl FromRequest for Begin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(expect_version(request).and_then(|()| match bytes(request, LENGTH)? {
            0 => Err(malformed(format!("{LENGTH} must be at least 1: no document is empty."))),
            size if size > LARGEST => Err(too_large(LARGEST)),
            size => Ok(Self(size)),
        }))
    }
}

impl Argument for Begin {
    fn describe(description: &mut Description) {
        describe_version(description);
        let words = "The number of bytes that are to come, 1 to 26,214,400";
        description.header_parameter(LENGTH, Required::True, words, number().pattern(Some(SIZES)));
        description.refuses(&[Kind::MalformedHeader, Kind::ContentTooLarge, Kind::InvalidState]);
    }
}

fn too_large(most: u64) -> ApiError {
    ApiError::new(Kind::ContentTooLarge).detail(format!("There may be at most {most} bytes."))
}

/// The checksum of a piece, while it is computed.
enum Checksum {
    Sha1(Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl Checksum {
    /// Reads `Upload-Checksum`, if the request has it: the name of an algorithm and the checksum in base64.
    fn of(request: &HttpRequest) -> Result<Option<Self>, ApiError> {
        let Some(value) = request.headers().get(CHECKSUM) else { return Ok(None) };
        let wrong = || malformed(format!("{CHECKSUM} must be such as `sha256 BASE64`, or `sha1 BASE64`."));
        let (algorithm, checksum) =
            value.to_str().ok().and_then(|value| value.trim().split_once(' ')).ok_or_else(wrong)?;
        let checksum = BASE64.decode(checksum.trim().as_bytes()).map_err(|_| wrong())?;
        match algorithm {
            "sha1" => Ok(Some(Self::Sha1(Sha1::new(), checksum))),
            "sha256" => Ok(Some(Self::Sha256(Sha256::new(), checksum))),
            _ => Err(wrong()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn agrees(self) -> bool {
        match self {
            Self::Sha1(hash, checksum) => hash.finalize()[..] == checksum[..],
            Self::Sha256(hash, checksum) => hash.finalize()[..] == checksum[..],
        }
    }
}

/// A piece of a content that is arriving.
pub(crate) struct Piece {
    /// The bytes of the upload that came before it.
    pub(crate) from: i64,
    checksum: Option<Checksum>,
    /// The longest time between two parts of it.
    patience: Duration,
    payload: web::Payload,
}

impl Piece {
    /// Takes the piece in, of which at most `rest` bytes are to come. A piece that breaks off is as long as what came of it,
    /// unless it has a checksum: then it is thrown away, as one is whose checksum is another. `None` if nothing came.
    pub(crate) async fn receive(
        mut self,
        objects: &Objects,
        object: ObjectId,
        rest: u64,
    ) -> Result<Option<ArrivedPiece>, ApiError> {
        let received = self.take_in(objects, object, rest).await;
        if received.is_err() {
            self.refuse().await;
        }
        received
    }

    /// Ends a piece that is refused.
    pub(crate) async fn refuse(mut self) {
        read_in_vain(&mut self.payload, self.patience, 0).await;
    }

    async fn take_in(
        &mut self,
        objects: &Objects,
        object: ObjectId,
        rest: u64,
    ) -> Result<Option<ArrivedPiece>, ApiError> {
        let mut arriving = ArrivingPiece::begin(objects, object).await?;
        let until = tokio::time::Instant::now() + LONGEST;
        let mut came = 0;
        loop {
            let next = tokio::time::timeout_at(until, tokio::time::timeout(self.patience, self.payload.next())).await;
            let bytes = match next {
                Ok(Ok(Some(Ok(bytes)))) => bytes,
                Ok(Ok(None)) => break,
                // The connection broke off, or is too slow: what came is kept, and the sender goes on from there.
                Ok(Ok(Some(Err(_))) | Err(_)) | Err(_) if self.checksum.is_none() => break,
                _ => return Err(ApiError::new(Kind::Timeout)),
            };
            came += bytes.len() as u64;
            if came > rest {
                return Err(too_large(rest));
            }
            if let Some(checksum) = &mut self.checksum {
                checksum.update(&bytes);
            }
            arriving.take(&bytes).await?;
        }
        if self.checksum.take().is_some_and(|checksum| !checksum.agrees()) {
            return Err(ApiError::new(Kind::ChecksumMismatch));
        }
        Ok(arriving.finish().await?)
    }
}

impl FromRequest for Piece {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload).into_inner().map_err(ApiError::internal);
        ready(payload.and_then(|payload| {
            expect_version(request)?;
            if !text(request, header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.eq_ignore_ascii_case(PIECE)) {
                return Err(ApiError::new(Kind::UnsupportedMediaType).detail(format!("Send Content-Type: {PIECE}.")));
            }
            let from = i64::try_from(bytes(request, OFFSET)?)
                .map_err(|_| malformed(format!("{OFFSET} must be a number of bytes that an upload may have.")))?;
            Ok(Self {
                from,
                checksum: Checksum::of(request)?,
                patience: Service::of(request)?.settings.request_timeout,
                payload,
            })
        }))
    }
}

impl Argument for Piece {
    fn describe(description: &mut Description) {
        describe_version(description);
        let words = "The number of bytes that the upload has: the piece goes on from there";
        description.header_parameter(OFFSET, Required::True, words, number());
        let words = "The checksum of the piece: `sha256` or `sha1`, a blank, and the checksum in base64";
        let checksum =
            printable().pattern(Some(CHECKSUMS)).max_length(Some(51)).examples(["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]);
        description.header_parameter(CHECKSUM, Required::False, words, checksum);
        let bytes = ContentBuilder::new().schema(Some(binary())).example(Some("…".into())).build();
        description.content(PIECE, bytes, Some("The next bytes of the content, as many as the sender likes"));
        description.refuses(&[
            Kind::MalformedHeader,
            Kind::InvalidState,
            Kind::ContentTooLarge,
            Kind::UnsupportedMediaType,
            Kind::ChecksumMismatch,
        ]);
    }
}

/// An answer that says how far an upload is.
pub(crate) struct Progress<A> {
    answer: A,
    upload: Upload,
}

impl<A> Progress<A> {
    /// Has an answer say how far this upload is.
    pub(crate) fn of(upload: Upload, answer: A) -> Self {
        Self { answer, upload }
    }
}

impl<A: Responder<Body = BoxBody>> Responder for Progress<A> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.answer.respond_to(request);
        let expires = HttpDate::from(SystemTime::from(self.upload.expires_at)).to_string();
        let values =
            [(OFFSET, self.upload.received.to_string()), (LENGTH, self.upload.size.to_string()), (EXPIRES, expires)];
        for (name, value) in values {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl<A: Answer + Responder<Body = BoxBody>> Answer for Progress<A> {
    fn describe(description: &mut Description) {
        A::describe(description);
        description.with_headers([
            (OFFSET, headers::described(number(), "The number of bytes that came.")),
            (LENGTH, headers::described(number(), "The number of bytes that are to come in all.")),
            (
                EXPIRES,
                headers::described(printable().max_length(Some(40)), "When the upload expires (RFC 9110 §5.6.7)."),
            ),
        ]);
    }
}
