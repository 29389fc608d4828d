//! What takes away from a complaint or turns it: asking for it, and an officer's decision once the contact given at lodging was told.

use almoner_domain::complaints::complaint::{Author, ContactWish};
use almoner_domain::complaints::deadlines::request_due_on;
use almoner_domain::complaints::requests::{
    Decide, DecisionKind, MOST_WAITING, NewRequest, RequestKind, Reviewed, ToldBy, extension_fault, extension_faults,
};
use almoner_domain::complaints::status::Step;
use almoner_domain::complaints::streams::fault_of_body;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, OfficerId, RequestId};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::meant::same_name;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::changing::{Changes, change_at_once, find_alone, seal, seal_again};
use super::closed::{ask_another, have_looked_at, named_at_the_desk, unless_another_is_asked};
use super::following::{find_sealed, own_names_told};
use super::logged::planned_on;
use super::reading::{self, Complaint, identity};
use super::rechecking::{end_what_is_barred, recognised};
use super::record_openings::close_open;
use super::reviewing::note_decision;
use super::{Identity, Sealed, intakes, periods};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_requests, complaints};
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};
use crate::ground::sealing::Key;
use crate::tenancy::councils;

/// What somebody asked for that takes away from a complaint or turns it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ComplaintRequest)]
pub struct Request {
    /// The identifier of the request.
    pub id: RequestId,
    /// Who wrote it: whoever has the code, or somebody who works on the complaint.
    pub author: Author,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The day by which it is decided.
    pub decide_by: NaiveDate,
    /// What is asked for. In a confidential complaint a contact, a person and a complainant are left out until the caller unseals them.
    #[serde(flatten)]
    pub asked: NewRequest,
    /// The decision, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decide>,
    /// What was decided on a request for a review, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Reviewed>,
}

impl Request {
    /// Refuses a decision on a request that has one.
    pub(super) fn awaits(&self) -> Result<(), Refusal> {
        if self.decision.is_some() || self.review.is_some() {
            return Err(Refusal::InvalidState { thing: "request", state: "decided", step: "decided again" });
        }
        Ok(())
    }
}

/// What was asked for, as the complainant follows it.
#[derive(Clone, Serialize, ToSchema)]
pub struct FollowedRequest {
    /// What was asked for.
    pub kind: RequestKind,
    /// Who wrote it: whoever has the code, or somebody who works on the complaint.
    pub author: Author,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The day by which it is decided.
    pub decide_by: NaiveDate,
    /// Whether the contact given at lodging confirmed it; absent while nobody has decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// How the contact given at lodging was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_by: Option<ToldBy>,
    /// The day on which the complainant is said to have agreed to a longer period, if it is another than that of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_on: Option<NaiveDate>,
    /// Whether a review found for the complainant; absent while nobody has decided on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upheld: Option<bool>,
    /// What was said, or the reasons of a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub words: Option<String>,
}

pub(super) const TABLE: &str = "complaint_requests";

/// Opens what was decided on a request of this kind: on a review, or on what is confirmed.
fn decided(
    scope: &mut Scope<'_>,
    (sealed, id, kind): (Sealed, RequestId, RequestKind),
    decision: Option<Vec<u8>>,
) -> Result<(Option<Decide>, Option<Reviewed>), StoreError> {
    let Some(decision) = decision else { return Ok((None, None)) };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let field = sealed.of(TABLE, "decision", id.uuid());
    Ok(if kind == RequestKind::Review {
        (None, Some(key.open(field, &decision)?))
    } else {
        (Some(key.open(field, &decision)?), None)
    })
}

/// Reads the requests of a complaint that the caller may see, the oldest first, without what says who somebody is unless that is unsealed.
/// The caller has already opened the key.
pub(super) fn of_complaint(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    is_unsealed: bool,
) -> Result<Vec<Request>, StoreError> {
    type Row = (RequestId, Author, DateTime<Utc>, NaiveDate, Vec<u8>, Option<Vec<u8>>);
    let rows: Vec<Row> = complaint_requests::table
        .filter(complaint_requests::council_id.eq(sealed.council).and(complaint_requests::complaint_id.eq(sealed.id)))
        .order(complaint_requests::request_id)
        .limit(200)
        .select((
            complaint_requests::request_id,
            complaint_requests::author,
            complaint_requests::made_at,
            complaint_requests::decide_by,
            complaint_requests::content,
            complaint_requests::decision,
        ))
        .load(scope.conn)?;
    let mut requests = Vec::new();
    for (id, author, made_at, decide_by, content, decision) in rows {
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let mut asked: NewRequest = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
        if !is_unsealed {
            asked = NewRequest { contact: None, person: None, complainant: None, ..asked };
        }
        let (decision, review) = decided(scope, (sealed, id, asked.kind), decision)?;
        requests.push(Request { id, author, made_at, decide_by, asked, decision, review });
    }
    Ok(requests)
}

