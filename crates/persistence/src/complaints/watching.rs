//! Seeing to it that a complaint is somebody's: the worker offers it, unopened, to one officer after another, and brings it before the
//! responsible person where a clock runs out.

use std::collections::HashMap;

use almoner_domain::complaints::assigning::AssignmentEnd;
use almoner_domain::complaints::clocks::{Clock, Due};
use almoner_domain::complaints::deadlines::open_by;
use almoner_domain::complaints::offering::{AskedAs, Candidate, OfferOutcome, next_officer};
use almoner_domain::complaints::watching::{LiveOffer, Standing, Step, tried_again_at};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{AccountId, ComplaintId, CouncilId, KeyId, OfferId, OfficerId};
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

use super::barring::{Concerned, concerned, lapsed_offers};
use super::closed::named_in_what_waits;
use super::messages::{Written, write_message};
use super::objecting::undecided;
use super::reviewing::awaited;
use super::{Sealed, clocks};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{
    accounts, complaint_assignments, complaint_escalations, complaint_objections, complaint_offers, complaints,
    officers,
};
use crate::ground::scope::WorkerScope;
use crate::officers::parse_roles;
use crate::officers::roles::not_gone;

/// The most steps that are taken at once. Each ends an offer, makes one, or escalates; more would be a fault of the program.
const MOST_STEPS: usize = 10;

/// Does what a complaint needs now, and returns when it is to be looked at again.
pub(crate) fn watch(
    scope: &mut WorkerScope<'_>,
    council: CouncilId,
    id: ComplaintId,
) -> Result<DateTime<Utc>, StoreError> {
    scope.log = LogOwner::Complaints(council);
    for _ in 0..MOST_STEPS {
        let watched = load(scope, council, id)?;
        if watched.standing.officers > 0 && !watched.objected.is_empty() {
            end_those_of(scope, &watched, &watched.objected, AssignmentEnd::Complainant)?;
            continue;
        }
        match watched.standing.next(scope.at()) {
            Step::Wait(until) => return Ok(until),
            Step::EndOffer => end_offer(scope, &watched, OfferOutcome::Lapsed)?,
            Step::OfferAfterGone => end_offer(scope, &watched, OfferOutcome::Gone)?,
            Step::Offer => {
                let begins_above = watched.about_council || watched.standing.wants_the_responsible_person;
                // Where neither the responsible person nor the alternate is left, a complaints officer is better than nobody.
                let is_offered = offer(scope, &watched, begins_above)?
                    || (begins_above && !watched.about_council && offer(scope, &watched, false)?);
                if !watched.objected.is_empty() {
                    say_whether_somebody_is_left(scope, &watched, is_offered)?;
                }
                if !is_offered {
                    // Where nobody is left, an officer to whom the complainant objects has it still.
                    if watched.objected.is_empty() {
                        scope.record(Event::ComplaintStranded { complaint: id })?;
                    }
                    return Ok(tried_again_at(scope.at()));
                }
            }
            Step::OfferAbove => {
                if !offer(scope, &watched, true)? {
                    return Ok(tried_again_at(scope.at()));
                }
            }
            Step::Escalate => escalate(scope, &watched)?,
        }
    }
    Err(StoreError::unreadable("a complaint that does not come to rest"))
}

/// Puts down whether somebody is left who could open the complaint in the place of an officer to whom the complainant objects. Where nobody
/// is, the responsible person decides.
fn say_whether_somebody_is_left(
    scope: &mut WorkerScope<'_>,
    watched: &Watched,
    is_somebody_left: bool,
) -> Result<(), StoreError> {
    let since = (!is_somebody_left).then(|| scope.at());
    update(complaint_objections::table)
        .filter(complaint_objections::council_id.eq(watched.council))
        .filter(complaint_objections::complaint_id.eq(watched.id))
        .filter(complaint_objections::kept_at.is_null())
        .filter(complaint_objections::nobody_left_since.is_null().ne(since.is_none()))
        .set(complaint_objections::nobody_left_since.eq(since))
        .execute(scope.conn)?;
    Ok(())
}

