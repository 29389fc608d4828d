//! The content of a document, as it is sent in: streamed from the connection to where documents are stored.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, ContentDisposition, DispositionType};
use actix_web::{FromRequest, HttpRequest, web};
use almoner_domain::documents::limits::LARGEST;
use almoner_domain::documents::{DocumentKind, DocumentName, Places};
use almoner_domain::fault::Fault;
use almoner_domain::ids::ObjectId;
use almoner_persistence::Objects;
use almoner_persistence::documents::uploads::Pieces;
use almoner_persistence::documents::{Received, Reception};
use data_encoding::BASE64;
use futures_util::StreamExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Required, Type};

use crate::ground::headers::printable;
use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;

/// The header with the name of the document.
const DISPOSITION: &str = "Content-Disposition";
/// The header with the hash of the content (RFC 9530).
const DIGEST: &str = "Content-Digest";

/// The longest time in which a content is sent: 25 MB at a megabit a second, and some.
pub(crate) const LONGEST: Duration = Duration::from_mins(5);

/// The greatest number of bytes of a refused content that are read, so that a caller who sends the whole content before they
/// read the answer reads it.
const READ_IN_VAIN: u64 = LARGEST + 1024 * 1024;

/// Where the content of a document comes from.
pub(crate) enum Source {
    /// The request itself.
    Connection,
    /// An upload, which is all there.
    Upload(Box<Pieces>),
}

/// A document that is being sent in.
pub(crate) struct Upload {
    /// The name of the document.
    pub(crate) name: DocumentName,
    /// The kind that the request declares.
    pub(crate) declared: DocumentKind,
    digest: Option<[u8; 32]>,
    /// The size that was declared, if it was.
    length: Option<u64>,
    /// The longest time between two pieces.
    patience: Duration,
    payload: web::Payload,
}

impl Upload {
    /// Returns the size that the content is said to have. One that is said to be too large is no larger than the largest.
    pub(crate) fn declared_size(&self) -> u64 {
        self.length.unwrap_or(0).min(LARGEST)
    }

    /// Takes the content in. One that is empty, too large, broken off, of no kind that is taken, or other than was declared is
    /// refused, and nothing is left of it.
    pub(crate) async fn receive(
        mut self,
        objects: &Objects,
        object: ObjectId,
        mut source: Source,
        places: Option<Places>,
    ) -> Result<Received, ApiError> {
        let mut read = 0;
        let taking = self.take_in(objects, object, places, &mut source, &mut read);
        let taken = match tokio::time::timeout(LONGEST, taking).await {
            Ok(taken) => taken,
            Err(_) => Err(ApiError::new(Kind::Timeout)),
        };
        if taken.is_err() {
            read_in_vain(&mut self.payload, self.patience, read).await;
        }
        taken
    }

    async fn take_in(
        &mut self,
        objects: &Objects,
        object: ObjectId,
        places: Option<Places>,
        source: &mut Source,
        read: &mut u64,
    ) -> Result<Received, ApiError> {
        let too_large =
            || ApiError::new(Kind::ContentTooLarge).detail(format!("A document may have at most {LARGEST} bytes."));
        if self.length.is_some_and(|length| length > LARGEST) {
            return Err(too_large());
        }
        let mut reception = Reception::begin(objects, object, places).await?;
        let mut arrived = self.digest.map(|_| Sha256::new());
        let mut hash = |piece: &[u8]| arrived.iter_mut().for_each(|arrived| arrived.update(piece));
        while let Some(piece) = self.next().await? {
            *read += piece.len() as u64;
            if *read > LARGEST {
                return Err(too_large());
            }
            if let Source::Upload(_) = source {
                return Err(ApiError::validation_failed(vec![Fault::new(
                    "",
                    "must be empty: the upload is the content",
                )]));
            }
            hash(&piece);
            reception.take(&piece).await?;
        }
        if let Source::Upload(pieces) = source {
            while let Some(piece) = pieces.next().await? {
                hash(&piece);
                reception.take(&piece).await?;
            }
        }
        let received = reception.finish().await?;
        let mut faults = Vec::new();
        if let Err(why) = received.kind.agrees_with(self.declared) {
            faults.push(Fault::new(header::CONTENT_TYPE.as_str(), why.to_string()));
        }
        if self.digest.zip(arrived).is_some_and(|(digest, arrived)| digest[..] != arrived.finalize()[..]) {
            faults.push(Fault::new(DIGEST, "must be the hash of the content that arrived"));
        }
        if faults.is_empty() {
            return Ok(received);
        }
        received.discard().await;
        Err(ApiError::validation_failed(faults))
    }

    /// Reads the next piece from the connection.
    async fn next(&mut self) -> Result<Option<web::Bytes>, ApiError> {
        let next = tokio::time::timeout(self.patience, self.payload.next()).await;
        let next = next.map_err(|_| ApiError::new(Kind::Timeout))?;
        next.transpose().map_err(|error| broken_off(&error))
    }

    /// Ends a document that was refused before its content was read.
    pub(crate) async fn refuse(mut self) {
        read_in_vain(&mut self.payload, self.patience, 0).await;
    }
}

