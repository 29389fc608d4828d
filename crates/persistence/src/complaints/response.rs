//! The response to a complaint: drafting it, signing it, giving it back, recording how it was sent, and who may sign.

use almoner_domain::complaints::complaint::{ContactWish, ReadingFormat};
use almoner_domain::complaints::heads::{ComplaintOutcome, outcome_of_all};
use almoner_domain::complaints::requests::DecisionKind;
use almoner_domain::complaints::response::{Draft, HeadFound, Sent, SentBy, missing};
use almoner_domain::complaints::status::Step;
use almoner_domain::complaints::taking_down::CameBy;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, OfficerId, ResponseId};
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::{london_date, moment_of};
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::{Changes, change, seal};
use super::reading::{Complaint, find, identity};
use super::representing::standing;
use super::reviewing::note_decision;
use super::signatories::may_sign;
use super::{Sealed, actions};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_responses, councils};
use crate::ground::scope::{ComplaintsScope, Scope};

/// The response to a complaint as far as it is there.
#[derive(Clone, Serialize, ToSchema)]
pub struct Response {
    /// The draft.
    pub draft: Draft,
    /// What is missing before it can be signed, each at its place in the draft, among the heads or in the complaint.
    #[schema(max_items = 100)]
    pub missing: Vec<Missing>,
    /// The letter, once it is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<SignedLetter>,
    /// How it was sent, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<SentBy>,
    /// When it was sent, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_on: Option<NaiveDate>,
    /// The version of the complaint, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// What is missing of a response.
#[derive(Clone, Serialize, ToSchema)]
pub struct Missing {
    /// The place, as a JSON pointer (RFC 6901).
    #[schema(value_type = Line<200>)]
    pub pointer: String,
    /// What must stand there.
    #[schema(value_type = Line<200>)]
    pub detail: String,
}

/// A response as it was signed. It does not change any more, whatever changes about the complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedLetter {
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The council that answers.
    #[schema(value_type = Line<200>)]
    pub council: String,
    /// The postal address of the council, in lines, if it had said where somebody complains to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<500>>)]
    pub council_address: Option<String>,
    /// The practice that the complaint is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub practice: Option<String>,
    /// The day on which the complaint was received.
    pub received_on: NaiveDate,
    /// How it came to whoever took it down, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_by: Option<CameBy>,
    /// How the complaint was considered.
    pub considered: Passage<10000>,
    /// The heads, each with what was found.
    #[schema(max_items = 30)]
    pub heads: Vec<AnsweredHead>,
    /// The outcome of the complaint as a whole.
    pub outcome: ComplaintOutcome,
    /// The conclusions.
    pub conclusions: Passage<10000>,
    /// Whether the council is satisfied that what has to be done was done or will be.
    pub action: Passage<4000>,
    /// What is done because of the complaint, and by when.
    #[schema(max_items = 100)]
    pub actions: Vec<PromisedAction>,
    /// The way to the Ombudsman.
    #[schema(value_type = Line<500>)]
    pub ombudsman: String,
    /// Who signed it.
    #[schema(value_type = Line<200>)]
    pub signed_by: String,
    /// For whom they signed it: as the responsible person, or authorised by them.
    #[schema(value_type = Line<100>)]
    pub signed_as: String,
    /// The day of the signature.
    pub signed_on: NaiveDate,
    /// The language in which the complainant wants to be answered; English if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<100>>)]
    pub language: Option<String>,
    /// The format in which the complainant reads what they are sent.
    pub format: ReadingFormat,
}

/// A letter that is given out, with whom it is for. That is not kept with the letter: in a confidential complaint it is sealed apart.
pub struct AddressedLetter {
    /// The letter, as it was signed.
    pub letter: SignedLetter,
    /// The name of the complainant, unless they gave none, or it is sealed for the caller.
    pub name: Option<Line<200>>,
    /// Their postal address, unless they gave none for letters, or it is sealed for the caller.
    pub address: Option<Passage<500>>,
}