/// Brings before the responsible person what has run out, and tells the complainant. An officer who has let the days pass without opening
/// the complaint is asked no longer.
fn escalate(scope: &mut WorkerScope<'_>, watched: &Watched) -> Result<(), StoreError> {
    let today = scope.today();
    let mut overdue: Vec<Due> = watched.standing.due.iter().copied().filter(|due| due.is_overdue(today)).collect();
    // Two heads may be held until the same day: the complainant is told once.
    overdue.dedup();
    for due in overdue {
        if due.clock == Clock::Gone {
            end_those_of(scope, watched, &watched.gone(), AssignmentEnd::PassedOn)?;
        }
        diesel::insert_into(complaint_escalations::table)
            .values((
                complaint_escalations::council_id.eq(watched.council),
                complaint_escalations::complaint_id.eq(watched.id),
                complaint_escalations::clock.eq(due.clock),
                complaint_escalations::due_on.eq(due.on),
                complaint_escalations::escalated_at.eq(scope.at()),
            ))
            // The next who had it may be gone on the same day.
            .on_conflict_do_nothing()
            .execute(scope.conn)?;
        // Whose complaint is over waits for nobody.
        let is_waited_for = due.clock != Clock::Gone || !watched.is_closed;
        if let Some(told) = due.clock.told().filter(|_| is_waited_for) {
            write_message(scope, watched.sealed, Written::ByTheService, &told)?;
        }
        scope.record(Event::ComplaintEscalated { complaint: watched.id })?;
    }
    let is_asked_above = watched.live_offer.is_some_and(|(_, asked_as)| asked_as != AskedAs::Complaints);
    if is_asked_above { Ok(()) } else { end_offer(scope, watched, OfferOutcome::Lapsed) }
}

/// An officer whose role in complaints works.
pub(super) struct Present {
    pub(super) officer: OfficerId,
    account: AccountId,
    name: String,
    roles: Vec<OfficerRole>,
    is_away: bool,
}

impl Present {
    /// Whether they are the responsible person, or stand in for them.
    fn is_responsible(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, OfficerRole::ResponsiblePerson | OfficerRole::Alternate))
    }
}

/// A complaint as the worker watches it.
struct Watched {
    council: CouncilId,
    id: ComplaintId,
    sealed: Sealed,
    about_council: bool,
    /// Whether it was closed, withdrawn or left unconsidered.
    is_closed: bool,
    live_offer: Option<(OfferId, AskedAs)>,
    /// The officers who have it, there or not.
    assigned: Vec<OfficerId>,
    /// Those of them to whom the complainant objects.
    objected: Vec<OfficerId>,
    present: Vec<Present>,
    standing: Standing,
}

impl Watched {
    /// The officers who have the complaint and are not there any more.
    fn gone(&self) -> Vec<OfficerId> {
        let is_there = |officer| self.present.iter().any(|one| one.officer == officer);
        self.assigned.iter().copied().filter(|officer| !is_there(*officer)).collect()
    }
}