/// Reads the requests of a complaint as its complainant follows them. The caller has already opened the key.
pub(super) fn followed(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Vec<FollowedRequest>, StoreError> {
    type Row = (RequestId, RequestKind, Author, DateTime<Utc>, NaiveDate, Option<Vec<u8>>);
    let rows: Vec<Row> = complaint_requests::table
        .filter(complaint_requests::council_id.eq(sealed.council).and(complaint_requests::complaint_id.eq(sealed.id)))
        .order(complaint_requests::request_id)
        .limit(200)
        .select((
            complaint_requests::request_id,
            complaint_requests::kind,
            complaint_requests::author,
            complaint_requests::made_at,
            complaint_requests::decide_by,
            complaint_requests::decision,
        ))
        .load(scope.conn)?;
    let mut requests = Vec::new();
    for (id, kind, author, made_at, decide_by, decision) in rows {
        let (decision, review) = decided(scope, (sealed, id, kind), decision)?;
        let reasons = review.as_ref().map(|review| review.reasons.to_string());
        requests.push(FollowedRequest {
            kind,
            author,
            made_at,
            decide_by,
            confirmed: decision.as_ref().map(|decision| decision.confirmed),
            told_by: decision.as_ref().map(|decision| decision.told_by),
            agreed_on: decision.as_ref().and_then(|decision| decision.agreed_on),
            upheld: review.map(|review| review.upheld),
            words: decision.map(|decision| decision.words.to_string()).or(reasons),
        });
    }
    Ok(requests)
}

/// Opens a request as a text in which a name can stand.
pub(super) fn words_of(key: &Key, sealed: Sealed, id: RequestId, content: &[u8]) -> Result<String, StoreError> {
    let asked: NewRequest = key.open(sealed.of(TABLE, "content", id.uuid()), content)?;
    Ok(in_words(&asked))
}

/// Everything in a request in which a name can stand, but the name that may see the complaint: it is somebody's who must not yet.
fn in_words(asked: &NewRequest) -> String {
    let contact = asked.contact.as_ref().map(ContactWish::in_words);
    let identity =
        Identity { complainant: asked.complainant.clone(), person: asked.person.clone(), ..Identity::default() };
    let body = asked.body.as_ref().map(Line::as_str);
    let words = [asked.words.as_ref().map(Passage::as_str), contact.as_deref(), body];
    let words = words.into_iter().flatten().map(str::to_owned).chain(identity.names());
    words.collect::<Vec<_>>().join("\n")
}

/// The names of the practice that a complaint is about and of the council that answers for it, between which nothing is forwarded.
pub(super) fn own_names(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Vec<String>, StoreError> {
    let practice = complaint.practice.as_ref().map(|practice| practice.name.clone());
    let council = councils::name_of(scope, complaint.sealed.council)?.name;
    Ok(practice.into_iter().chain([council]).collect())
}

/// Refuses a consent to send something to one of these, between which nothing is forwarded.
fn unless_own(body: &Line<200>, own: &[String]) -> Result<(), StoreError> {
    StoreError::unless_faulty(fault_of_body("/body", body.as_str(), own).into_iter().collect())
}

/// The day on which a complaint was received, or reopened since.
fn begun_on(scope: &mut Scope<'_>, sealed: Sealed) -> Result<NaiveDate, StoreError> {
    let (received, reopened): (DateTime<Utc>, Option<DateTime<Utc>>) = complaints::table
        .find((sealed.council, sealed.id))
        .select((complaints::received_at, complaints::reopened_at))
        .first(scope.conn)?;
    Ok(london_date(reopened.unwrap_or(received)))
}

/// Writes a request. The caller has already opened the key.
fn write(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    (author, names): (Author, Vec<OfficerId>),
    new: &NewRequest,
) -> Result<RequestId, StoreError> {
    let mut faults = new.faults(scope.today());
    if let Some(day) = new.respond_by {
        faults.extend(extension_fault(day, begun_on(scope, sealed)?));
    }
    StoreError::unless_faulty(faults)?;
    let waiting: i64 = complaint_requests::table
        .filter(complaint_requests::council_id.eq(sealed.council).and(complaint_requests::complaint_id.eq(sealed.id)))
        .filter(complaint_requests::decided_at.is_null())
        .count()
        .get_result(scope.conn)?;
    if waiting >= MOST_WAITING {
        return Err(Refusal::TooManyRequests.into());
    }
    let id: RequestId = scope.next_id();
    let content = scope.key(sealed.council.uuid(), sealed.key_id)?.seal(sealed.of(TABLE, "content", id.uuid()), new)?;
    let decide_by = request_due_on(scope.today(), &scope.calendar()?);
    diesel::insert_into(complaint_requests::table)
        .values((
            complaint_requests::council_id.eq(sealed.council),
            complaint_requests::complaint_id.eq(sealed.id),
            complaint_requests::request_id.eq(id),
            complaint_requests::key_id.eq(sealed.key_id),
            complaint_requests::kind.eq(new.kind),
            complaint_requests::content.eq(content),
            complaint_requests::author.eq(author),
            complaint_requests::names.eq(names),
            complaint_requests::made_at.eq(scope.at()),
            complaint_requests::decide_by.eq(decide_by),
        ))
        .execute(scope.conn)?;
    Ok(id)
}

/// Asks for something with the code. The request goes to the officers who have the complaint, but not to one whom it may name.
pub fn ask_with_code(
    scope: &mut PartnerScope<'_>,
    reference: &str,
    code: &str,
    new: &NewRequest,
) -> Result<RequestId, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    let (council, complaint) = (sealed.council, sealed.id);
    if let Some(body) = &new.body {
        let own = own_names_told(scope, sealed)?;
        unless_own(body, &own)?;
    }
    let names = named_at_the_desk(scope, council, &in_words(new))?;
    let id = write(scope, sealed, (Author::Complainant, names.clone()), new)?;
    if new.kind == RequestKind::Review {
        have_looked_at(scope, sealed)?;
    }
    ask_another(scope, sealed, &names)?;
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintRequested { complaint })?;
    Ok(id)
}

