//! Leaving a practice. A member of staff who leaves is nobody here from that moment, whether or not a job has run. What they
//! leave behind is refused, waits, or is moved by the managers, as the administrator says.

use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::leaving::{self as rules, NotPlanned, Plan, WithOpenWork, withdraw};
use chrono::{DateTime, TimeDelta, Utc};

use crate::access::invitations;
use crate::cases::open_work::{self, OpenWork};
use crate::cases::passing_on::pass_on_what_is_drawn_to;
use crate::ground::callers::Seat;
use crate::ground::error::StoreError;
use crate::ground::scope::{PracticeScope, WorkerScope};
use crate::people::access_restrictions;
use crate::referrals;
use crate::staff::leaving::{Intention, complete, hold_leaver, note_open_work_told, write_left, write_plan};
use crate::staff::{Member, keep_an_administrator, managers_besides, managers_without};

/// The time after which the worker looks again whether the open work of somebody who leaves has been moved.
const LOOKED_FOR_EVERY: TimeDelta = TimeDelta::minutes(15);

/// The reason why a member of staff does not leave.
#[derive(Debug)]
pub enum NotLeaving {
    /// Work of theirs is open.
    OpenWork(OpenWork),
    /// Anything else.
    Other(StoreError),
}

impl From<StoreError> for NotLeaving {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

impl From<Refusal> for NotLeaving {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.into())
    }
}

/// Lets a member of staff leave now, if no work of theirs is open.
pub fn leave(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), NotLeaving> {
    plan(scope, known, rules::Leaving { last_day: None, with_open_work: WithOpenWork::Refuse })
}

/// Lets a member of staff leave, now or later. From the end of their access on they may see nothing here.
pub fn plan(scope: &mut PracticeScope<'_>, known: &Member, wish: rules::Leaving) -> Result<(), NotLeaving> {
    let practice = scope.practice_id();
    known.state().leave()?;
    let open = open_work::of(scope, known.id)?;
    let plan = wish.plan(open.is_some(), scope.at()).map_err(|reason| match reason {
        NotPlanned::Fault(faults) => NotLeaving::Other(faults.into()),
        NotPlanned::OpenWork => NotLeaving::OpenWork(open),
    })?;
    keep_an_administrator(scope, known, &[])?;
    let managers = managers_besides(scope, known.id)?;
    let (event, due_at) = match plan {
        Plan::Now => {
            write_left(scope, known)?;
            invitations::end_those_of(scope, Seat::Staff(practice, known.id))?;
            (Event::StaffLeft { member: known.id, managers }, scope.at())
        }
        Plan::Later { access_ends_at } => {
            write_plan(scope, known, Intention::Leaves { access_ends_at })?;
            let look_again = scope.at() + LOOKED_FOR_EVERY;
            let due_at = access_ends_at.unwrap_or(look_again);
            (Event::StaffLeavingPlanned { member: known.id, managers }, due_at)
        }
    };
    access_restrictions::expect_to_be_lifted(scope, known.id)?;
    referrals::expect_to_be_screened(scope, known.id)?;
    scope.schedule(practice, Task::EndMembership { member: known.id }, due_at);
    Ok(scope.record(event)?)
}

/// Withdraws the leaving of a member of staff who still works here.
pub fn stay(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    withdraw(known.leaving.is_some(), known.left_at.is_some() || !known.works_here())?;
    write_plan(scope, known, Intention::Stays)?;
    let managers = managers_besides(scope, known.id)?;
    scope.record(Event::StaffLeavingWithdrawn { member: known.id, managers })
}

/// Ends the membership of somebody who leaves, as the worker: passes on what they were drawn to decide once their access has
/// ended, and records that they have left once no work of theirs is open. Returns when to look again.
pub(crate) fn end_membership(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(leaver) = hold_leaver(scope, practice, member)? else { return Ok(None) };
    let at = scope.at();
    if leaver.has_left {
        pass_on_what_is_drawn_to(scope, practice, member)?;
        return Ok(None);
    }
    let access_ended = leaver.access_ends_at.is_some_and(|end| end <= at);
    if leaver.access_ends_at.is_some() && !access_ended {
        // The last day was moved ahead, and whoever moved it had the worker look then.
        return Ok(None);
    }
    if access_ended {
        pass_on_what_is_drawn_to(scope, practice, member)?;
    }
    if !access_ended && is_kept_by_what_is_restricted(scope, practice, member)? {
        return Ok(Some(at + LOOKED_FOR_EVERY));
    }
    if open_work::is_any_open(scope, practice, member)? {
        if access_ended && !leaver.open_work_told {
            note_open_work_told(scope, practice, member)?;
            let managers = managers_without(scope, practice, &[member])?;
            scope.record(Event::StaffAccessEnded { member, managers })?;
        }
        return Ok(Some(at + LOOKED_FOR_EVERY));
    }
    complete(scope, practice, member, leaver.access_ends_at.unwrap_or(at))?;
    invitations::end_those_of(scope, Seat::Staff(practice, member))?;
    if !access_ended {
        pass_on_what_is_drawn_to(scope, practice, member)?;
    }
    let managers = managers_without(scope, practice, &[member])?;
    scope.record(Event::StaffLeft { member, managers })?;
    Ok(None)
}

/// Whether a restricted record or a restricted referral that waits would be left to nobody without this member of staff, who
/// still has access. It was not so when the leaving was said, and nobody may change it so; but a manager who was to stay may
/// have lost their telephone since, and then counts only once they are confirmed.
fn is_kept_by_what_is_restricted(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<bool, StoreError> {
    let kept = access_restrictions::check_to_be_lifted(scope, practice, member)
        .and_then(|()| referrals::check_to_be_screened(scope, practice, member));
    match kept {
        Ok(()) => Ok(false),
        Err(StoreError::Refused(_)) => Ok(true),
        Err(error) => Err(error),
    }
}