fn load(scope: &mut WorkerScope<'_>, council: CouncilId, id: ComplaintId) -> Result<Watched, StoreError> {
    // Whoever opens or acknowledges meanwhile waits, or is seen.
    type Row = (bool, KeyId, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let (about_council, key_id, received_at, last_worked_at, opened_at, closed_at): Row = complaints::table
        .find((council, id))
        .select((
            complaints::about_council,
            complaints::key_id,
            complaints::received_at,
            complaints::last_worked_at,
            complaints::opened_at,
            complaints::closed_at,
        ))
        .for_no_key_update()
        .first(scope.conn)?;
    let calendar = scope.calendar()?;
    let timed = clocks::of(scope, council, &[id], &calendar)?.remove(&id).ok_or(StoreError::NotFound)?;
    let today = scope.today();
    let due = timed.watched(london_date(received_at), london_date(last_worked_at), today, &calendar);
    let escalated: Vec<(Due, DateTime<Utc>)> = complaint_escalations::table
        .filter(complaint_escalations::council_id.eq(council).and(complaint_escalations::complaint_id.eq(id)))
        .select((complaint_escalations::clock, complaint_escalations::due_on, complaint_escalations::escalated_at))
        .load::<(Clock, NaiveDate, DateTime<Utc>)>(scope.conn)?
        .into_iter()
        .map(|(clock, on, at)| (Due { clock, on }, at))
        .collect();
    let review = awaited(scope, council, id)?;
    let present = present(scope, council)?;
    let live: Option<(OfferId, OfficerId, AskedAs, NaiveDate)> = complaint_offers::table
        .filter(complaint_offers::council_id.eq(council).and(complaint_offers::complaint_id.eq(id)))
        .filter(complaint_offers::ended_at.is_null())
        .select((
            complaint_offers::offer_id,
            complaint_offers::officer_id,
            complaint_offers::asked_as,
            complaint_offers::open_by,
        ))
        .first(scope.conn)
        .optional()?;
    let assigned: Vec<(OfficerId, DateTime<Utc>)> = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(id)))
        .filter(complaint_assignments::ended_at.is_null().and(complaint_assignments::officer_id.is_not_null()))
        .select((complaint_assignments::officer_id.assume_not_null(), complaint_assignments::assigned_at))
        .load(scope.conn)?;
    let objected: Vec<OfficerId> =
        undecided(scope, council, &[id])?.into_iter().map(|objection| objection.officer).collect();
    let out = [named_in_what_waits(scope, council, id)?, objected.clone()].concat();
    let is_present = |officer: OfficerId| present.iter().any(|one| one.officer == officer);
    let may_read = |officer: OfficerId| is_present(officer) && !out.contains(&officer);
    let is_gone = opened_at.is_some() && !assigned.iter().any(|(officer, _)| is_present(*officer));
    // Whoever is above and got it since something ran out has seen that it did. Whoever had it before let it run out, and the other is asked.
    let is_above_since = |at: DateTime<Utc>| {
        let is_above = |one: &&Present| one.is_responsible() && !one.is_away && !objected.contains(&one.officer);
        let above: Vec<OfficerId> = present.iter().filter(is_above).map(|one| one.officer).collect();
        assigned.iter().any(|(officer, since)| *since >= at && above.contains(officer))
    };
    let ran_out = |due: &Due| escalated.iter().find(|(one, _)| one == due).map(|(_, at)| *at);
    let late = due.iter().filter(|due| due.is_overdue(today));
    let is_wanted_above = late.clone().any(|due| ran_out(due).is_none_or(|at| !is_above_since(at)));
    // Who made a decision that a review can mean does not review it: whoever stands in for them is asked then.
    let has_decided = |officer: OfficerId| review.as_ref().is_some_and(|deciders| deciders.contains(&officer));
    let may_review =
        |one: &Present| one.is_responsible() && !objected.contains(&one.officer) && !has_decided(one.officer);
    let is_asked_above = live.as_ref().is_some_and(|(_, _, asked_as, _)| *asked_as != AskedAs::Complaints);
    let has_a_reviewer =
        assigned.iter().any(|(officer, _)| present.iter().any(|one| one.officer == *officer && may_review(one)));
    let wants_a_reviewer = review.is_some() && !is_asked_above && !has_a_reviewer;
    let mut due: Vec<Due> = due.iter().copied().filter(|due| ran_out(due).is_none()).collect();
    if is_gone && !assigned.is_empty() {
        due.extend(today.pred_opt().map(|on| Due { clock: Clock::Gone, on }));
    }
    Ok(Watched {
        council,
        id,
        sealed: Sealed { council, id, key_id },
        about_council,
        is_closed: closed_at.is_some(),
        live_offer: live.map(|(offer, _, asked_as, _)| (offer, asked_as)),
        standing: Standing {
            offer: live.map(|(_, officer, _, open_by)| LiveOffer { open_by, officer_is_there: may_read(officer) }),
            officers: assigned.iter().filter(|(officer, _)| may_read(*officer)).count(),
            wants_the_responsible_person: is_gone || is_wanted_above || wants_a_reviewer,
            due,
        },
        assigned: assigned.into_iter().map(|(officer, _)| officer).collect(),
        objected,
        present,
    })
}

/// The officers of a council who are there, and for whom a role in complaints works. Whoever's account is disabled cannot come in.
pub(super) fn present(scope: &mut WorkerScope<'_>, council: CouncilId) -> Result<Vec<Present>, StoreError> {
    type Row = (OfficerId, AccountId, String, Vec<String>, Option<NaiveDate>, Option<NaiveDate>);
    let rows: Vec<Row> = officers::table
        .filter(officers::council_id.eq(council).and(officers::account_id.is_not_null()))
        .filter(officers::unconfirmed_at.is_null().and(not_gone!(scope.at())))
        .select((
            officers::officer_id,
            officers::account_id.assume_not_null(),
            officers::name,
            officers::roles,
            officers::absent_from,
            officers::absent_until,
        ))
        .load(scope.conn)?;
    let ids: Vec<AccountId> = rows.iter().map(|row| row.1).collect();
    let disabled: Vec<AccountId> = scope.as_identity(|scope| {
        Ok(accounts::table
            .filter(accounts::account_id.eq_any(ids).and(accounts::disabled_at.is_not_null()))
            .select(accounts::account_id)
            .load(scope.conn)?)
    })?;
    let today = scope.today();
    let mut present = Vec::new();
    for (officer, account, name, roles, from, until) in rows {
        let roles = parse_roles(&roles)?;
        if roles.iter().any(|role| role.is_of_complaints()) && !disabled.contains(&account) {
            let is_away = from.zip(until).is_some_and(|(from, until)| from <= today && today <= until);
            present.push(Present { officer, account, name, roles, is_away });
        }
    }
    Ok(present)
}

