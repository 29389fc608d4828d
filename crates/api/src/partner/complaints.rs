//! Complaints for the people who lodged them. They are found by their reference and the access code that came with it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_domain::complaints::reference::as_given;
use almoner_domain::complaints::requests::NewRequest;
use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{DocumentId, ObjectId};
use almoner_domain::words::characters::letters_and_digits;
use almoner_persistence::complaints::documents::{self, SentDocument};
use almoner_persistence::complaints::following::{self, Followed};
use almoner_persistence::complaints::intakes;
use almoner_persistence::complaints::lodging;
use almoner_persistence::complaints::messages::NewMessage;
use almoner_persistence::complaints::objecting::{self, Object};
use almoner_persistence::complaints::receipts::{self, Receipt};
use almoner_persistence::complaints::requests;
use almoner_persistence::documents::Received;
use almoner_persistence::{OnRecord, PartnerScope, StoreError};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::letter::{HtmlLetter, PdfLetter};
use crate::ground::limits::{Bucket, Quota};
use crate::ground::no_record;
use crate::ground::operation::{Argument, Description, operations};
use crate::ground::page::Query;
use crate::ground::path::{Path, PathParameter};
use crate::ground::permission::LodgeComplaints;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;
use crate::ground::sending::{Destination, HowSentWhole, send};
use crate::ground::upload::Upload;
use crate::letters::written_record;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: lodge, follow, record_as_html, record_as_pdf, add_message, send_document, ask refuses InvalidState, object);
}

/// The reference of a complaint, as the receipt gives it.
#[derive(Clone, Deserialize, ToSchema)]
struct Reference(String);

impl PathParameter for Reference {
    const DESCRIPTION: &'static str = "The reference of the complaint, in any case, with or without its hyphens";

    fn reference(_: &mut Description) -> RefOr<Schema> {
        let reference = ObjectBuilder::new().schema_type(Type::String);
        reference.pattern(Some("^[A-Za-z2-7 -]+$")).max_length(Some(40)).examples(["C-7QX4M-2KDPA"]).into()
    }
}

/// How often a complaint of one reference can be followed through one app: as often as anybody looks, and far too seldom to guess a code.
const FOLLOWED: Quota = Quota::new(10, 30);

/// Takes one request for this reference through this app. Where there were too many, somebody may be trying codes: the log names the app
/// and tells one reference from another, without telling which it is.
fn limit_guesses(caller: &Caller<LodgeComplaints>, reference: &Reference) -> Result<(), ApiError> {
    let name = format!("complaint\n{}\n{}", caller.subject(), letters_and_digits(&reference.0).to_lowercase());
    let bucket: [u8; 32] = Sha256::digest(name).into();
    let (service, client) = (caller.service(), caller.subject());
    service.limits.take_of(Bucket::Account(bucket), FOLLOWED).1.inspect_err(|_| {
        service.metrics.code_refused();
        let reference = u16::from_be_bytes([bucket[0], bucket[1]]);
        tracing::warn!(%client, reference, "one complaint was asked for too often through an app");
    })
}

const HEADER: &str = "Complaint-Access-Code";

/// The access code that came with the receipt. Without it the complaint is not found.
struct AccessCode(String);

impl FromRequest for AccessCode {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // People paste the code with whatever stood around it; only its letters and digits count.
        let code = request.headers().get(HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        ready(code.map(Self).ok_or_else(|| ApiError::new(Kind::NotFound)))
    }
}

impl Argument for AccessCode {
    fn describe(description: &mut Description) {
        let code = ObjectBuilder::new()
            .pattern(Some("^[A-Za-z2-7 -]*$"))
            .max_length(Some(64))
            .examples(["gq3tkzw5x7m2c4yhr6bdnafpe2sujv5i"]);
        description.header_parameter(
            HEADER,
            Required::True,
            "The access code that came with the receipt, in any case, with or without spaces and hyphens",
            code,
        );
        description.refuses(&[Kind::NotFound]);
    }
}

/// Lodges a complaint: about a practice, or about a council itself. It is the council's from the first byte on.
///
/// The receipt has the reference; the access code, which is shown only once; the days by which the complaint is acknowledged, and
/// answered at the latest; and the rights of somebody who complains. It does not depend on whether anybody is known anywhere.
#[utoipa::path(post, path = "/complaints")]
async fn lodge(
    caller: Caller<LodgeComplaints>,
    key: IdempotencyKey,
    body: Body<LodgeComplaint>,
) -> Result<Created<Receipt>, ApiError> {
    caller
        .create(
            key,
            body,
            lodging::lodge,
            |scope, made| receipts::find_lodged(scope, made.id(), made.secret()).map(no_record::changed),
            |receipt| format!("/v1/partner/complaints/{}", receipt.reference),
        )
        .await
}

/// Shows the status of a complaint, who has it, and its messages. Any app follows any complaint whose code it is given.
#[utoipa::path(get, path = "/complaints/{reference}")]
async fn follow(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
) -> Result<Reply<Followed>, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller.read(move |scope| following::follow(scope, &reference.0.0, &code.0)).await
}

/// Gives out the written record of a complaint that was made by word of mouth, as an HTML document, if it was given in the app.
#[utoipa::path(get, path = "/complaints/{reference}/written-record.html")]
async fn record_as_html(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
) -> Result<HtmlLetter, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller
        .scope(move |scope| {
            let record = intakes::record_with_code(scope, &reference.0.0, &code.0)?;
            Ok(HtmlLetter::of(record.map(|record| written_record(&record))))
        })
        .await
}

