//! Taking a complaint in: through a partner app, from the council's own form, by an officer, or at a practice's desk. It is the council's
//! from the first byte on. What the answer says never depends on whether anybody is known anywhere.

use almoner_domain::complaints::complaint::{Author, LodgeComplaint, PersonConcerned, Way};
use almoner_domain::complaints::concern::LodgeConcern;
use almoner_domain::complaints::danger::Alert;
use almoner_domain::complaints::deadlines::{
    acknowledgement_due_on, code_due_on, oral_resolution_due, plan_due_on, response_due_on, response_latest_on,
};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::complaints::taking_down::{CameBy, TakeDown};
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ClientId, ComplaintId, CouncilId, OfficerId, PracticeId, ServiceUserId};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::words::calendar::moment_of;
use almoner_domain::words::gss_code::{CouncilNamed, GssCode};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::answering::{Answering, answering_council, chosen_council};
use super::receipts::receipt_hash;
use super::{Content, Identity, Sealed, intakes, link_proposals, safeguarding, timeliness};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::idempotency::{IdempotencyKey, Made};
use crate::ground::random;
use crate::ground::schema::{complaint_concerns, complaint_receipts, complaints, councils, practices, search_tokens};
use crate::ground::scope::{ComplaintsScope, CouncilScope, PartnerScope, PracticeScope, Scope};
use crate::ground::search_tokens::token;
use crate::ground::transaction::setting;

/// Lodges a complaint through a partner app. The access code is returned once and kept as a hash.
pub fn lodge(scope: &mut PartnerScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    let (new, practice) = checked(scope, new, None)?;
    let client = scope.client.client_id;
    take_in(scope, None, &Arrival { practice, client: Some(client), ..Arrival::by(Way::App) }, &new)
}

/// Lodges a complaint from a form of the council's own, to this council.
pub fn lodge_from_form(scope: &mut CouncilScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    let (council, client) = (scope.council_id(), scope.system()?.client_id);
    let (new, practice) = checked(scope, new, Some(council))?;
    let arrival = Arrival { practice, client: Some(client), ..Arrival::by(Way::CouncilForm) };
    take_in(scope, Some(Tenant::Council(council)), &arrival, &new)
}

/// Takes a complaint down as an officer, for this council. Whoever takes it down does not have it by that.
pub fn take_down(scope: &mut ComplaintsScope<'_>, with: &TakeDown) -> Result<Made, StoreError> {
    let council = scope.council_id();
    let officer = scope.officer()?;
    let (new, practice) = checked(scope, &with.complaint, Some(council)).map_err(|error| match error {
        StoreError::ValidationFailed(faults) => faults.into_iter().map(TakeDown::own_fault).collect::<Vec<_>>().into(),
        other => other,
    })?;
    let taken_down = Some((with.came_by, Some(officer)));
    let arrival = Arrival { practice, taken_down, ..Arrival::by(Way::Officer) };
    take_in(scope, Some(Tenant::Council(council)), &arrival, &new)
}

/// Writes a complaint down at a practice's desk, for somebody. The practice keeps no trace of it: no row, no claim, no job, and no line of
/// its log. The same request again, with its key, does nothing.
pub fn write_down(
    scope: &mut PracticeScope<'_>,
    new: &LodgeComplaint,
    own_name: &str,
    key: &IdempotencyKey,
) -> Result<(), StoreError> {
    if new.practice.as_ref().is_some_and(|named| named.as_str() != own_name) {
        return Err(StoreError::ValidationFailed(vec![Fault::new("/practice", "must be your own practice")]));
    }
    let new = LodgeComplaint { practice: Some(own_name.parse().map_err(StoreError::unreadable)?), ..new.clone() };
    new.check(scope.today())?;
    at_the_desk(scope, &new, key, None)
}

/// Hands the minute of an oral concern to the council, which was settled at a practice's desk. The practice keeps no trace of it, as of a
/// complaint.
pub fn write_minute(
    scope: &mut PracticeScope<'_>,
    concern: &LodgeConcern,
    own_name: &str,
    key: &IdempotencyKey,
) -> Result<(), StoreError> {
    let new = concern.as_complaint(own_name.parse().map_err(StoreError::unreadable)?);
    let faults = new.check(scope.today()).err().unwrap_or_default();
    StoreError::unless_faulty(faults.into_iter().map(LodgeConcern::own_fault).collect())?;
    at_the_desk(scope, &new, key, Some(concern.settled.clone()))
}