fn end_offer(scope: &mut WorkerScope<'_>, watched: &Watched, outcome: OfferOutcome) -> Result<(), StoreError> {
    let Some((offer, _)) = watched.live_offer else { return Ok(()) };
    let ended = update(complaint_offers::table.find((watched.council, watched.id, offer)))
        .filter(complaint_offers::ended_at.is_null())
        .set((complaint_offers::ended_at.eq(scope.at()), complaint_offers::outcome.eq(outcome)))
        .execute(scope.conn)?;
    StoreError::unless_changed(ended, "the offer")?;
    scope.record(Event::ComplaintOfferLapsed { complaint: watched.id })
}

/// Ends the assignments of these officers, once another has the complaint or is asked in their place.
fn end_those_of(
    scope: &mut WorkerScope<'_>,
    watched: &Watched,
    officers: &[OfficerId],
    because: AssignmentEnd,
) -> Result<(), StoreError> {
    for officer in officers {
        update(complaint_assignments::table)
            .filter(complaint_assignments::council_id.eq(watched.council))
            .filter(complaint_assignments::complaint_id.eq(watched.id))
            .filter(complaint_assignments::officer_id.eq(*officer).and(complaint_assignments::ended_at.is_null()))
            .set((complaint_assignments::ended_at.eq(scope.at()), complaint_assignments::ended_because.eq(because)))
            .execute(scope.conn)?;
        scope.record(Event::ComplaintAssignmentEnded { complaint: watched.id })?;
    }
    Ok(())
}

/// Offers the complaint to the next officer who is not barred. Returns `false` if nobody is left.
fn offer(scope: &mut WorkerScope<'_>, watched: &Watched, begins_above: bool) -> Result<bool, StoreError> {
    let complaint = concerned(scope, watched.council, watched.id)?;
    let candidates = candidates(scope, watched, &complaint)?;
    let Some((officer, asked_as)) = next_officer(&candidates, begins_above) else { return Ok(false) };
    write_offer(scope, watched, &complaint, officer, asked_as)?;
    scope.record(Event::ComplaintOffered { complaint: watched.id })?;
    Ok(true)
}

fn candidates(
    scope: &mut WorkerScope<'_>,
    watched: &Watched,
    complaint: &Concerned,
) -> Result<Vec<Candidate>, StoreError> {
    let council = watched.council;
    let last: HashMap<OfficerId, Option<DateTime<Utc>>> = complaint_offers::table
        .filter(complaint_offers::council_id.eq(council))
        .group_by(complaint_offers::officer_id)
        .select((complaint_offers::officer_id, max(complaint_offers::offered_at)))
        .load::<(OfficerId, Option<DateTime<Utc>>)>(scope.conn)?
        .into_iter()
        .collect();
    let lapsed = lapsed_offers(scope, complaint.sealed)?;
    let candidates = watched.present.iter().map(|one| {
        let against = complaint.against_officer(&one.name, one.account);
        Candidate {
            officer: one.officer,
            roles: one.roles.clone(),
            bar: complaint.bar(against),
            has_it: watched.assigned.contains(&one.officer),
            is_away: one.is_away,
            lapsed_at: lapsed.get(&one.officer).copied().flatten(),
            last_offered_at: last.get(&one.officer).copied().flatten(),
        }
    });
    Ok(candidates.collect())
}

fn write_offer(
    scope: &mut WorkerScope<'_>,
    watched: &Watched,
    complaint: &Concerned,
    officer: OfficerId,
    asked_as: AskedAs,
) -> Result<(), StoreError> {
    let id: OfferId = scope.next_id();
    let sealed = complaint.sealed;
    let field = sealed.of("complaint_offers", "concerned", id.uuid());
    let concerned = scope.key(sealed.council.uuid(), sealed.key_id)?.seal(field, &complaint.names)?;
    diesel::insert_into(complaint_offers::table)
        .values((
            complaint_offers::council_id.eq(watched.council),
            complaint_offers::complaint_id.eq(watched.id),
            complaint_offers::offer_id.eq(id),
            complaint_offers::officer_id.eq(officer),
            complaint_offers::asked_as.eq(asked_as),
            complaint_offers::practice_id.eq(complaint.practice),
            complaint_offers::key_id.eq(sealed.key_id),
            complaint_offers::concerned.eq(concerned),
            complaint_offers::offered_at.eq(scope.at()),
            complaint_offers::open_by.eq(open_by(scope.today(), &scope.calendar()?)),
        ))
        .execute(scope.conn)?;
    Ok(())
}