/// Gives out the written record of a complaint that was made by word of mouth, as a tagged PDF (PDF/UA-1), if it was given in the app.
#[utoipa::path(get, path = "/complaints/{reference}/written-record.pdf")]
async fn record_as_pdf(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
) -> Result<PdfLetter, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller
        .scope(move |scope| {
            let record = intakes::record_with_code(scope, &reference.0.0, &code.0)?;
            PdfLetter::of(record.map(|record| written_record(&record)))
        })
        .await
}

/// Asks for what takes away from the complaint or turns it, or for a review.
///
/// That is to withdraw it, a longer period, another contact, another person or complainant, a consent, or that somebody may see it after
/// all. An officer speaks to the contact that was given when the complaint was lodged. It counts once that contact has confirmed it. Or it
/// is a review of what an officer decided, which takes nothing away: the responsible person decides on it, and never that officer.
#[utoipa::path(post, path = "/complaints/{reference}/requests")]
async fn ask(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
    key: IdempotencyKey,
    body: Body<NewRequest>,
) -> Result<Created<Followed>, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller
        .scope(move |scope| {
            let (reference, code) = (&reference.0.0, &code.0);
            let done = key.run(scope, &body, |scope, new| requests::ask_with_code(scope, reference, code, new))?;
            let followed = following::follow(scope, reference, code)?;
            Ok(Created::at(format!("/v1/partner/complaints/{}", followed.reference), &followed)?.replayed_if(&done))
        })
        .await
}

/// Objects to somebody who has the complaint.
///
/// A guest of the council has it no more from now on. An officer has it until the next officer has opened it; where nobody is left who
/// could, they keep it. What is written goes to the officers as a message.
#[utoipa::path(post, path = "/complaints/{reference}/objections")]
async fn object(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
    key: IdempotencyKey,
    body: Body<Object>,
) -> Result<Created<Followed>, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller
        .scope(move |scope| {
            let (reference, code) = (&reference.0.0, &code.0);
            let done = key.run(scope, &body, |scope, with| objecting::object(scope, reference, code, with))?;
            let followed = following::follow(scope, reference, code)?;
            Ok(Created::at(format!("/v1/partner/complaints/{}", followed.reference), &followed)?.replayed_if(&done))
        })
        .await
}

/// Adds a message from the complainant. It goes to the officers who have the complaint.
#[utoipa::path(post, path = "/complaints/{reference}/messages")]
async fn add_message(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
    key: IdempotencyKey,
    body: Body<NewMessage>,
) -> Result<Created<Followed>, ApiError> {
    limit_guesses(&caller, &reference.0)?;
    caller
        .scope(move |scope| {
            let (reference, code) = (&reference.0.0, &code.0);
            let done = key.run(scope, &body, |scope, new| following::add_message(scope, reference, code, new))?;
            let followed = following::follow(scope, reference, code)?;
            Ok(Created::at(format!("/v1/partner/complaints/{}", followed.reference), &followed)?.replayed_if(&done))
        })
        .await
}

/// The complaint of a reference and a code.
#[derive(Clone)]
struct WithTheCode {
    reference: String,
    code: String,
}

impl WithTheCode {
    fn both(&self) -> (&str, &str) {
        (&self.reference, &self.code)
    }
}

impl Destination for WithTheCode {
    type Sends = LodgeComplaints;
    type Shown = SentDocument;

    fn check(&self, scope: &mut PartnerScope<'_>, size: u64) -> Result<(), StoreError> {
        documents::check_with_code(scope, self.both(), size)
    }

    fn begin(&self, scope: &mut PartnerScope<'_>) -> Result<ObjectId, StoreError> {
        documents::begin_with_code(scope, self.both())
    }

    fn send(
        &self,
        scope: &mut PartnerScope<'_>,
        name: &DocumentName,
        _: Option<DocumentId>,
        received: &Received,
    ) -> Result<SentDocument, StoreError> {
        documents::send_with_code(scope, self.both(), name, received)
    }

    fn find_sent(&self, scope: &mut PartnerScope<'_>, id: DocumentId) -> Result<OnRecord<SentDocument>, StoreError> {
        documents::find_sent_with_code(scope, self.both(), id)
    }

    fn id(shown: &SentDocument) -> DocumentId {
        shown.id
    }

    fn address(&self, _: DocumentId) -> String {
        format!("/v1/partner/complaints/{}", self.reference)
    }
}

/// Sends a document to a complaint. It goes to the officers who have the complaint, once the scanner has found it clean.
///
/// The content of the request is the document as it is, of at most 25 MB. The kind that its `Content-Type` declares must be the kind that
/// the content shows. Who follows the complaint sees what became of it, and no content. At most 50 documents come with a code, of 250 MB
/// together.
#[utoipa::path(post, path = "/complaints/{reference}/documents")]
async fn send_document(
    caller: Caller<LodgeComplaints>,
    reference: Path<Reference>,
    code: AccessCode,
    how: Query<HowSentWhole>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<SentDocument>, ApiError> {
    if let Err(error) = limit_guesses(&caller, &reference.0) {
        upload.refuse().await;
        return Err(error);
    }
    let to = WithTheCode { reference: as_given(&reference.0.0), code: code.0 };
    send(caller, to, how.0.into(), key, upload).await
}
