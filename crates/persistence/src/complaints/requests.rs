//! What takes away from a complaint or turns it: asking for it, and an officer's decision once the contact given at lodging was told.

use almoner_domain::complaints::complaint::{Author, ContactWish, PersonConcerned};
use almoner_domain::complaints::deadlines::request_due_on;
use almoner_domain::complaints::requests::{Decide, MOST_WAITING, NewRequest, RequestKind, ToldBy, extension_faults};
use almoner_domain::complaints::status::Step;
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, OfficerId, RequestId, ServiceUserId};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::meant::same_name;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::changing::{Changes, change, find_alone, seal};
use super::closed::{ask_another, named_at_the_desk, unless_another_is_asked};
use super::lodging::match_person;
use super::reading::{self, Complaint, identity};
use super::{Identity, Sealed};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::complaint_requests;
use crate::ground::scope::{ComplaintsScope, PartnerScope, Scope};
use crate::ground::transaction::setting;

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
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<2000>>)]
    pub words: Option<String>,
}

const TABLE: &str = "complaint_requests";

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
        let decision = match decision {
            Some(decision) => Some(key.open(sealed.of(TABLE, "decision", id.uuid()), &decision)?),
            None => None,
        };
        requests.push(Request { id, author, made_at, decide_by, asked, decision });
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
        let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
        let decision: Option<Decide> = match decision {
            Some(decision) => Some(key.open(sealed.of(TABLE, "decision", id.uuid()), &decision)?),
            None => None,
        };
        requests.push(FollowedRequest {
            kind,
            author,
            made_at,
            decide_by,
            confirmed: decision.as_ref().map(|decision| decision.confirmed),
            told_by: decision.as_ref().map(|decision| decision.told_by),
            words: decision.map(|decision| decision.words.to_string()),
        });
    }
    Ok(requests)
}

/// Every request that somebody wrote with the code, in the words in which it is sealed: a name can stand in each. The caller has already
/// opened the key.
pub(super) fn texts(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(RequestId, Vec<u8>)> = complaint_requests::table
        .filter(complaint_requests::council_id.eq(sealed.council).and(complaint_requests::complaint_id.eq(sealed.id)))
        .select((complaint_requests::request_id, complaint_requests::content))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |(id, content): (RequestId, Vec<u8>)| {
        let asked: NewRequest = key.open(sealed.of(TABLE, "content", id.uuid()), &content)?;
        Ok(in_words(&asked))
    };
    rows.into_iter().map(open).collect()
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

/// Writes a request. The caller has already opened the key.
fn write(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    (author, names): (Author, Vec<OfficerId>),
    new: &NewRequest,
) -> Result<RequestId, StoreError> {
    StoreError::unless_faulty(new.faults(scope.today()))?;
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
    let sealed = super::following::find_sealed(scope, reference, code)?;
    let (council, complaint) = (sealed.council, sealed.id);
    let names = named_at_the_desk(scope, council, &in_words(new))?;
    let id = write(scope, sealed, (Author::Complainant, names.clone()), new)?;
    ask_another(scope, sealed, &names)?;
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintRequested { complaint })?;
    Ok(id)
}

/// Writes down what the complainant asked for, or what somebody who works on the complaint proposes to them.
pub fn write_down(scope: &mut ComplaintsScope<'_>, id: ComplaintId, new: &NewRequest) -> Result<RequestId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    let request = write(scope, complaint.sealed, (Author::Council, Vec::new()), new)?;
    change(scope, &complaint, Changes::default())?;
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
    if request.decision.is_some() {
        return Err(Refusal::InvalidState { thing: "request", state: "decided", step: "decided again" }.into());
    }
    StoreError::unless_faulty(with.faults(london_date(request.made_at), scope.today()))?;
    let changes = if with.confirmed { effect(scope, complaint, id)? } else { Changes::default() };
    unless_another_is_asked(scope, complaint.id)?;
    let decision = seal(scope, complaint, (TABLE, "decision"), id.uuid(), with)?;
    let decided = update(complaint_requests::table.find((scope.council_id(), complaint.id, id)))
        .set((
            complaint_requests::decided_at.eq(scope.at()),
            complaint_requests::decided_by.eq(by),
            complaint_requests::confirmed.eq(with.confirmed),
            complaint_requests::decision.eq(decision),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(decided, "the request")?;
    change(scope, complaint, changes)?;
    scope.record(Event::ComplaintRequestDecided { complaint: complaint.id })
}

/// What changes about a complaint by a request that is confirmed.
fn effect(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, id: RequestId) -> Result<Changes, StoreError> {
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
            StoreError::unless_faulty(extension_faults(day, complaint.response_due_on, scope.today()))?;
            changes.response_due_on = Some(day);
            changes.response_latest_on = Some(day.max(complaint.response_latest_on));
        }
        // A consent is kept with the request: whoever sends something on looks there.
        RequestKind::Consent => {}
        RequestKind::MaySee => {
            let name = asked.name.as_ref().ok_or_else(missing)?;
            let mut content = reading::content(scope, complaint)?;
            let before = content.must_not_see.len();
            content.must_not_see.retain(|one| !same_name(name.as_str(), one.as_str()));
            if content.must_not_see.len() == before {
                return Err(vec![Fault::new("/confirmed", "must be false: nobody of that name must not see it")].into());
            }
            changes.content = Some(sealed_again(scope, complaint, "content", &content)?);
        }
        RequestKind::Contact | RequestKind::Person | RequestKind::Complainant => {
            let mut identity = identity(scope, complaint)?;
            if asked.kind == RequestKind::Contact {
                let before = identity.contact.replace(asked.contact.clone().ok_or_else(missing)?);
                identity.contact_at_lodging = identity.contact_at_lodging.or(before);
            } else if asked.kind == RequestKind::Person {
                let person = asked.person.clone().ok_or_else(missing)?;
                changes.service_user_id = recognised(scope, complaint, &person)?;
                identity.person = Some(person);
            } else {
                identity.complainant = Some(asked.complainant.clone().ok_or_else(missing)?);
            }
            changes.complainant = Some(sealed_again(scope, complaint, "complainant", &identity)?);
        }
    }
    Ok(changes)
}

/// Finds the one person of the practice whom this describes. Where nobody is found, whoever was recognised before stays: that keeps more
/// people from the complaint, not fewer.
pub(super) fn recognised(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    person: &PersonConcerned,
) -> Result<Option<ServiceUserId>, StoreError> {
    let Some(practice) = complaint.practice_id else { return Ok(None) };
    let own = Some(Tenant::Council(scope.council_id()));
    let settings = [setting("app.practice", practice.uuid())];
    scope.at_intake_with(own, &settings, |scope| match_person(scope, practice, person))
}

fn sealed_again<T: Serialize>(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    column: &'static str,
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    let sealed = complaint.sealed;
    scope.key(sealed.council.uuid(), sealed.key_id)?.seal(sealed.field(column), value)
}
