//! Reading complaints, by those to whom they are assigned.

use almoner_domain::complaints::acknowledging::AcknowledgedBy;
use almoner_domain::complaints::complaint::{
    Author, Complainant, ContactWish, Matter, PersonConcerned, ReadingFormat, Way,
};
use almoner_domain::complaints::danger::Danger;
use almoner_domain::complaints::excluding::ExclusionGround;
use almoner_domain::complaints::heads::ComplaintOutcome;
use almoner_domain::complaints::limiting::Limits;
use almoner_domain::complaints::ombudsman::AskedOmbudsman;
use almoner_domain::complaints::planning::{Period, Risk};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::complaints::timeliness::Timeliness;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, KeyId, PracticeId};
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::actions::{self, Action};
use super::changing::look;
use super::heads::{self, Head};
use super::intakes::{self, TakenDown};
use super::limiting;
use super::link_proposals::{self, LinkProposal};
use super::linking::{self, LinkedComplaint};
use super::messages::{ComplaintMessage, messages};
use super::periods::{self, ResponsePeriod};
use super::record_openings::{self, RecordOpening};
use super::representing::{self, RepresentativeCheck};
use super::requests::{self, Request};
use super::unsealing::unsealed_until;
use super::{Content, Identity, Sealed, closing, timeliness};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{
    complaint_acknowledgements, complaint_concerns, complaint_receipts, complaint_timeliness, complaints, practices,
};
use crate::ground::scope::ComplaintsScope;
use crate::tenancy::practices::PracticeName;

