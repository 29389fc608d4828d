//! Requests to erase a document: a practice asks for it, and the council that is accountable for the work instructs it or refuses. A practice
//! destroys no document by itself.

use almoner_domain::documents::DocumentKind;
use almoner_domain::documents::erasing::{AskToErase, DecideErasure, ErasureStatus, council_to_ask};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{CaseId, CouncilId, CouncilRequestId, DocumentId, ErasureRequestId, KeyId, StaffId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::{self, Erasable};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{cases, councils, documents as rows, erasure_requests, practices, referrals};
use crate::ground::scope::{CouncilScope, PracticeScope};
use crate::ground::sealing::SealedField;
use crate::ground::transaction::setting;
use crate::tenancy::councils::CouncilName;
use crate::tenancy::practices::PracticeName;

/// A request of the caller's to erase a document.
#[derive(Clone, Serialize, ToSchema)]
pub struct ErasureRequest {
    /// The identifier of the request.
    pub id: ErasureRequestId,
    /// The version of the document that is to be erased.
    pub document_id: DocumentId,
    /// The council that is asked.
    pub council: CouncilName,
    /// Where the request is.
    pub status: ErasureStatus,
    /// The reason why the document should be erased.
    #[schema(value_type = Passage<4000>)]
    pub reason: String,
    /// When the practice asked.
    pub asked_at: DateTime<Utc>,
    /// When the council decided, or the request was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The reason that the council gave for its decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub decided_because: Option<String>,
    /// The version of the request, which is its `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// A request of a practice's to erase a document, on which the council decides.
#[derive(Clone, Serialize, ToSchema)]
pub struct ErasureRequestToCouncil {
    /// The identifier of the request.
    pub id: ErasureRequestId,
    /// The practice that asks.
    pub practice: PracticeName,
    /// The version of the document at the practice.
    pub document_id: DocumentId,
    /// The case at the practice that has the document; left out for one without a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The council's referral with which the document came, or to which the practice added it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<CouncilRequestId>,
    /// What is to be erased, and why.
    #[serde(flatten)]
    pub asked: Asked,
    /// Where the request is.
    pub status: ErasureStatus,
    /// When the practice asked.
    pub asked_at: DateTime<Utc>,
    /// When the council decided, or the request was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The reason that the council gave for its decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub decided_because: Option<String>,
    /// The version of the request, which is its `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// What a practice tells a council of a document that is to be erased.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Asked {
    /// The reason why the document should be erased.
    #[schema(value_type = Passage<4000>)]
    reason: String,
    /// The kind of the document.
    kind: DocumentKind,
    /// The size of the document in bytes.
    #[schema(minimum = 1, maximum = 26_214_400)]
    size: i64,
    /// When the document was sent in.
    sent_at: DateTime<Utc>,
}

fn field(owner: Uuid, column: &'static str, id: ErasureRequestId) -> SealedField {
    SealedField { owner, table: "erasure_requests", column, row: id.uuid() }
}

/// Asks the council that is accountable to have a document erased that the caller may see. For a caller who does not read referrals, one of
/// a referral from which no case was opened is not there.
pub fn ask(
    scope: &mut PracticeScope<'_>,
    document: DocumentId,
    how: &AskToErase,
    reads_referrals: bool,
) -> Result<(Uuid, ErasureRequest), StoreError> {
    let (practice, staff, at) = (scope.practice_id(), scope.staff_id(), scope.at());
    let erasable = documents::find_erasable(scope, document, reads_referrals)?;
    let (accountable, request) = accountable_for(scope, &erasable)?;
    let council = council_to_ask(how.council_id, &accountable)?;
    // Another council may have sent the person than the one that is accountable, which does not know that referral.
    let request = request.filter(|(sender, _)| *sender == council).map(|(_, request)| request);
    let id: ErasureRequestId = scope.next_id();
    let reason = how.reason.as_str();
    let own = scope.key(practice.uuid(), erasable.key_id)?.seal(field(practice.uuid(), "reason", id), reason)?;
    let asked =
        Asked { reason: reason.to_owned(), kind: erasable.kind, size: erasable.size, sent_at: erasable.sent_at };
    let settings = [setting("app.practice", practice.uuid()), setting("app.council", council.uuid())];
    scope.at_intake_with(Some(Tenant::Practice(practice)), &settings, |scope| {
        let asked = scope.root_key(council.uuid())?.seal(field(council.uuid(), "asked", id), &asked)?;
        diesel::insert_into(erasure_requests::table)
            .values((
                erasure_requests::practice_id.eq(practice),
                erasure_requests::request_id.eq(id),
                erasure_requests::council_id.eq(council),
                erasure_requests::document_id.eq(document),
                erasure_requests::case_id.eq(erasable.case),
                erasure_requests::council_request_id.eq(request),
                erasure_requests::status.eq(ErasureStatus::Asked),
                erasure_requests::asked_by.eq(staff),
                erasure_requests::asked_at.eq(at),
                erasure_requests::key_id.eq(erasable.key_id),
                erasure_requests::reason.eq(own),
                erasure_requests::asked.eq(asked),
            ))
            .execute(scope.conn)
            .map_err(|error| match error {
                Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Refusal::ErasureAsked.into(),
                other => StoreError::from(other),
            })?;
        Ok(())
    })?;
    let asked = Event::DocumentErasureAsked { document, person: erasable.person, council, erasure: id };
    scope.record_because(asked, reason)?;
    Ok((id.uuid(), find(scope, id)?))
}

/// What a council sent: the council, and its request.
type Sent = (CouncilId, CouncilRequestId);

/// The councils that are accountable for what a document belongs to, and the request with which it came: that of the case or of the
/// referral that has it, else all that are accountable for work with the person.
fn accountable_for(
    scope: &mut PracticeScope<'_>,
    erasable: &Erasable,
) -> Result<(Vec<CouncilId>, Option<Sent>), StoreError> {
    let practice = scope.practice_id();
    let of_practice = cases::table.filter(cases::practice_id.eq(practice));
    if let Some(case) = erasable.case {
        let council = of_practice.filter(cases::case_id.eq(case)).select(cases::council_id).first(scope.conn)?;
        return Ok((vec![council], None));
    }
    if let Some(referral) = erasable.referral {
        let sent: Sent = referrals::table
            .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(referral)))
            .select((referrals::council_id, referrals::council_request_id))
            .first(scope.conn)?;
        let of_case: Option<CouncilId> = of_practice
            .filter(cases::referral_id.eq(referral))
            .select(cases::council_id)
            .first(scope.conn)
            .optional()?;
        return Ok((vec![of_case.unwrap_or(sent.0)], Some(sent)));
    }
    let mut councils: Vec<CouncilId> = of_practice
        .filter(cases::service_user_id.nullable().eq(erasable.person))
        .select(cases::council_id)
        .distinct()
        .load(scope.conn)?;
    if councils.is_empty() {
        councils = referrals::table
            .filter(referrals::practice_id.eq(practice).and(referrals::service_user_id.eq(erasable.person)))
            .select(referrals::council_id)
            .distinct()
            .load(scope.conn)?;
    }
    Ok((councils, None))
}