fn at_the_desk(
    scope: &mut PracticeScope<'_>,
    new: &LodgeComplaint,
    key: &IdempotencyKey,
    settled: Option<Passage<4000>>,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let desk_key = key.hash_for(scope.staff_id().uuid());
    let (practice_id, desk_key) = (Some(practice), Some(desk_key));
    let taken_down = Some((CameBy::InPerson, None));
    let arrival = Arrival { practice: practice_id, desk_key, settled, taken_down, ..Arrival::by(Way::PracticeDesk) };
    take_in(scope, Some(Tenant::Practice(practice)), &arrival, new).map(drop)
}

/// How a complaint arrives.
struct Arrival {
    way: Way,
    practice: Option<PracticeId>,
    client: Option<ClientId>,
    desk_key: Option<Vec<u8>>,
    /// How it came to whoever took it down, and the officer who did.
    taken_down: Option<(CameBy, Option<OfficerId>)>,
    /// With what the person was satisfied, if it is an oral concern that was settled at a practice's desk.
    settled: Option<Passage<4000>>,
}

impl Arrival {
    const fn by(way: Way) -> Self {
        Self { way, practice: None, client: None, desk_key: None, taken_down: None, settled: None }
    }
}

/// Checks a complaint, and finds the practice that it names in the public directory. At a council's own door it is to this council.
fn checked(
    scope: &mut Scope<'_>,
    new: &LodgeComplaint,
    own_council: Option<CouncilId>,
) -> Result<(LodgeComplaint, Option<PracticeId>), StoreError> {
    let mut new = new.clone();
    let mut faults = Vec::new();
    if let Some(council) = own_council {
        let own: GssCode = councils::table.find(council).select(councils::gss_code).first(scope.conn)?;
        let own = CouncilNamed::from(own);
        if new.council.as_ref().is_some_and(|named| *named != own) {
            faults.push(Fault::new("/council", "must be your own council"));
        }
        new.council = Some(own);
    } else if new.received_on.is_some() {
        faults.push(Fault::new("/received_on", "must be left out: an app hands a complaint over at once"));
    }
    let practice: Option<PracticeId> = match &new.practice {
        None => None,
        Some(slug) => {
            let named = practices::table.filter(practices::slug.eq(slug)).select(practices::practice_id);
            named.first(scope.conn).optional()?
        }
    };
    if practice.is_none() && new.practice.is_some() {
        faults.push(Fault::new("/practice", "is not the name of a practice that uses the service"));
    }
    faults.extend(new.check(scope.today()).err().unwrap_or_default());
    StoreError::unless_faulty(faults)?;
    Ok((new, practice))
}

/// Takes the complaint in for the council that answers for it. At the door of a council, or of its complaints, that is this council.
fn take_in(
    scope: &mut Scope<'_>,
    own: Option<Tenant>,
    arrival: &Arrival,
    new: &LodgeComplaint,
) -> Result<Made, StoreError> {
    let calendar = scope.calendar()?;
    let received = new.received(scope.today());
    let at_practice: Vec<String> =
        arrival.practice.map(|practice| setting("app.practice", practice.uuid())).into_iter().collect();
    let desk = arrival.practice.filter(|_| arrival.way == Way::PracticeDesk);
    let own_council = match own {
        Some(Tenant::Council(council)) => Some(council),
        Some(Tenant::Practice(_)) | None => None,
    };
    let (person, Answering { council, days, possible }) = scope.at_intake_with(own, &at_practice, |scope| {
        let person = match (arrival.practice, &new.person) {
            (Some(practice), Some(person)) => match_person(scope, practice, person)?,
            _ => None,
        };
        let chosen = match own_council {
            Some(council) => Some(council),
            None => chosen_council(scope, new, desk)?,
        };
        Ok((person, answering_council(scope, arrival.practice, person, chosen)?))
    })?;
    let id: ComplaintId = scope.next_id();
    let (reference, code) = (random::reference("C"), random::secret());
    let days = (
        acknowledgement_due_on(received, &calendar),
        response_due_on(received, days, &calendar),
        response_latest_on(received),
    );
    // What was written down later than on the day of receipt is taken to have come in the middle of that day.
    let received_at = match new.received_on {
        Some(day) => moment_of(day, scope.at()),
        None => scope.at(),
    };
    let taken = Taken {
        id,
        person,
        council,
        possible,
        code_hash: receipt_hash(&reference, &code),
        reference,
        received_at,
        days,
        plan_due_on: plan_due_on(received, &calendar),
        // Whoever gives no contact at a desk cannot be sent anything.
        code_due_on: (arrival.way == Way::PracticeDesk && new.contact.is_some())
            .then(|| code_due_on(scope.today(), &calendar)),
        confirm_by: arrival.settled.as_ref().map(|_| oral_resolution_due(received, &calendar)),
    };
    scope
        .at_intake_with(own, &[setting("app.council", council.uuid())], |scope| insert(scope, arrival, new, &taken))?;
    Ok(Made { id: id.uuid(), secret: Some(code) })
}