/// Reads what is left of a content that was refused, within reason: `read` bytes of it were read before.
pub(crate) async fn read_in_vain(payload: &mut web::Payload, patience: Duration, mut read: u64) {
    let rest = async {
        while let Some(Ok(piece)) = payload.next().await {
            read += piece.len() as u64;
            if read > READ_IN_VAIN {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(patience, rest).await;
}

fn broken_off(_: &PayloadError) -> ApiError {
    ApiError::validation_failed(vec![Fault::new("", "must be whole: the connection closed before it was")])
}

fn malformed(detail: &str) -> ApiError {
    ApiError::new(Kind::MalformedHeader).detail(detail)
}

/// Reads the name of the document, which is of this kind.
fn name_of(request: &HttpRequest, kind: DocumentKind) -> Result<DocumentName, ApiError> {
    let missing = || malformed("Send Content-Disposition: attachment; filename=\"…\", with the name of the document.");
    let value = request.headers().get(header::CONTENT_DISPOSITION).ok_or_else(missing)?;
    let disposition = ContentDisposition::from_raw(value).map_err(|_| missing())?;
    if disposition.disposition != DispositionType::Attachment {
        return Err(missing());
    }
    let name = match (disposition.get_filename_ext(), disposition.get_filename()) {
        (Some(extended), _) => String::from_utf8(extended.value.clone())
            .map_err(|_| malformed("The filename* of Content-Disposition must be in UTF-8, as RFC 8187 writes it."))?,
        (None, Some(name)) => name.to_owned(),
        (None, None) => return Err(missing()),
    };
    DocumentName::parse(&name, kind)
        .map_err(|why| ApiError::validation_failed(vec![Fault::new(DISPOSITION, why.to_string())]))
}

/// Reads the SHA-256 hash of the content, if the request says it. A hash of another kind is passed over.
fn digest_of(request: &HttpRequest) -> Result<Option<[u8; 32]>, ApiError> {
    let wrong = || malformed("Content-Digest must be such as sha-256=:BASE64:, with the hash of the content.");
    let Some(value) = request.headers().get(DIGEST) else { return Ok(None) };
    let value = value.to_str().map_err(|_| wrong())?;
    let hashes = value.split(',').filter_map(|one| one.trim().split_once('='));
    let Some((_, hash)) = hashes.into_iter().find(|(kind, _)| kind.eq_ignore_ascii_case("sha-256")) else {
        return if value.contains('=') { Ok(None) } else { Err(wrong()) };
    };
    let base64 = hash.strip_prefix(':').and_then(|hash| hash.strip_suffix(':')).ok_or_else(wrong)?;
    let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| wrong())?;
    <[u8; 32]>::try_from(bytes.as_slice()).map(Some).map_err(|_| wrong())
}

fn read_head(request: &HttpRequest, payload: web::Payload) -> Result<Upload, ApiError> {
    let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_coded = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| {
        let coding = coding.as_bytes().trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    });
    let declared = DocumentKind::declared(declared).filter(|_| !is_coded).ok_or_else(|| {
        let kinds: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.media_type()).collect();
        ApiError::new(Kind::UnsupportedMediaType)
            .detail(format!("Send Content-Type, and no Content-Encoding: one of {}.", kinds.join(", ")))
    })?;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(Upload {
        name: name_of(request, declared)?,
        declared,
        digest: digest_of(request)?,
        length,
        patience: Service::of(request)?.settings.request_timeout,
        payload,
    })
}

impl FromRequest for Upload {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload).into_inner().map_err(ApiError::internal);
        ready(payload.and_then(|payload| read_head(request, payload)))
    }
}

impl Argument for Upload {
    fn describe(description: &mut Description) {
        let contents = DocumentKind::ALL.iter().map(|kind| {
            let bytes = binary().description(Some("The content of the document."));
            let content = ContentBuilder::new().schema(Some(bytes)).example(Some(example(*kind))).build();
            (kind.media_type(), content)
        });
        description.contents(contents, Some("The document as it is, of at most 25 MB"));
        let name = printable().max_length(Some(2000)).examples([NAME]);
        let words = "The name of the document, as `filename`, or as `filename*` in UTF-8 (RFC 6266)";
        description.header_parameter(DISPOSITION, Required::True, words, name);
        let hash = printable().max_length(Some(500)).examples([HASH]);
        let words = "The SHA-256 hash of the content (RFC 9530): a content that arrived otherwise is refused";
        description.header_parameter(DIGEST, Required::False, words, hash);
        description.refuses(&[
            Kind::MalformedHeader,
            Kind::ContentTooLarge,
            Kind::UnsupportedMediaType,
            Kind::ValidationFailed,
            Kind::InvalidState,
        ]);
    }
}

const NAME: &str = "attachment; filename=\"Care plan.pdf\"";
const HASH: &str = "sha-256=:CIIprceM/l9gZIhgdR/uhQKUS6LfMUt9PHWI2v9ZSiY=:";

/// Returns the schema of a content that is no JSON.
pub(crate) fn binary() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[\s\S]*$")).max_length(usize::try_from(LARGEST).ok())
}

/// Returns the beginning of a content of this kind, for the document.
pub(crate) fn example(kind: DocumentKind) -> serde_json::Value {
    json!(match kind {
        DocumentKind::Txt => "Saw Edith at home. She wants to go on cooking for herself.",
        DocumentKind::Pdf => "%PDF-1.7 …",
        _ => "…",
    })
}