type OwnRow = (
    ErasureRequestId,
    DocumentId,
    CouncilName,
    ErasureStatus,
    (KeyId, Vec<u8>, Option<Vec<u8>>, WrappedKeys),
    (DateTime<Utc>, Option<DateTime<Utc>>, i32),
);

/// Selects the requests of the caller's about documents that they may see still.
macro_rules! own {
    ($practice:expr) => {
        erasure_requests::table
            .inner_join(councils::table.on(councils::council_id.eq(erasure_requests::council_id)))
            .filter(erasure_requests::practice_id.eq($practice))
            .filter(exists(rows::table.find((erasure_requests::practice_id, erasure_requests::document_id))))
            .select((
                erasure_requests::request_id,
                erasure_requests::document_id,
                CouncilName::as_select(),
                erasure_requests::status,
                (
                    erasure_requests::key_id,
                    erasure_requests::reason,
                    erasure_requests::practice_answer,
                    wrapped_keys!(erasure_requests, $practice.uuid()),
                ),
                (erasure_requests::asked_at, erasure_requests::decided_at, erasure_requests::version),
            ))
    };
}

fn show_own(scope: &mut PracticeScope<'_>, row: OwnRow) -> Result<ErasureRequest, StoreError> {
    let (id, document_id, council, status, (key_id, reason, answer, keys), (asked_at, decided_at, version)) = row;
    let practice = scope.practice_id().uuid();
    let key = scope.unwrap(practice, key_id, &keys)?;
    let answer = answer.map(|answer| key.open(field(practice, "practice_answer", id), &answer)).transpose()?;
    Ok(ErasureRequest {
        id,
        document_id,
        council,
        status,
        reason: key.open(field(practice, "reason", id), &reason)?,
        asked_at,
        decided_at,
        decided_because: answer,
        version,
    })
}