/// A complaint that is taken in.
struct Taken {
    id: ComplaintId,
    person: Option<ServiceUserId>,
    council: CouncilId,
    possible: Vec<CouncilId>,
    reference: String,
    code_hash: Vec<u8>,
    received_at: DateTime<Utc>,
    days: (NaiveDate, NaiveDate, NaiveDate),
    plan_due_on: NaiveDate,
    confirm_by: Option<NaiveDate>,
    code_due_on: Option<NaiveDate>,
}

fn insert(scope: &mut Scope<'_>, arrival: &Arrival, new: &LodgeComplaint, taken: &Taken) -> Result<(), StoreError> {
    let council = taken.council;
    if let Some(desk_key) = &arrival.desk_key {
        // The same request a moment earlier is waited for. Its hash begins with as good a number as any.
        scope.hold_alone(desk_key.first_chunk().map_or(0, |first| i64::from_be_bytes(*first)))?;
        let written: i64 = complaint_receipts::table
            .filter(complaint_receipts::council_id.eq(council).and(complaint_receipts::desk_key.eq(desk_key)))
            .count()
            .get_result(scope.conn)?;
        if written > 0 {
            return Ok(());
        }
    }
    let alert = Alert::of_complaint(new);
    let (key_id, key) = scope.new_key(council.uuid())?;
    let sealed = Sealed { council, id: taken.id, key_id };
    let (acknowledgement_due_on, response_due_on, response_latest_on) = taken.days;
    diesel::insert_into(complaints::table)
        .values((
            (
                complaints::council_id.eq(council),
                complaints::complaint_id.eq(taken.id),
                complaints::way.eq(arrival.way),
                complaints::practice_id.eq(arrival.practice),
                complaints::about_council.eq(new.is_about_the_council()),
                complaints::service_user_id.eq(taken.person),
                complaints::status.eq(ComplaintStatus::Received),
                complaints::key_id.eq(key_id),
            ),
            (
                complaints::content.eq(key.seal(sealed.field("content"), &Content::of(new, arrival.settled.clone()))?),
                complaints::complainant.eq(key.seal(sealed.field("complainant"), &Identity::of(new))?),
                complaints::confidential.eq(new.confidential),
                complaints::received_at.eq(taken.received_at),
                complaints::last_worked_at.eq(scope.at()),
                complaints::acknowledgement_due_on.eq(acknowledgement_due_on),
                complaints::plan_due_on.eq(taken.plan_due_on),
                complaints::response_due_on.eq(response_due_on),
                complaints::response_latest_on.eq(response_latest_on),
            ),
        ))
        .execute(scope.conn)?;
    timeliness::insert(scope, sealed, new.dates())?;
    if let Some((came_by, officer)) = arrival.taken_down {
        intakes::insert(scope, sealed, (came_by, officer), new.contact.is_some())?;
    }
    if let Some(confirm_by) = taken.confirm_by {
        diesel::insert_into(complaint_concerns::table)
            .values((
                complaint_concerns::council_id.eq(council),
                complaint_concerns::complaint_id.eq(taken.id),
                complaint_concerns::confirm_by.eq(confirm_by),
            ))
            .execute(scope.conn)?;
    }
    diesel::insert_into(complaint_receipts::table)
        .values((
            complaint_receipts::council_id.eq(council),
            complaint_receipts::complaint_id.eq(taken.id),
            complaint_receipts::client_id.eq(arrival.client),
            complaint_receipts::reference.eq(&taken.reference),
            complaint_receipts::code_hash.eq(&taken.code_hash),
            complaint_receipts::desk_key.eq(&arrival.desk_key),
            complaint_receipts::received_at.eq(taken.received_at),
            complaint_receipts::acknowledgement_due_on.eq(acknowledgement_due_on),
            complaint_receipts::response_latest_on.eq(response_latest_on),
            complaint_receipts::danger.eq(alert.is_some()),
            complaint_receipts::councils.eq(&taken.possible),
            complaint_receipts::code_due_on.eq(taken.code_due_on),
        ))
        .execute(scope.conn)?;
    if let Some(other) = new.other_reference() {
        link_proposals::insert(scope, (sealed, &taken.reference), &other, Author::Complainant)?;
    }
    if let Some((now, alert)) = alert {
        safeguarding::raise(scope, council, now, &alert)?;
    }
    let at = scope.at();
    scope.schedule(council, Task::WatchComplaint { complaint: taken.id }, at);
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintLodged { complaint: taken.id })
}

