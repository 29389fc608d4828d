//! The heads of a complaint: putting them down, what was found on each, holding one while somebody else looks into the same.

use almoner_domain::complaints::complaint::Matter;
use almoner_domain::complaints::heads::{ComplaintOutcome, HeadFinding, Hold, MOST_HEADS, NewHead, Theme};
use almoner_domain::complaints::response::HeadFound;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, HeadId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use super::changing::{Changes, change, find_alone, seal};
use super::reading::Complaint;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::complaint_heads;
use crate::ground::scope::{ComplaintsScope, Scope};

/// A head of a complaint, as those read it who work on it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Head {
    /// The identifier of the head.
    pub id: HeadId,
    /// What is complained of.
    #[schema(value_type = Passage<4000>)]
    pub statement: String,
    /// What the head is about.
    pub about: Matter,
    /// The theme of the head.
    pub theme: Theme,
    /// What was found, once there is a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ComplaintOutcome>,
    /// The reasons, and what they rest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<10000>>)]
    pub finding: Option<String>,
    /// What puts it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub remedy: Option<String>,
    /// The day on which the complainant, or the person whose care it is about, was themself heard on this head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_on: Option<NaiveDate>,
    /// Why they were not heard, where they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<1000>>)]
    pub not_heard_because: Option<String>,
    /// Why the head is held, if it is, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// When the head was put down.
    pub raised_at: DateTime<Utc>,
}

/// A head that is held while somebody else looks into the same.
#[derive(Clone, Serialize, ToSchema)]
pub struct Held {
    /// The reason.
    #[schema(value_type = Passage<2000>)]
    pub reason: String,
    /// The day on which somebody looks at it again.
    pub until: NaiveDate,
}

/// A head of a complaint, as the complainant reads it. What was found stands in the response.
#[derive(Clone, Serialize, ToSchema)]
pub struct FollowedHead {
    /// What is complained of.
    #[schema(value_type = Passage<4000>)]
    pub statement: String,
    /// What the head is about.
    pub about: Matter,
    /// Why the head is held, if it is, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

impl Head {
    /// The head as a response needs it.
    pub(super) fn found(&self) -> HeadFound {
        HeadFound {
            outcome: self.outcome,
            is_held: self.held.is_some(),
            says_who_was_heard: self.heard_on.is_some() || self.not_heard_because.is_some(),
        }
    }
}

const TABLE: &str = "complaint_heads";

/// Opens why a head is held.
fn held(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    id: HeadId,
    hold: Option<Vec<u8>>,
    until: Option<NaiveDate>,
) -> Result<Option<Held>, StoreError> {
    let Some((hold, until)) = hold.zip(until) else { return Ok(None) };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    Ok(Some(Held { reason: key.open(sealed.of(TABLE, "hold", id.uuid()), &hold)?, until }))
}

/// Reads the heads of a complaint, in the order in which they were put down. The caller has already opened the key.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Vec<Head>, StoreError> {
    type Row = (
        (HeadId, Vec<u8>, Matter, Theme, DateTime<Utc>),
        (Option<Vec<u8>>, Option<ComplaintOutcome>, Option<Vec<u8>>, Option<NaiveDate>),
    );
    let rows: Vec<Row> = complaint_heads::table
        .filter(complaint_heads::council_id.eq(sealed.council).and(complaint_heads::complaint_id.eq(sealed.id)))
        .order(complaint_heads::head_id)
        .select((
            (
                complaint_heads::head_id,
                complaint_heads::statement,
                complaint_heads::about,
                complaint_heads::theme,
                complaint_heads::raised_at,
            ),
            (complaint_heads::finding, complaint_heads::outcome, complaint_heads::hold, complaint_heads::held_until),
        ))
        .load(scope.conn)?;
    let mut heads = Vec::new();
    for ((id, statement, about, theme, raised_at), (finding, outcome, hold, until)) in rows {
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let of = |column| sealed.of(TABLE, column, id.uuid());
        let found: Option<HeadFinding> = match &finding {
            Some(finding) => Some(key.open(of("finding"), finding)?),
            None => None,
        };
        let found = found.as_ref();
        heads.push(Head {
            id,
            statement: key.open(of("statement"), &statement)?,
            about,
            theme,
            outcome,
            finding: found.map(|found| found.finding.to_string()),
            remedy: found.and_then(|found| found.remedy.as_ref()).map(Passage::to_string),
            heard_on: found.and_then(|found| found.heard_on),
            not_heard_because: found.and_then(|found| found.not_heard_because.as_ref()).map(Passage::to_string),
            held: held(scope, sealed, id, hold, until)?,
            raised_at,
        });
    }
    Ok(heads)
}