/// A complaint, as those read it to whom it is assigned.
#[derive(Clone, Serialize, ToSchema)]
pub struct Complaint {
    /// The identifier of the complaint.
    pub id: ComplaintId,
    /// The reference with which the complainant follows the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The way by which the complaint came in.
    pub way: Way,
    /// How it came to whoever took it down, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_down: Option<TakenDown>,
    /// The practice that the complaint is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// Who named the practice: the complainant, or an officer of the council, because the complainant named none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice_named_by: Option<Author>,
    /// What the complainant says that the complaint is about.
    #[schema(max_items = 5)]
    pub about: Vec<Matter>,
    /// Whether the complaint is said to be about the council's own people.
    pub about_council: bool,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the person confirms that it is settled, of an oral concern that was settled at a practice's desk. Without that it
    /// is a complaint like any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_by: Option<NaiveDate>,
    /// With what the person was satisfied, of such a concern.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub settled: Option<String>,
    /// When the matter happened, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeliness: Option<Timeliness>,
    /// Whether the complaint came more than twelve months after that (SI 2009/309 reg 12).
    pub late: bool,
    /// The answer to the question whether somebody is in danger.
    pub danger: Danger,
    /// The day by which the complaint is acknowledged.
    pub acknowledgement_due_on: NaiveDate,
    /// When an officer first opened the complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<DateTime<Utc>>,
    /// When the complainant was given the acknowledgement: in the middle of the day, if that was recorded later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The way by which the complainant was given it. What was reopened counts as acknowledged by the reason alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<AcknowledgedBy>,
    /// The day by which it is planned how the complaint is looked into.
    pub plan_due_on: NaiveDate,
    /// How the complaint is looked into, once that is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub handling: Option<String>,
    /// How the day came about by which the complaint is answered. Until it is planned, the contract gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The day by which the complaint is answered: planned, or under the contract.
    pub response_due_on: NaiveDate,
    /// The day by which the complaint is answered at the latest.
    pub response_latest_on: NaiveDate,
    /// The plans and periods as they came about, the oldest first.
    #[schema(max_items = 200)]
    pub periods: Vec<ResponsePeriod>,
    /// The day by which the complainant hears how it goes, from the acknowledgement to the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_due_on: Option<NaiveDate>,
    /// When the complainant was told why there is no response in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_explained_at: Option<DateTime<Utc>>,
    /// The risk in what the complaint is about, once it was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The heads of the complaint.
    #[schema(max_items = 30)]
    pub heads: Vec<Head>,
    /// The outcome of the complaint as a whole, once the response is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ComplaintOutcome>,
    /// When the response was sent: in the middle of the day, if that was recorded later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// What is done because of the complaint.
    #[schema(max_items = 100)]
    pub actions: Vec<Action>,
    /// The limits that are in force on how the complainant reaches those who have the complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// What was asked for that takes away from the complaint or turns it, for officers.
    #[schema(max_items = 200)]
    pub requests: Vec<Request>,
    /// The checks of the representative who complains for the person, the oldest first.
    #[schema(max_items = 20)]
    pub representative_checks: Vec<RepresentativeCheck>,
    /// The ground on which the complaint is not considered, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclusion: Option<ExclusionGround>,
    /// What is recorded of the Ombudsman.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ombudsman: Option<AskedOmbudsman>,
    /// The reference of somebody else's complaint about the same, which whoever lodged this one gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<40>>)]
    pub together_with: Option<String>,
    /// The complaints with which this one is linked: those that are assigned to the caller too, and of those to which officers of both sides
    /// agreed the reference. A guest is told of none.
    #[schema(max_items = 100)]
    pub linked: Vec<LinkedComplaint>,
    /// The proposals to link this complaint with another that wait for an answer, for officers.
    #[schema(max_items = 100)]
    pub link_proposals: Vec<LinkProposal>,
    /// The record at the practice that is open for looking into the complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordOpening>,
    /// When the complaint was closed, withdrawn or left unconsidered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// What was learnt from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub learning: Option<String>,
    /// When the complaint was last reopened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<DateTime<Utc>>,
    /// The complainant's account of the events.
    #[schema(value_type = Passage<10000>)]
    pub narrative: String,
    /// The remedy that the complainant asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub wants: Option<String>,
    /// The people complained about, as the complainant names them.
    #[schema(max_items = 10, value_type = Vec<Line<200>>)]
    pub staff_named: Vec<String>,
    /// The people who must not see the complaint, as the complainant names them.
    #[schema(max_items = 10, value_type = Vec<Line<200>>)]
    pub must_not_see: Vec<String>,
    /// The language in which the complainant wants to be answered; English if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<100>>)]
    pub language: Option<String>,
    /// The format in which the complainant reads what they are sent.
    pub format: ReadingFormat,
    /// Whether the complainant asked for confidentiality: the three members below, and the place in `danger`, are left out until the
    /// caller unseals them.
    pub confidential: bool,
    /// Until when the identity is unsealed for the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsealed_until: Option<DateTime<Utc>>,
    /// The complainant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// The person whose care the complaint is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// The complainant's wishes on how to be contacted safely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactWish>,
    /// The contact that was given at lodging, if another is in its place: what is asked for is confirmed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_at_lodging: Option<ContactWish>,
    /// The messages between the complainant and those who work on the complaint, the oldest first. A guest sees what the council wrote,
    /// and what an officer passed on to them. An officer does not see a message that may name them until another has passed it on.
    #[schema(max_items = 500)]
    pub messages: Vec<ComplaintMessage>,
    /// The version of the complaint, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(super) practice_id: Option<PracticeId>,
    #[serde(skip)]
    pub(super) last_worked_at: DateTime<Utc>,
    #[serde(skip)]
    pub(super) sealed: Sealed,
}

impl Complaint {
    /// Whether it is said why it is looked into although it came late.
    pub(super) fn is_accepted_late(&self) -> bool {
        self.timeliness.as_ref().is_some_and(|known| known.accepted_because.is_some())
    }