/// A head in a response.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct AnsweredHead {
    /// What is complained of.
    #[schema(value_type = Passage<4000>)]
    pub statement: String,
    /// What was found.
    pub outcome: ComplaintOutcome,
    /// The reasons, and what they rest on.
    #[schema(value_type = Passage<10000>)]
    pub finding: String,
    /// What puts it right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub remedy: Option<String>,
    /// The day on which the complainant, or the person whose care it is about, was themself heard on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_on: Option<NaiveDate>,
    /// Why they were not heard, where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<1000>>)]
    pub not_heard_because: Option<String>,
}

/// Something that is done because of a complaint, as a response promises it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PromisedAction {
    /// What is done.
    #[schema(value_type = Passage<2000>)]
    pub what: String,
    /// The day by which it is done.
    pub due_on: NaiveDate,
}

const TABLE: &str = "complaint_responses";

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_responses)]
struct ResponseRow {
    response_id: ResponseId,
    draft: Vec<u8>,
    letter: Option<Vec<u8>>,
    signed_at: Option<DateTime<Utc>>,
    sent_by: Option<SentBy>,
    sent_on: Option<NaiveDate>,
}

/// The latest response of a complaint.
fn latest(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Option<ResponseRow>, StoreError> {
    Ok(complaint_responses::table
        .filter(complaint_responses::council_id.eq(scope.council_id()))
        .filter(complaint_responses::complaint_id.eq(complaint.id))
        .order(complaint_responses::response_id.desc())
        .select(ResponseRow::as_select())
        .first(scope.conn)
        .optional()?)
}

/// The response that is being worked on. After a complaint was reopened, the one that was sent is none.
fn current(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Option<ResponseRow>, StoreError> {
    let awaits = complaint.status.awaits_a_response();
    Ok(latest(scope, complaint)?.filter(|row| !(awaits && row.sent_by.is_some())))
}

fn opened(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, row: &ResponseRow) -> Result<Draft, StoreError> {
    let sealed = complaint.sealed;
    scope.key(sealed.council.uuid(), sealed.key_id)?.open(sealed.of(TABLE, "draft", row.response_id.uuid()), &row.draft)
}

/// What a draft of the response to a complaint lacks.
fn lacks(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, draft: &Draft) -> Result<Vec<Fault>, StoreError> {
    let heads: Vec<HeadFound> = complaint.heads.iter().map(super::heads::Head::found).collect();
    Ok(missing(draft, &heads, standing(scope, complaint)?, complaint.late && !complaint.is_accepted_late()))
}

/// Finds the response of a complaint that is assigned to the caller, as far as it is there.
pub fn find_response(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Response, StoreError> {
    let complaint = find(scope, id)?;
    response_of(scope, &complaint)
}

fn response_of(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Response, StoreError> {
    let row = current(scope, complaint)?;
    let draft = match &row {
        Some(row) => opened(scope, complaint, row)?,
        None => Draft::default(),
    };
    let sealed = complaint.sealed;
    let letter = match &row {
        Some(ResponseRow { letter: Some(letter), response_id, .. }) => {
            let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
            Some(key.open(sealed.of(TABLE, "letter", response_id.uuid()), letter)?)
        }
        _ => None,
    };
    let lacks = if letter.is_some() { Vec::new() } else { lacks(scope, complaint, &draft)? };
    Ok(Response {
        draft,
        missing: lacks.into_iter().map(|fault| Missing { pointer: fault.pointer, detail: fault.detail }).collect(),
        letter,
        sent_by: row.as_ref().and_then(|row| row.sent_by),
        sent_on: row.as_ref().and_then(|row| row.sent_on),
        version: complaint.version,
    })
}

/// Shows the response of a complaint: the reading is on record.
pub fn read(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<Response>, StoreError> {
    let response = find_response(scope, id)?;
    scope.record_read(response, Event::ComplaintResponseRead { complaint: id })
}

/// Gives out the letter with the response to a complaint, once it is signed: that is on record. In a confidential complaint it says whom it
/// is for once the caller has unsealed that.
pub fn letter_to_give_out(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
) -> Result<OnRecord<AddressedLetter>, StoreError> {
    let complaint = find(scope, id)?;
    let letter = response_of(scope, &complaint)?.letter.ok_or(StoreError::NotFound)?;
    let address = complaint.contact.as_ref().and_then(ContactWish::address_of_letters).cloned();
    let name = complaint.complainant.map(|complainant| complainant.name);
    scope.record_read(AddressedLetter { letter, name, address }, Event::ComplaintLetterGivenOut { complaint: id })
}

/// Keeps a draft of the response. It may lack what a response must have.
pub fn draft(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, draft: &Draft) -> Result<(), StoreError> {
    complaint.status.after(Step::Investigate)?;
    let row = current(scope, complaint)?;
    let id = row.as_ref().map_or_else(|| scope.next_id(), |row| row.response_id);
    let sealed = seal(scope, complaint, (TABLE, "draft"), id.uuid(), draft)?;
    match row {
        Some(_) => {
            let kept = update(complaint_responses::table.find((scope.council_id(), complaint.id, id)))
                .set(complaint_responses::draft.eq(sealed))
                .execute(scope.conn)?;
            StoreError::unless_changed(kept, "the response")?;
        }
        None => {
            diesel::insert_into(complaint_responses::table)
                .values((
                    complaint_responses::council_id.eq(scope.council_id()),
                    complaint_responses::complaint_id.eq(complaint.id),
                    complaint_responses::response_id.eq(id),
                    complaint_responses::key_id.eq(complaint.sealed.key_id),
                    complaint_responses::draft.eq(sealed),
                ))
                .execute(scope.conn)?;
        }
    }
    change(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintResponseDrafted { complaint: complaint.id })
}

/// Signs the response, as the responsible person or authorised by them. It is refused while anything is missing.
pub fn sign(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Sign)?;
    if !may_sign(scope)? {
        return Err(Refusal::NotASignatory.into());
    }
    let Some(row) = current(scope, complaint)? else {
        return Err(lacks(scope, complaint, &Draft::default())?.into());
    };
    let draft = opened(scope, complaint, &row)?;
    StoreError::unless_faulty(lacks(scope, complaint, &draft)?)?;
    let letter = letter(scope, complaint, draft)?;
    let outcome = letter.outcome;
    let sealed = seal(scope, complaint, (TABLE, "letter"), row.response_id.uuid(), &letter)?;
    let signed = update(complaint_responses::table.find((scope.council_id(), complaint.id, row.response_id)))
        .set((
            complaint_responses::letter.eq(sealed),
            complaint_responses::signed_by.eq(scope.officer()?),
            complaint_responses::signed_at.eq(scope.at()),
            complaint_responses::outcome.eq(outcome),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(signed, "the response")?;
    change(scope, complaint, Changes { status: Some(status), outcome: Some(Some(outcome)), ..Changes::default() })?;
    note_decision(scope, complaint, DecisionKind::Answered)?;
    scope.record(Event::ComplaintResponseSigned { complaint: complaint.id })
}

/// The letter of a whole draft.
fn letter(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, draft: Draft) -> Result<SignedLetter, StoreError> {
    let incomplete = || StoreError::unreadable("a response that lacks what was looked for");
    let outcomes: Vec<Option<ComplaintOutcome>> = complaint.heads.iter().map(|head| head.outcome).collect();
    let head = |head: &super::heads::Head| {
        Some(AnsweredHead {
            statement: head.statement.clone(),
            outcome: head.outcome?,
            finding: head.finding.clone()?,
            remedy: head.remedy.clone(),
            heard_on: head.heard_on,
            not_heard_because: head.not_heard_because.clone(),
        })
    };
    let (council, council_address): (String, Option<String>) = councils::table
        .find(scope.council_id())
        .select((councils::name, councils::complaints_address))
        .first(scope.conn)?;
    let worker = scope.worker();
    let signed_as = if worker.roles.contains(&OfficerRole::ResponsiblePerson) {
        "Responsible person of the council"
    } else {
        "Authorised by the responsible person of the council"
    };
    Ok(SignedLetter {
        reference: complaint.reference.clone(),
        council,
        council_address,
        practice: complaint.practice.as_ref().map(|practice| practice.name.clone()),
        received_on: london_date(complaint.received_at),
        came_by: complaint.taken_down.as_ref().map(|taken| taken.came_by),
        considered: draft.considered.ok_or_else(incomplete)?,
        heads: complaint.heads.iter().map(head).collect::<Option<_>>().ok_or_else(incomplete)?,
        outcome: outcome_of_all(&outcomes).ok_or_else(incomplete)?,
        conclusions: draft.conclusions.ok_or_else(incomplete)?,
        action: draft.action.ok_or_else(incomplete)?,
        actions: complaint
            .actions
            .iter()
            .filter(|action| action.done_on.is_none() && action.stream.is_none())
            .map(actions::promised)
            .collect(),
        ombudsman: almoner_domain::complaints::ombudsman::where_to_go(),
        signed_by: worker.name.clone(),
        signed_as: signed_as.to_owned(),
        signed_on: scope.today(),
        language: complaint.language.clone(),
        format: complaint.format,
    })
}

/// Gives back a signed response that has not been sent, to be changed. The signature is gone.
pub fn give_back(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Return)?;
    let row = current(scope, complaint)?.ok_or(StoreError::NotFound)?;
    let returned = update(complaint_responses::table.find((scope.council_id(), complaint.id, row.response_id)))
        .set((
            complaint_responses::letter.eq(None::<Vec<u8>>),
            complaint_responses::signed_by.eq(None::<OfficerId>),
            complaint_responses::signed_at.eq(None::<DateTime<Utc>>),
            complaint_responses::outcome.eq(None::<ComplaintOutcome>),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(returned, "the response")?;
    change(scope, complaint, Changes { status: Some(status), outcome: Some(None), ..Changes::default() })?;
    scope.record(Event::ComplaintResponseReturned { complaint: complaint.id })
}

/// Records how and when a signed response was sent. The day on which it was sent counts, whenever that is recorded. Nothing goes
/// electronically without the complainant's consent (reg 15).
pub fn sent(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Sent) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Send)?;
    let row = current(scope, complaint)?.ok_or(StoreError::NotFound)?;
    let signed_at = row.signed_at.ok_or_else(|| StoreError::unreadable("a signed complaint without a signature"))?;
    let consents = identity(scope, complaint)?.consents_to_electronic_sending();
    StoreError::unless_faulty(with.faults(london_date(signed_at), scope.today(), consents))?;
    let sent = update(complaint_responses::table.find((scope.council_id(), complaint.id, row.response_id)))
        .set((
            complaint_responses::sent_by.eq(with.by),
            complaint_responses::sent_on.eq(with.on),
            complaint_responses::due_on.eq(complaint.response_due_on),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(sent, "the response")?;
    let changes = Changes {
        status: Some(status),
        answered_at: Some(Some(moment_of(with.on, scope.at()))),
        progress_due_on: Some(None),
        ..Changes::default()
    };
    change(scope, complaint, changes)?;
    scope.record(Event::ComplaintResponseSent { complaint: complaint.id })
}

/// The latest letter that was sent in the app, for the complainant who follows the complaint. The caller has already opened the key.
pub(super) fn followed(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Option<SignedLetter>, StoreError> {
    let row: Option<(ResponseId, Option<Vec<u8>>)> = complaint_responses::table
        .filter(complaint_responses::council_id.eq(sealed.council).and(complaint_responses::complaint_id.eq(sealed.id)))
        .order(complaint_responses::response_id.desc())
        .select((complaint_responses::response_id, complaint_responses::letter))
        .first(scope.conn)
        .optional()?;
    let Some((id, Some(letter))) = row else { return Ok(None) };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    Ok(Some(key.open(sealed.of(TABLE, "letter", id.uuid()), &letter)?))
}