/// Writes down what the complainant asked for, or what somebody who works on the complaint proposes to them.
pub fn write_down(scope: &mut ComplaintsScope<'_>, id: ComplaintId, new: &NewRequest) -> Result<RequestId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    if let Some(body) = &new.body {
        unless_own(body, &own_names(scope, &complaint)?)?;
    }
    let request = write(scope, complaint.sealed, (Author::Council, Vec::new()), new)?;
    if new.kind == RequestKind::Review {
        let (council, at) = (scope.council_id(), scope.at());
        scope.schedule(council, Task::OfferComplaint { complaint: id }, at);
    }
    change_at_once(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintRequested { complaint: id })?;
    Ok(request)
}

/// Decides on a request. It counts if the contact that was given at lodging confirmed it.
pub fn decide(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    id: RequestId,
    with: &Decide,
) -> Result<(), StoreError> {
    let by = scope.officer()?;
    let request = complaint.requests.iter().find(|one| one.id == id).ok_or(StoreError::NotFound)?;
    if request.asked.kind == RequestKind::Review {
        let (thing, state) = ("request", "one for a review");
        return Err(Refusal::InvalidState { thing, state, step: "decided without one" }.into());
    }
    request.awaits()?;
    let at_lodging = identity(scope, complaint)?.contact_at_lodging;
    let made = (request.asked.kind, london_date(request.made_at));
    StoreError::unless_faulty(with.faults(made, scope.today(), at_lodging.as_ref()))?;
    let changes = if with.confirmed { effect(scope, complaint, id, with)? } else { Changes::default() };
    unless_another_is_asked(scope, complaint.id)?;
    let is_over = changes.closed_at.is_some();
    let extended_to = changes.response_due_on;
    keep_decision(scope, complaint, (id, by, with.confirmed), with)?;
    change_at_once(scope, complaint, changes)?;
    if with.confirmed && request.asked.kind == RequestKind::Person {
        // The record that is open is somebody else's now.
        close_open(scope, complaint.id)?;
        end_what_is_barred(scope, complaint.id)?;
    }
    periods::keep_extension(scope, complaint, extended_to)?;
    if is_over {
        note_decision(scope, complaint, DecisionKind::Withdrawn)?;
    }
    scope.record(Event::ComplaintRequestDecided { complaint: complaint.id })
}