    /// Whether the Ombudsman has decided on it.
    pub(super) fn is_decided_by_the_ombudsman(&self) -> bool {
        self.ombudsman.as_ref().is_some_and(|asked| asked.decision.is_some())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct ComplaintRow {
    complaint_id: ComplaintId,
    way: Way,
    about_council: bool,
    status: ComplaintStatus,
    key_id: KeyId,
    content: Vec<u8>,
    complainant: Vec<u8>,
    confidential: bool,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    plan_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    opened_at: Option<DateTime<Utc>>,
    acknowledged_at: Option<DateTime<Utc>>,
    handling: Option<Vec<u8>>,
    period: Option<Period>,
    risk: Option<Risk>,
    progress_due_on: Option<NaiveDate>,
    delay_explained_at: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
    outcome: Option<ComplaintOutcome>,
    exclusion: Option<ExclusionGround>,
    closed_at: Option<DateTime<Utc>>,
    learning: Option<Vec<u8>>,
    reopened_at: Option<DateTime<Utc>>,
    practice_id: Option<PracticeId>,
    last_worked_at: DateTime<Utc>,
    version: i32,
}

/// Selects the complaints of this council that are assigned to the caller, with their receipts and practices.
macro_rules! rows {
    ($council:expr) => {
        complaints::table
            .inner_join(
                complaint_receipts::table.on(complaint_receipts::council_id
                    .eq(complaints::council_id)
                    .and(complaint_receipts::complaint_id.eq(complaints::complaint_id))),
            )
            .left_join(practices::table.on(practices::practice_id.nullable().eq(complaints::practice_id)))
            .filter(complaints::council_id.eq($council))
    };
}
pub(super) use rows;

/// Finds one complaint that is assigned to the caller.
pub fn find(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Complaint, StoreError> {
    type Beside = (Option<NaiveDate>, Option<Vec<u8>>, Option<AcknowledgedBy>);
    type Row = (ComplaintRow, String, Option<PracticeName>, Beside, WrappedKeys);
    let council = scope.council_id();
    let concerns = complaint_concerns::table
        .filter(complaint_concerns::council_id.eq(complaints::council_id))
        .filter(complaint_concerns::complaint_id.eq(complaints::complaint_id));
    let timeliness = complaint_timeliness::table
        .filter(complaint_timeliness::council_id.eq(complaints::council_id))
        .filter(complaint_timeliness::complaint_id.eq(complaints::complaint_id));
    let acknowledgements = complaint_acknowledgements::table
        .filter(complaint_acknowledgements::council_id.eq(complaints::council_id))
        .filter(complaint_acknowledgements::complaint_id.eq(complaints::complaint_id));
    let (row, reference, practice, (confirm_by, timeliness, acknowledged_by), keys): Row = rows!(council)
        .filter(complaints::complaint_id.eq(id))
        .select((
            ComplaintRow::as_select(),
            complaint_receipts::reference,
            Option::<PracticeName>::as_select(),
            (
                concerns.select(complaint_concerns::confirm_by).single_value(),
                timeliness.select(complaint_timeliness::content).single_value(),
                acknowledgements.select(complaint_acknowledgements::given_by).single_value(),
            ),
            wrapped_keys!(complaints, council.uuid()),
        ))
        .first(scope.conn)?;
    let sealed = Sealed { council, id: row.complaint_id, key_id: row.key_id };
    let key = scope.unwrap(council.uuid(), row.key_id, &keys)?;
    let content: Content = key.open(sealed.field("content"), &row.content)?;
    let unsealed_until = if row.confidential { unsealed_until(scope, id)? } else { None };
    let is_unsealed = !row.confidential || unsealed_until.is_some();
    let identity: Identity =
        if is_unsealed { key.open(sealed.field("complainant"), &row.complainant)? } else { Identity::default() };
    let open = |column, words: &Option<Vec<u8>>| -> Result<Option<String>, StoreError> {
        words.as_ref().map(|words| key.open(sealed.field(column), words)).transpose()
    };
    let timeliness = timeliness.map(|content| timeliness::open(&key, sealed, &content)).transpose()?;
    Ok(Complaint {
        id: row.complaint_id,
        reference,
        way: row.way,
        taken_down: intakes::of_complaint(scope, sealed)?,
        practice_named_by: row.practice_id.map(|_| content.practice_named_by()),
        practice,
        about: content.about,
        about_council: row.about_council,
        status: row.status,
        received_at: row.received_at,
        confirm_by,
        settled: content.settled.map(String::from),
        late: timeliness.as_ref().is_some_and(|one| one.dates().is_late(london_date(row.received_at))),
        timeliness,
        danger: Danger { now: content.danger_now, place: identity.place },
        acknowledgement_due_on: row.acknowledgement_due_on,
        opened_at: row.opened_at,
        acknowledged_at: row.acknowledged_at,
        acknowledged_by: acknowledged_by.filter(|_| row.acknowledged_at.is_some()),
        plan_due_on: row.plan_due_on,
        handling: open("handling", &row.handling)?,
        period: row.period,
        response_due_on: row.response_due_on,
        response_latest_on: row.response_latest_on,
        periods: periods::of_complaint(scope, sealed)?,
        progress_due_on: row.progress_due_on,
        delay_explained_at: row.delay_explained_at,
        risk: row.risk,
        heads: heads::of_complaint(scope, sealed)?,
        outcome: row.outcome,
        answered_at: row.answered_at,
        actions: actions::of_complaint(scope, sealed)?,
        limits: limiting::in_force(scope, sealed)?,
        requests: requests::of_complaint(scope, sealed, is_unsealed)?,
        representative_checks: representing::of_complaint(scope, sealed, is_unsealed)?,
        exclusion: row.exclusion,
        ombudsman: closing::ombudsman_of(scope, sealed)?,
        together_with: content.together_with.map(String::from),
        linked: linking::of_complaint(scope, sealed)?,
        link_proposals: link_proposals::of_complaint(scope, sealed)?,
        record: record_openings::of_complaint(scope, sealed)?.filter(|_| is_unsealed),
        closed_at: row.closed_at,
        learning: open("learning", &row.learning)?,
        reopened_at: row.reopened_at,
        narrative: content.narrative.to_string(),
        wants: content.wants.map(String::from),
        staff_named: content.staff.into_iter().map(String::from).collect(),
        must_not_see: content.must_not_see.into_iter().map(String::from).collect(),
        language: content.language.map(String::from),
        format: content.format,
        confidential: row.confidential,
        unsealed_until,
        complainant: identity.complainant,
        person: identity.person,
        contact_at_lodging: identity.contact_at_lodging.filter(|first| identity.contact.as_ref() != Some(first)),
        contact: identity.contact,
        messages: messages(scope, sealed)?,
        version: row.version,
        practice_id: row.practice_id,
        last_worked_at: row.last_worked_at,
        sealed,
    })
}

/// Opens the identity in a complaint for the program itself, whether or not it is unsealed for the caller: they are told nothing of it.
pub(super) fn identity(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Identity, StoreError> {
    let sealed = complaint.sealed;
    let identity: Vec<u8> =
        complaints::table.find((sealed.council, sealed.id)).select(complaints::complainant).first(scope.conn)?;
    scope.key(sealed.council.uuid(), sealed.key_id)?.open(sealed.field("complainant"), &identity)
}

/// Opens the words in which a complaint was lodged.
pub(super) fn content(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Content, StoreError> {
    let sealed = complaint.sealed;
    let content: Vec<u8> =
        complaints::table.find((sealed.council, sealed.id)).select(complaints::content).first(scope.conn)?;
    scope.key(sealed.council.uuid(), sealed.key_id)?.open(sealed.field("content"), &content)
}

/// One complaint that is assigned to the caller: the reading is on record.
pub fn read(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<Complaint>, StoreError> {
    let complaint = find(scope, id)?;
    look(scope, &complaint)?;
    scope.record_read(complaint, Event::ComplaintRead { complaint: id })
}
