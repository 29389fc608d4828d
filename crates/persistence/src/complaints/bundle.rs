//! The whole file of a complaint, for the Ombudsman: what was lodged, done, written, found and answered, who had it and who saw it. It is
//! given out whole or not at all.

use std::collections::{HashMap, HashSet};

use almoner_domain::complaints::acknowledging::AcknowledgedBy;
use almoner_domain::complaints::clocks::Clock;
use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::giving::MessageGiven;
use almoner_domain::complaints::response::SentBy;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, GuestId, MessageId, OfficerId, ResponseId, UnsealingId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::assignments::{self, Assignment};
use super::closed::is_named;
use super::closing::{self, OmbudsmanEntry};
use super::documents::{self, ComplaintDocument};
use super::hearings::{self, Shown};
use super::logged::{self, Act, Sight};
use super::reading::{self, Complaint};
use super::response::SignedLetter;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{
    complaint_escalations, complaint_messages, complaint_responses, complaint_unsealings, councils, guests, officers,
};
use crate::ground::scope::ComplaintsScope;
use crate::officers::parse_roles;

/// The most messages, and the most events of the log, that a file has.
const MOST_ROWS: i64 = 10_000;

/// The most of everything else that a complaint has many of: requests, periods, parts that are shown, assignments, unsealings, responses.
const MOST_PARTS: i64 = 200;

/// The most heads that are shown to subjects, and the most of their answers, that a file has.
const MOST_SHOWN: usize = 1000;

/// Somebody who works on complaints of a council, or did.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// Their name.
    pub name: String,
    /// What they are to the council.
    pub office: Office,
}

/// What somebody is to a council.
#[derive(Clone, Debug)]
pub enum Office {
    /// An officer, with the roles that they have now.
    Officer(Vec<OfficerRole>),
    /// A guest in this capacity.
    Guest(Capacity),
}

/// A message in the file, with who wrote it.
#[derive(Clone, Debug)]
pub struct FiledMessage {
    /// Who wrote it.
    pub author: Author,
    /// The officer or the guest who wrote it for the council.
    pub by: Option<Uuid>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// When an officer passed on what the complainant wrote.
    pub passed_on_at: Option<DateTime<Utc>>,
    /// How and when the complainant was given it, where that was recorded.
    pub given: Option<MessageGiven>,
    /// The text.
    pub text: String,
}

/// A clock that ran out, for which the complaint came before the responsible person.
#[derive(Clone, Debug)]
pub struct RanOut {
    /// What was due.
    pub clock: Clock,
    /// The last day for it.
    pub due_on: NaiveDate,
    /// When it came before the responsible person.
    pub at: DateTime<Utc>,
}

/// A response that was sent.
#[derive(Clone)]
pub struct SentResponse {
    /// The letter, as it was signed.
    pub letter: SignedLetter,
    /// How it was sent.
    pub sent_by: SentBy,
    /// The day on which it was sent.
    pub sent_on: NaiveDate,
    /// The day by which the complaint was to be answered then.
    pub due_on: NaiveDate,
}

/// A time for which somebody opened the identity in a confidential complaint.
#[derive(Clone, Debug)]
pub struct FiledUnsealing {
    /// The officer or the guest.
    pub by: Uuid,
    /// When they opened it.
    pub at: DateTime<Utc>,
    /// Until when it was open.
    pub until: DateTime<Utc>,
    /// The reason for which they opened it.
    pub reason: String,
}

/// The whole file of a complaint.
pub struct Bundle {
    /// The complaint as it stands, with its heads, actions and requests.
    pub complaint: Complaint,
    /// The name of the council.
    pub council: String,
    /// The officer who takes the file out.
    pub taken_out_by: String,
    /// When the file is taken out.
    pub taken_out_at: DateTime<Utc>,
    /// Everybody whom the file names by an identifier.
    pub people: HashMap<Uuid, Somebody>,
    /// What was recorded of the Ombudsman, the oldest first.
    pub ombudsman: Vec<OmbudsmanEntry>,
    /// The messages, the oldest first.
    pub messages: Vec<FiledMessage>,
    /// The documents, the oldest first.
    pub documents: Vec<ComplaintDocument>,
    /// The clocks that ran out, the earliest first.
    pub ran_out: Vec<RanOut>,
    /// What is shown to subjects and to employers' leads.
    pub shown: Vec<Shown>,
    /// The responses that were sent, the oldest first.
    pub responses: Vec<SentResponse>,
    /// Those to whom the complaint is assigned, or was, in the order in which they got it.
    pub assignments: Vec<Assignment>,
    /// The times for which somebody opened the identity.
    pub unsealings: Vec<FiledUnsealing>,
    /// What was done, the earliest first.
    pub acts: Vec<Act>,
    /// Who saw it.
    pub sights: Vec<Sight>,
}