/// Reads the heads of a complaint as its complainant follows them. The caller has already opened the key.
pub(super) fn followed(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Vec<FollowedHead>, StoreError> {
    type Row = (HeadId, Vec<u8>, Matter, Option<Vec<u8>>, Option<NaiveDate>);
    let rows: Vec<Row> = complaint_heads::table
        .filter(complaint_heads::council_id.eq(sealed.council).and(complaint_heads::complaint_id.eq(sealed.id)))
        .order(complaint_heads::head_id)
        .select((
            complaint_heads::head_id,
            complaint_heads::statement,
            complaint_heads::about,
            complaint_heads::hold,
            complaint_heads::held_until,
        ))
        .load(scope.conn)?;
    let mut heads = Vec::new();
    for (id, statement, about, hold, until) in rows {
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let statement = key.open(sealed.of(TABLE, "statement", id.uuid()), &statement)?;
        heads.push(FollowedHead { statement, about, held: held(scope, sealed, id, hold, until)? });
    }
    Ok(heads)
}

/// Puts down a head.
pub fn raise(scope: &mut ComplaintsScope<'_>, id: ComplaintId, new: &NewHead) -> Result<HeadId, StoreError> {
    let complaint = find_alone(scope, id)?;
    complaint.status.after(Step::Investigate)?;
    if complaint.heads.len() >= MOST_HEADS {
        return Err(Refusal::TooManyHeads.into());
    }
    let head: HeadId = scope.next_id();
    let statement = seal(scope, &complaint, (TABLE, "statement"), head.uuid(), new.statement.as_str())?;
    diesel::insert_into(complaint_heads::table)
        .values((
            complaint_heads::council_id.eq(scope.council_id()),
            complaint_heads::complaint_id.eq(id),
            complaint_heads::head_id.eq(head),
            complaint_heads::key_id.eq(complaint.sealed.key_id),
            complaint_heads::statement.eq(statement),
            complaint_heads::about.eq(new.about),
            complaint_heads::theme.eq(new.theme),
            complaint_heads::raised_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    change(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintHeadRaised { complaint: id })?;
    Ok(head)
}

/// One head of a complaint that is looked into.
fn of(complaint: &Complaint, head: HeadId) -> Result<&Head, StoreError> {
    let found = complaint.heads.iter().find(|one| one.id == head).ok_or(StoreError::NotFound)?;
    complaint.status.after(Step::Investigate)?;
    Ok(found)
}

/// Selects the row of a head.
macro_rules! row {
    ($scope:expr, $complaint:expr, $head:expr) => {
        complaint_heads::table.find(($scope.council_id(), $complaint.id, $head))
    };
}

/// Counts what was written of a head as a change of its complaint, and records it.
fn written(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    rows: usize,
    event: Event,
) -> Result<(), StoreError> {
    StoreError::unless_changed(rows, "the head")?;
    change(scope, complaint, Changes::default())?;
    scope.record(event)
}

/// Writes a head anew.
pub fn amend(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    head: HeadId,
    new: &NewHead,
) -> Result<(), StoreError> {
    of(complaint, head)?;
    let statement = seal(scope, complaint, (TABLE, "statement"), head.uuid(), new.statement.as_str())?;
    let amended = update(row!(scope, complaint, head))
        .set((
            complaint_heads::statement.eq(statement),
            complaint_heads::about.eq(new.about),
            complaint_heads::theme.eq(new.theme),
        ))
        .execute(scope.conn)?;
    written(scope, complaint, amended, Event::ComplaintHeadAmended { complaint: complaint.id })
}

/// Takes out a head on which nothing was found.
pub fn remove(scope: &mut ComplaintsScope<'_>, id: ComplaintId, head: HeadId) -> Result<(), StoreError> {
    let complaint = find_alone(scope, id)?;
    if of(&complaint, head)?.outcome.is_some() {
        return Err(Refusal::InvalidState { thing: "head", state: "found on", step: "taken out" }.into());
    }
    let removed = diesel::delete(row!(scope, complaint, head)).execute(scope.conn)?;
    written(scope, &complaint, removed, Event::ComplaintHeadRemoved { complaint: complaint.id })
}

/// Puts down what was found on a head.
pub fn decide(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    head: HeadId,
    with: &HeadFinding,
) -> Result<(), StoreError> {
    if of(complaint, head)?.held.is_some() {
        return Err(Refusal::InvalidState { thing: "head", state: "held", step: "found on" }.into());
    }
    StoreError::unless_faulty(with.faults(london_date(complaint.received_at), scope.today()))?;
    let finding = seal(scope, complaint, (TABLE, "finding"), head.uuid(), with)?;
    let found = update(row!(scope, complaint, head))
        .set((complaint_heads::finding.eq(finding), complaint_heads::outcome.eq(with.outcome)))
        .execute(scope.conn)?;
    written(scope, complaint, found, Event::ComplaintHeadFound { complaint: complaint.id })
}

/// Holds a head, while somebody else looks into the same.
pub fn hold(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    head: HeadId,
    with: &Hold,
) -> Result<(), StoreError> {
    of(complaint, head)?;
    StoreError::unless_faulty(with.faults(scope.today()))?;
    let reason = seal(scope, complaint, (TABLE, "hold"), head.uuid(), with.reason.as_str())?;
    let rows = update(row!(scope, complaint, head))
        .set((complaint_heads::hold.eq(reason), complaint_heads::held_until.eq(with.until)))
        .execute(scope.conn)?;
    written(scope, complaint, rows, Event::ComplaintHeadHeld { complaint: complaint.id })
}

/// Goes on with a head that was held.
pub fn resume(scope: &mut ComplaintsScope<'_>, id: ComplaintId, head: HeadId) -> Result<(), StoreError> {
    let complaint = find_alone(scope, id)?;
    if of(&complaint, head)?.held.is_none() {
        return Ok(());
    }
    let resumed = update(row!(scope, complaint, head))
        .set((complaint_heads::hold.eq(None::<Vec<u8>>), complaint_heads::held_until.eq(None::<NaiveDate>)))
        .execute(scope.conn)?;
    written(scope, &complaint, resumed, Event::ComplaintHeadResumed { complaint: complaint.id })
}