/// Finds the one person of the practice who is meant. Returns `None` if several people or nobody match.
///
/// Everything that is said has to fit, so a number alone is no match: one that belongs to somebody of another name is a
/// doubt for who looks into it, and so is a number beside another on the record. A number that is on nobody's record does
/// not undo what name and date of birth find.
pub(super) fn match_person(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: &PersonConcerned,
) -> Result<Option<ServiceUserId>, StoreError> {
    let names = [Some(&person.family_name), person.given_name.as_ref()].into_iter().flatten();
    let mut wanted: Vec<Vec<SearchKey>> = names.flat_map(|name| SearchKey::of_name(name.as_str(), false)).collect();
    let born = person.birth().wanted();
    let is_born = !born.is_empty();
    if is_born {
        wanted.push(born);
    }
    let number = person.nhs_number.clone().map(|number| vec![SearchKey::NhsNumber(number)]);
    let holders = match &number {
        Some(number) => everybody_with(scope, practice, None, std::slice::from_ref(number))?,
        None => Vec::new(),
    };
    if holders.is_empty() && !is_born {
        return Ok(None);
    }
    let is_new_number = number.is_some() && holders.is_empty();
    let among = Some(holders).filter(|holders| !holders.is_empty());
    let mut fitting = everybody_with(scope, practice, among, &wanted)?;
    if is_new_number {
        let contradicted = everybody_with(scope, practice, Some(fitting.clone()), &[vec![SearchKey::HasNhsNumber]])?;
        fitting.retain(|one| !contradicted.contains(one));
    }
    Ok(match fitting.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// Finds everybody at the practice who has these names, or begins with them, whatever their date of birth. The caller is the intake.
pub(super) fn namesakes(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    names: &[&str],
) -> Result<Vec<ServiceUserId>, StoreError> {
    let wanted: Vec<Vec<SearchKey>> = names.iter().flat_map(|name| SearchKey::of_name(name, false)).collect();
    everybody_with(scope, practice, None, &wanted)
}

/// Finds the people of the practice, or among these, who have one key of each.
fn everybody_with(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    among: Option<Vec<ServiceUserId>>,
    wanted: &[Vec<SearchKey>],
) -> Result<Vec<ServiceUserId>, StoreError> {
    let root = scope.root_key(practice.uuid())?;
    let mut fits = among;
    for any in wanted {
        let tokens: Vec<Vec<u8>> = any.iter().map(|key| token(&root, key)).collect();
        let mut query = search_tokens::table
            .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(tokens)))
            .select(search_tokens::service_user_id)
            .distinct()
            .into_boxed();
        if let Some(fits) = fits {
            query = query.filter(search_tokens::service_user_id.eq_any(fits));
        }
        fits = Some(query.load(scope.conn)?);
    }
    Ok(fits.unwrap_or_default())
}