/// Takes out the whole file of a complaint that was taken to the Ombudsman: that is on record.
///
/// It is refused to an officer to whom a message, a document or a request is closed, and in a confidential complaint to one who has not unsealed the
/// identity: what is missing would not show.
pub fn take_out(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<OnRecord<Bundle>, StoreError> {
    let officer = scope.officer()?;
    let complaint = reading::find(scope, id)?;
    let refused = |thing, state, step| Err(Refusal::InvalidState { thing, state, step }.into());
    if complaint.ombudsman.is_none() {
        return refused("complaint", "not recorded as taken to the Ombudsman", "taken out as a file");
    }
    let council = scope.council_id();
    // The caller's own role sees no row of what may name them.
    if scope.as_identity(|scope| is_named(scope, council, id, officer))? {
        let step = "taken out by you: ask another officer who has it";
        return refused("complaint", "closed to you in a part that may name you", step);
    }
    if complaint.confidential && complaint.unsealed_until.is_none() {
        return refused("identity in the complaint", "sealed", "taken out: unseal it first");
    }
    let (messages, shown) = (messages(scope, &complaint)?, hearings::of_complaint(scope, id)?);
    let (assignments, unsealings) = (assignments::all(scope, id, MOST_PARTS + 1)?, unsealings(scope, &complaint)?);
    let (ran_out, responses) = (ran_out(scope, &complaint)?, responses(scope, &complaint)?);
    let mut ombudsman = closing::entries(scope, complaint.sealed, MOST_PARTS + 1)?;
    ombudsman.reverse();
    let documents = documents::all(scope, complaint.sealed, MOST_PARTS)?;
    let (acts, sights) = (logged::acts(scope, id, MOST_ROWS + 1)?, logged::sights(scope, id)?);
    let heads: usize = shown.iter().map(|part| part.heads.len()).sum();
    let answers: usize = shown.iter().map(|part| part.answers.len()).sum();
    let is_long = |length: usize, most: i64| i64::try_from(length).is_ok_and(|length| length > most);
    if is_long(messages.len().max(acts.len()), MOST_ROWS)
        || is_long(assignments.len().max(unsealings.len()).max(responses.len()).max(ran_out.len()), MOST_PARTS)
        || is_long(ombudsman.len(), MOST_PARTS)
        || is_long(complaint.requests.len().max(complaint.periods.len()).max(shown.len()) + 1, MOST_PARTS)
        || heads.max(answers) >= MOST_SHOWN
    {
        return refused("complaint", "longer than a file may be", "taken out whole");
    }
    let mut named: HashSet<Uuid> = messages.iter().filter_map(|message| message.by).collect();
    named.extend(assignments.iter().flat_map(|one| one.to().into_iter().chain([one.assigned_by.uuid()])));
    named.extend(complaint.representative_checks.iter().filter_map(|one| one_of(one.officer_id, one.guest_id)));
    named.extend(complaint.periods.iter().filter_map(|one| one_of(one.officer_id, one.guest_id)));
    named.extend(complaint.taken_down.iter().filter_map(|taken| taken.officer_id).map(OfficerId::uuid));
    named.extend(unsealings.iter().map(|one| one.by).chain(ombudsman.iter().map(|one| one.by)));
    named.extend(acts.iter().filter_map(|act| act.by.id));
    named.extend(sights.iter().filter_map(|sight| sight.by.id));
    let bundle = Bundle {
        council: councils::table.find(council).select(councils::name).first(scope.conn)?,
        taken_out_by: scope.worker().name.clone(),
        taken_out_at: scope.at(),
        people: people(scope, named.into_iter().collect())?,
        complaint,
        ombudsman,
        messages,
        documents,
        ran_out,
        shown,
        responses,
        assignments,
        unsealings,
        acts,
        sights,
    };
    scope.record_read(bundle, Event::ComplaintFileTakenOut { complaint: id })
}

fn messages(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Vec<FiledMessage>, StoreError> {
    type Given = (Option<AcknowledgedBy>, Option<NaiveDate>);
    type Row =
        (MessageId, Author, Option<OfficerId>, Option<GuestId>, DateTime<Utc>, Option<DateTime<Utc>>, Vec<u8>, Given);
    let sealed = complaint.sealed;
    let rows: Vec<Row> = complaint_messages::table
        .filter(complaint_messages::council_id.eq(sealed.council).and(complaint_messages::complaint_id.eq(sealed.id)))
        .order(complaint_messages::message_id)
        .limit(MOST_ROWS + 1)
        .select((
            complaint_messages::message_id,
            complaint_messages::author,
            complaint_messages::officer_id,
            complaint_messages::guest_id,
            complaint_messages::written_at,
            complaint_messages::passed_on_at,
            complaint_messages::text,
            (complaint_messages::given_by, complaint_messages::given_on),
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |(id, author, officer, guest, written_at, passed_on_at, text, (given_by, given_on)): Row| {
        let text = key.open(sealed.message(id), &text)?;
        let given = given_by.zip(given_on).map(|(by, on)| MessageGiven { by, on });
        Ok(FiledMessage { author, by: one_of(officer, guest), written_at, passed_on_at, given, text })
    };
    rows.into_iter().map(open).collect()
}

/// The identifier of whichever it is.
fn one_of(officer: Option<OfficerId>, guest: Option<GuestId>) -> Option<Uuid> {
    officer.map(OfficerId::uuid).or(guest.map(GuestId::uuid))
}

fn unsealings(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Vec<FiledUnsealing>, StoreError> {
    type Row = (UnsealingId, Option<OfficerId>, Option<GuestId>, DateTime<Utc>, DateTime<Utc>, Vec<u8>);
    let sealed = complaint.sealed;
    let rows: Vec<Row> = complaint_unsealings::table
        .filter(complaint_unsealings::council_id.eq(sealed.council))
        .filter(complaint_unsealings::complaint_id.eq(sealed.id))
        .order(complaint_unsealings::unsealing_id)
        .limit(MOST_PARTS + 1)
        .select((
            complaint_unsealings::unsealing_id,
            complaint_unsealings::officer_id,
            complaint_unsealings::guest_id,
            complaint_unsealings::unsealed_at,
            complaint_unsealings::ends_at,
            complaint_unsealings::reason,
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |(id, officer, guest, at, until, reason): Row| {
        let by = one_of(officer, guest).ok_or_else(|| StoreError::unreadable("an unsealing by nobody"))?;
        let reason = key.open(sealed.of("complaint_unsealings", "reason", id.uuid()), &reason)?;
        Ok(FiledUnsealing { by, at, until, reason })
    };
    rows.into_iter().map(open).collect()
}

fn ran_out(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Vec<RanOut>, StoreError> {
    let rows: Vec<(Clock, NaiveDate, DateTime<Utc>)> = complaint_escalations::table
        .filter(complaint_escalations::council_id.eq(scope.council_id()))
        .filter(complaint_escalations::complaint_id.eq(complaint.id))
        .order((complaint_escalations::escalated_at, complaint_escalations::clock))
        .limit(MOST_PARTS + 1)
        .select((complaint_escalations::clock, complaint_escalations::due_on, complaint_escalations::escalated_at))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(clock, due_on, at)| RanOut { clock, due_on, at }).collect())
}

fn responses(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Vec<SentResponse>, StoreError> {
    type Row = (ResponseId, Option<Vec<u8>>, Option<SentBy>, Option<NaiveDate>, Option<NaiveDate>);
    let sealed = complaint.sealed;
    let rows: Vec<Row> = complaint_responses::table
        .filter(complaint_responses::council_id.eq(sealed.council).and(complaint_responses::complaint_id.eq(sealed.id)))
        .filter(complaint_responses::sent_by.is_not_null())
        .order(complaint_responses::response_id)
        .limit(MOST_PARTS + 1)
        .select((
            complaint_responses::response_id,
            complaint_responses::letter,
            complaint_responses::sent_by,
            complaint_responses::sent_on,
            complaint_responses::due_on,
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let mut responses = Vec::new();
    for (id, letter, sent_by, sent_on, due_on) in rows {
        let sent = letter.zip(sent_by).zip(sent_on.zip(due_on));
        let ((letter, sent_by), (sent_on, due_on)) =
            sent.ok_or_else(|| StoreError::unreadable("a sent response without a letter"))?;
        let letter = key.open(sealed.of("complaint_responses", "letter", id.uuid()), &letter)?;
        responses.push(SentResponse { letter, sent_by, sent_on, due_on });
    }
    Ok(responses)
}

/// Finds those of these who are officers or guests of the council.
fn people(scope: &mut ComplaintsScope<'_>, named: Vec<Uuid>) -> Result<HashMap<Uuid, Somebody>, StoreError> {
    let council = scope.council_id();
    let all = || named.iter().copied();
    let known: Vec<(OfficerId, String, Vec<String>)> = officers::table
        .filter(officers::council_id.eq(council))
        .filter(officers::officer_id.eq_any(all().map(OfficerId::from).collect::<Vec<_>>()))
        .select((officers::officer_id, officers::name, officers::roles))
        .load(scope.conn)?;
    let let_in: Vec<(GuestId, String, Capacity)> = guests::table
        .filter(guests::council_id.eq(council))
        .filter(guests::guest_id.eq_any(all().map(GuestId::from).collect::<Vec<_>>()))
        .select((guests::guest_id, guests::name, guests::capacity))
        .load(scope.conn)?;
    let mut people = HashMap::new();
    for (id, name, roles) in known {
        people.insert(id.uuid(), Somebody { name, office: Office::Officer(parse_roles(&roles)?) });
    }
    let guest = |(id, name, capacity): (GuestId, String, Capacity)| {
        (id.uuid(), Somebody { name, office: Office::Guest(capacity) })
    };
    people.extend(let_in.into_iter().map(guest));
    Ok(people)
}