/// Keeps what this officer decided on a request, and whether it counts.
pub(super) fn keep_decision<T: Serialize>(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    (id, by, counts): (RequestId, OfficerId, bool),
    with: &T,
) -> Result<(), StoreError> {
    let decision = seal(scope, complaint, (TABLE, "decision"), id.uuid(), with)?;
    let decided = update(complaint_requests::table.find((scope.council_id(), complaint.id, id)))
        .set((
            complaint_requests::decided_at.eq(scope.at()),
            complaint_requests::decided_by.eq(by),
            complaint_requests::confirmed.eq(counts),
            complaint_requests::decision.eq(decision),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(decided, "the request")
}

/// What changes about a complaint by a request that is confirmed with this decision.
fn effect(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    id: RequestId,
    with: &Decide,
) -> Result<Changes, StoreError> {
    let sealed = complaint.sealed;
    let content: Vec<u8> = complaint_requests::table
        .find((sealed.council, sealed.id, id))
        .select(complaint_requests::content)
        .first(scope.conn)?;
    // What the caller was shown may lack what is sealed.
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let asked: NewRequest = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
    let missing = || StoreError::unreadable("a request that lacks what it is for");
    let mut changes = Changes::default();
    match asked.kind {
        RequestKind::Withdrawal => {
            changes.status = Some(complaint.status.after(Step::Withdraw)?);
            changes.closed_at = Some(Some(scope.at()));
        }
        RequestKind::Extension => {
            complaint.status.after(Step::Extend)?;
            let day = asked.respond_by.ok_or_else(missing)?;
            let (today, period) = (scope.today(), (planned_on(scope, complaint.id)?, complaint.response_due_on));
            StoreError::unless_faulty(extension_faults(day, period, with.agreed_on.unwrap_or(today), today))?;
            changes.response_due_on = Some(day);
            changes.response_latest_on = Some(day.max(complaint.response_latest_on));
        }
        // A consent is kept with the request: whoever sends something on looks there. A review is decided elsewhere.
        RequestKind::Consent | RequestKind::Review => {}
        RequestKind::MaySee => {
            let name = asked.name.as_ref().ok_or_else(missing)?;
            let mut content = reading::content(scope, complaint)?;
            let before = content.must_not_see.len();
            content.must_not_see.retain(|one| !same_name(name.as_str(), one.as_str()));
            if content.must_not_see.len() == before {
                return Err(vec![Fault::new("/confirmed", "must be false: nobody of that name must not see it")].into());
            }
            changes.content = Some(seal_again(scope, complaint, "content", &content)?);
        }
        RequestKind::Contact | RequestKind::Person | RequestKind::Complainant => {
            let mut identity = identity(scope, complaint)?;
            if asked.kind == RequestKind::Contact {
                identity.contact = Some(asked.contact.clone().ok_or_else(missing)?);
                intakes::note_contact(scope, complaint.id)?;
            } else if asked.kind == RequestKind::Person {
                let person = asked.person.clone().ok_or_else(missing)?;
                changes.service_user_id = recognised(scope, complaint, &person)?.map(Some);
                identity.person = Some(person);
            } else {
                identity.complainant = Some(asked.complainant.clone().ok_or_else(missing)?);
            }
            changes.complainant = Some(seal_again(scope, complaint, "complainant", &identity)?);
        }
    }
    Ok(changes)
}

/// The day on which the complainant consented with this request, as it was confirmed, that something is sent to this body.
pub(super) fn consented_on(complaint: &Complaint, id: RequestId, body: &Line<200>) -> Result<NaiveDate, Vec<Fault>> {
    let request = complaint.requests.iter().find(|one| one.id == id && one.asked.kind == RequestKind::Consent);
    let confirmed = request
        .and_then(|one| one.decision.as_ref().filter(|decision| decision.confirmed).zip(one.asked.body.as_ref()));
    let Some((decision, to)) = confirmed else {
        return Err(vec![Fault::new("/consent_request_id", "names no consent that was confirmed")]);
    };
    if to.as_str().to_lowercase() != body.as_str().to_lowercase() {
        return Err(vec![Fault::new("/owner", format!("must be {}, to which the complainant consented", to.as_str()))]);
    }
    Ok(decision.told_on)
}
