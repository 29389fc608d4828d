//! Leaving, as the member's own rows say it: since when they are leaving, when their access ends, and when they left.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::staff::leaving::last_day_before;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::staff;
use crate::ground::scope::{PracticeScope, Scope, WorkerScope};
use crate::staff::Member;
use crate::staff::accounts_of_members::{end_membership, end_membership_at};
use crate::staff::members::unless_changed_since;

/// The leaving of a member of staff, while it is under way.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Leaving {
    /// When an administrator said that the member leaves.
    pub since: DateTime<Utc>,
    /// The last day on which the member works. Left out if they work until their open work has been moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Whether their access has ended. They have then not left only because work of theirs is open.
    pub access_ended: bool,
}

/// The columns of a leaving: since when, when the access ends, and when the member left.
pub(super) type LeavingColumns = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Reads the leaving of a member of staff who has not left yet.
pub(super) fn leaving((since, access_ends_at, left_at): LeavingColumns, at: DateTime<Utc>) -> Option<Leaving> {
    since.filter(|_| left_at.is_none()).map(|since| Leaving {
        since,
        last_day: access_ends_at.map(last_day_before),
        access_ended: access_ends_at.is_some_and(|end| end <= at),
    })
}

/// Records that a member of staff has left. Other crates call [`crate::referrals::leaving::leave`].
pub(crate) fn write_left(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let left = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((staff::left_at.eq(scope.at()), staff::version.eq(known.version + 1)))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, left)?;
    end_membership(scope, practice, known.id)
}

/// Whether a member of staff is to leave.
#[derive(Clone, Copy)]
pub(crate) enum Intention {
    /// They stay.
    Stays,
    /// They leave later.
    Leaves {
        /// When their access ends, if a time is set for that.
        access_ends_at: Option<DateTime<Utc>>,
    },
}

/// Records whether a member of staff is to leave.
pub(crate) fn write_plan(
    scope: &mut PracticeScope<'_>,
    known: &Member,
    intention: Intention,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let (since, ends_at) = match intention {
        Intention::Stays => (None, None),
        Intention::Leaves { access_ends_at } => (Some(scope.at()), access_ends_at),
    };
    let planned = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((
            staff::leaving_since.eq(since),
            staff::access_ends_at.eq(ends_at),
            staff::open_work_told_at.eq(None::<DateTime<Utc>>),
            staff::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, planned)?;
    end_membership_at(scope, known.id, ends_at)
}

/// A member of staff who is leaving or has left, as the worker sees them.
pub(crate) struct Leaver {
    /// When their access ends or has ended. `None` if it lasts until their open work has been moved.
    pub(crate) access_ends_at: Option<DateTime<Utc>>,
    /// Whether they have left.
    pub(crate) has_left: bool,
    /// Whether the managers were told that work of theirs is open although their access has ended.
    pub(crate) open_work_told: bool,
}

/// Finds a member of staff who is leaving or has left, and holds their row. Returns `None` if they stay.
pub(crate) fn hold_leaver(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<Option<Leaver>, StoreError> {
    let row: Option<(LeavingColumns, Option<DateTime<Utc>>)> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member)))
        .select(((staff::leaving_since, staff::access_ends_at, staff::left_at), staff::open_work_told_at))
        .for_no_key_update()
        .first(scope.conn)
        .optional()?;
    Ok(row.and_then(|((since, access_ends_at, left_at), told_at)| {
        let leaver = Leaver { access_ends_at, has_left: left_at.is_some(), open_work_told: told_at.is_some() };
        (since.is_some() || left_at.is_some()).then_some(leaver)
    }))
}

/// Records, as the worker, that the managers are told of open work of a member of staff whose access has ended.
pub(crate) fn note_open_work_told(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<(), StoreError> {
    let at = scope.at();
    let noted = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .set(staff::open_work_told_at.eq(at))
        .execute(scope.conn)?;
    StoreError::unless_changed(noted, "the member of staff")
}

/// Records, as the worker, that a member of staff has left: when their access ended, or now.
pub(crate) fn complete(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
    left_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let left = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .filter(staff::left_at.is_null())
        .set((staff::left_at.eq(left_at), staff::version.eq(staff::version + 1)))
        .execute(scope.conn)?;
    StoreError::unless_changed(left, "the member of staff")?;
    end_membership(scope, practice, member)
}