/// Lists the caller's requests to erase documents, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<OnRecord<Page<ErasureRequest>>, StoreError> {
    let practice = scope.practice_id();
    let rows: Vec<OwnRow> = own!(practice)
        .filter(erasure_requests::request_id.lt(ErasureRequestId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(erasure_requests::request_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| show_own(scope, row))?;
    scope.list_read(page, Event::ErasureRequestsListed { owner: LogOwner::Practice(practice) })
}

/// Finds a request of the caller's.
pub fn find(scope: &mut PracticeScope<'_>, id: ErasureRequestId) -> Result<ErasureRequest, StoreError> {
    let practice = scope.practice_id();
    let row: OwnRow = own!(practice).filter(erasure_requests::request_id.eq(id)).first(scope.conn)?;
    show_own(scope, row)
}

/// Shows a request of the caller's.
pub fn read(scope: &mut PracticeScope<'_>, id: ErasureRequestId) -> Result<OnRecord<ErasureRequest>, StoreError> {
    let found = find(scope, id)?;
    scope.record_read(found, Event::ErasureRequestRead { erasure: id })
}

/// Takes a request back on which the council has not decided.
pub fn take_back(scope: &mut PracticeScope<'_>, asked: &ErasureRequest) -> Result<(), StoreError> {
    expect_undecided(asked.status, "taken back")?;
    let taken = update(erasure_requests::table.find((scope.practice_id(), asked.id)))
        .filter(erasure_requests::version.eq(asked.version))
        .set((
            erasure_requests::status.eq(ErasureStatus::TakenBack),
            erasure_requests::decided_at.eq(scope.at()),
            erasure_requests::version.eq(asked.version + 1),
        ))
        .execute(scope.conn)?;
    if taken == 0 {
        // The council decided in this moment.
        return Err(StoreError::InProgress);
    }
    scope.record(Event::DocumentErasureTakenBack { erasure: asked.id, council: asked.council.id })
}

fn expect_undecided(status: ErasureStatus, step: &'static str) -> Result<(), StoreError> {
    if status == ErasureStatus::Asked {
        return Ok(());
    }
    Err(Refusal::InvalidState { thing: "request", state: status.in_words(), step }.into())
}

type TheirRow = (
    ErasureRequestId,
    PracticeName,
    (DocumentId, Option<CaseId>, Option<CouncilRequestId>),
    ErasureStatus,
    (Vec<u8>, Option<Vec<u8>>),
    (DateTime<Utc>, Option<DateTime<Utc>>, i32),
);

/// Selects the requests of practices on which this council decides.
macro_rules! theirs {
    ($council:expr) => {
        erasure_requests::table
            .inner_join(practices::table.on(practices::practice_id.eq(erasure_requests::practice_id)))
            .filter(erasure_requests::council_id.eq($council))
            .select((
                erasure_requests::request_id,
                PracticeName::as_select(),
                (erasure_requests::document_id, erasure_requests::case_id, erasure_requests::council_request_id),
                erasure_requests::status,
                (erasure_requests::asked, erasure_requests::answer),
                (erasure_requests::asked_at, erasure_requests::decided_at, erasure_requests::version),
            ))
    };
}

fn show_theirs(scope: &mut CouncilScope<'_>, row: TheirRow) -> Result<ErasureRequestToCouncil, StoreError> {
    let (id, practice, (document_id, case_id, referral_id), status, (asked, answer), times) = row;
    let (asked_at, decided_at, version) = times;
    let council = scope.council_id().uuid();
    let key = scope.root_key(council)?;
    let answer = answer.map(|answer| key.open(field(council, "answer", id), &answer)).transpose()?;
    Ok(ErasureRequestToCouncil {
        id,
        practice,
        document_id,
        case_id,
        referral_id,
        asked: key.open(field(council, "asked", id), &asked)?,
        status,
        asked_at,
        decided_at,
        decided_because: answer,
        version,
    })
}

/// Lists what practices asked the council to have erased, the newest first, or those requests alone with a status.
pub fn list_asked(
    scope: &mut CouncilScope<'_>,
    status: Option<ErasureStatus>,
    paging: &Paging,
) -> Result<OnRecord<Page<ErasureRequestToCouncil>>, StoreError> {
    let council = scope.council_id();
    let mut query = theirs!(council)
        .filter(erasure_requests::request_id.lt(ErasureRequestId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(erasure_requests::request_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(erasure_requests::status.eq(status));
    }
    let rows: Vec<TheirRow> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| show_theirs(scope, row))?;
    scope.list_read(page, Event::ErasureRequestsListed { owner: LogOwner::Council(council) })
}

/// Finds a request on which the council decides.
pub fn find_asked(scope: &mut CouncilScope<'_>, id: ErasureRequestId) -> Result<ErasureRequestToCouncil, StoreError> {
    let row: TheirRow = theirs!(scope.council_id()).filter(erasure_requests::request_id.eq(id)).first(scope.conn)?;
    show_theirs(scope, row)
}

/// Shows a request on which the council decides.
pub fn read_asked(
    scope: &mut CouncilScope<'_>,
    id: ErasureRequestId,
) -> Result<OnRecord<ErasureRequestToCouncil>, StoreError> {
    let found = find_asked(scope, id)?;
    scope.record_read(found, Event::ErasureRequestRead { erasure: id })
}

/// Instructs the practice to erase the document, which is erased in this transaction.
pub fn instruct(
    scope: &mut CouncilScope<'_>,
    asked: &ErasureRequestToCouncil,
    how: &DecideErasure,
) -> Result<(), StoreError> {
    decide(scope, asked, how, ErasureStatus::Erased)?;
    scope.record_because(Event::ErasureInstructed { erasure: asked.id }, how.reason.as_str())
}

/// Refuses to have the document erased, which stays as it is.
pub fn refuse(
    scope: &mut CouncilScope<'_>,
    asked: &ErasureRequestToCouncil,
    how: &DecideErasure,
) -> Result<(), StoreError> {
    decide(scope, asked, how, ErasureStatus::Refused)?;
    scope.record_because(Event::ErasureRefused { erasure: asked.id }, how.reason.as_str())
}

fn decide(
    scope: &mut CouncilScope<'_>,
    asked: &ErasureRequestToCouncil,
    how: &DecideErasure,
    decision: ErasureStatus,
) -> Result<(), StoreError> {
    // Whoever decides is a person: no system does.
    scope.officer()?;
    expect_undecided(asked.status, "decided")?;
    let (id, practice, council, document) = (asked.id, asked.practice.id, scope.council_id().uuid(), asked.document_id);
    let reason = how.reason.as_str();
    let answer = scope.root_key(council)?.seal(field(council, "answer", id), reason)?;
    scope.at_intake(practice, |intake| {
        let scope = &mut *intake.scope;
        let (key_id, asked_by): (KeyId, StaffId) = erasure_requests::table
            .find((practice, id))
            .select((erasure_requests::key_id, erasure_requests::asked_by))
            .first(scope.conn)?;
        let own = scope.key(practice.uuid(), key_id)?.seal(field(practice.uuid(), "practice_answer", id), reason)?;
        let decided = update(erasure_requests::table.find((practice, id)))
            .filter(erasure_requests::version.eq(asked.version))
            .set((
                erasure_requests::status.eq(decision),
                erasure_requests::decided_at.eq(scope.at()),
                erasure_requests::answer.eq(answer),
                erasure_requests::practice_answer.eq(own),
                erasure_requests::version.eq(asked.version + 1),
            ))
            .execute(scope.conn)?;
        if decided == 0 {
            // Somebody else decided in this moment, or the practice took the request back.
            return Err(StoreError::InProgress);
        }
        let person = documents::person_at(scope, practice, document)?;
        let event = if decision == ErasureStatus::Erased {
            documents::erase(scope, practice, document, asked_by)?;
            Event::DocumentErased { document, person, asker: vec![asked_by] }
        } else {
            Event::DocumentErasureRefused { document, person, asker: vec![asked_by] }
        };
        scope.record_unsigned_in(LogOwner::Practice(practice), event)
    })
}
