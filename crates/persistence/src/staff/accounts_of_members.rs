//! The account of each membership, and what of a membership waits to be confirmed.

use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use chrono::{DateTime, Utc};
use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Timestamptz, Uuid as SqlUuid};

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{account_memberships, staff};
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::ground::transaction::setting;
use crate::staff::Member;
use crate::staff::presence::not_gone;

/// The account that drew a link, and when.
#[derive(Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) by: AccountId,
    pub(crate) at: DateTime<Utc>,
}

/// Lets an account become the member whom an invitation was for. What is written here of the memberships of an account is
/// written for that account alone, whose id the policy of [`account_memberships`] compares. Returns whether roles of theirs
/// wait to be confirmed. Whoever drew the link is one of the hands by which they came.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    (practice, member): (PracticeId, StaffId),
    account: AccountId,
    drawn: Drawn,
) -> Result<bool, StoreError> {
    type Joined = (Vec<String>, Vec<String>, Option<DateTime<Utc>>);
    let joined: Option<Joined> = update(staff::table.find((practice.uuid(), member.uuid())))
        .filter(staff::account_id.is_null().and(not_gone!(scope.at())))
        .set((
            staff::account_id.eq(account.uuid()),
            staff::joined_at.eq(scope.at()),
            staff::invited_by.eq(staff::invited_by.concat(vec![drawn.by])),
            staff::opened_by.eq(staff::opened_by.concat(vec![drawn.by])),
            staff::opened_at.eq(drawn.at),
            staff::version.eq(staff::version + 1),
        ))
        .returning((staff::roles, staff::unconfirmed_roles, staff::access_ends_at))
        .get_result(scope.conn)
        .optional()
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    let (roles, unconfirmed, ends_at) = joined.ok_or(StoreError::NotFound)?;
    scope.execute(&[setting("app.account", account.uuid())])?;
    diesel::insert_into(account_memberships::table)
        .values((
            account_memberships::account_id.eq(account),
            account_memberships::practice_id.eq(practice),
            account_memberships::staff_id.eq(member),
            account_memberships::confirmed.eq(!roles.is_empty()),
            account_memberships::ends_at.eq(ends_at),
        ))
        .execute(scope.conn)?;
    Ok(!unconfirmed.is_empty())
}

/// Whether a member of staff is at the practice now, joined or not: their access has not ended.
pub(crate) fn is_here(scope: &mut Scope<'_>, practice: PracticeId, member: StaffId) -> Result<bool, StoreError> {
    let here = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member)).and(not_gone!(scope.at())))
        .select(staff::staff_id);
    Ok(diesel::select(exists(here)).get_result(scope.conn)?)
}

/// Makes every membership of an account unconfirmed, and returns them. Each practice has to confirm that the account is
/// still its member's, by somebody who came by another hand than whoever drew the link.
pub(crate) fn leave_unconfirmed(
    scope: &mut Scope<'_>,
    account: AccountId,
    drawn: Drawn,
) -> Result<Vec<(PracticeId, StaffId)>, StoreError> {
    scope.execute(&[setting("app.account", account.uuid())])?;
    let held: Vec<(PracticeId, StaffId)> =
        update(account_memberships::table.filter(account_memberships::account_id.eq(account)))
            .set(account_memberships::confirmed.eq(false))
            .returning((account_memberships::practice_id, account_memberships::staff_id))
            .get_results(scope.conn)?;
    for (practice, member) in &held {
        let nothing_waits = staff::unconfirmed_at
            .is_null()
            .and(staff::unconfirmed_roles.eq(Vec::<String>::new()))
            .and(staff::acting_until.is_null().or(staff::acting_confirmed_at.is_not_null()));
        let opened_by = case_when(nothing_waits, vec![drawn.by].into_sql::<Array<SqlUuid>>())
            .otherwise(staff::opened_by.concat(vec![drawn.by]));
        let left = update(staff::table.find((practice, member)))
            .set((
                staff::unconfirmed_at.eq(scope.at()),
                staff::opened_by.eq(opened_by),
                staff::opened_at.eq(drawn.at),
                staff::operator_confirmed_by.eq(None::<AccountId>),
                staff::owner_confirmed_by.eq(None::<StaffId>),
                staff::version.eq(staff::version + 1),
            ))
            .execute(scope.conn)?;
        StoreError::unless_changed(left, "the member of staff")?;
    }
    Ok(held)
}

/// Notes that the caller gave heavy roles to a member. What others have confirmed of them so far, they confirm again.
pub(super) fn open(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let (practice, by) = (scope.practice_id(), scope.account());
    let waited = known.waits();
    let opened_by = case_when(waited.into_sql::<diesel::sql_types::Bool>(), staff::opened_by.concat(vec![by]))
        .otherwise(vec![by].into_sql::<Array<SqlUuid>>());
    let opened = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .set((
            staff::opened_by.eq(opened_by),
            staff::opened_at.eq(scope.at()),
            staff::operator_confirmed_by.eq(None::<AccountId>),
            staff::owner_confirmed_by.eq(None::<StaffId>),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(opened, "the member of staff")
}

/// Notes the operator's part in confirming a membership.
pub(crate) fn note_operators_part(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    known: &Member,
) -> Result<usize, StoreError> {
    let account = scope.account();
    Ok(update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version))
        .set((staff::operator_confirmed_by.eq(account), staff::version.eq(known.version + 1)))
        .execute(scope.conn)?)
}

/// Notes the owner's part in confirming a membership: the caller's.
pub(crate) fn note_owners_part(scope: &mut PracticeScope<'_>, known: &Member) -> Result<usize, StoreError> {
    let (practice, owner) = (scope.practice_id(), scope.staff_id());
    Ok(update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version))
        .set((staff::owner_confirmed_by.eq(owner), staff::version.eq(known.version + 1)))
        .execute(scope.conn)?)
}

/// Confirms all of a membership that waits: the account is its member's, and the roles work. The power of an acting manager
/// alone vouches for nobody: it has an end, and so its confirmation leaves the hands by which the member came as they were.
pub(crate) fn confirm(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
    version: i32,
) -> Result<usize, StoreError> {
    let acting_waits = staff::acting_until.is_not_null().and(staff::acting_confirmed_at.is_null());
    let more_waits = staff::unconfirmed_at.is_not_null().or(staff::unconfirmed_roles.ne(Vec::<String>::new()));
    let now = || Some(scope.at()).into_sql::<Nullable<Timestamptz>>();
    let confirmed = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .filter(staff::version.eq(version).and(staff::left_at.is_null()))
        .set((
            staff::roles.eq(staff::roles.concat(staff::unconfirmed_roles)),
            staff::unconfirmed_roles.eq(Vec::<String>::new()),
            staff::unconfirmed_at.eq(None::<DateTime<Utc>>),
            staff::opened_by.eq(Vec::<AccountId>::new()),
            staff::operator_confirmed_by.eq(None::<AccountId>),
            staff::owner_confirmed_by.eq(None::<StaffId>),
            staff::confirmed_at.eq(case_when(more_waits, now()).otherwise(staff::confirmed_at)),
            staff::acting_confirmed_at.eq(case_when(acting_waits, now()).otherwise(staff::acting_confirmed_at)),
            staff::version.eq(version + 1),
        ))
        .execute(scope.conn)?;
    if confirmed == 1 {
        set_confirmed_at(scope, practice, member, true)?;
    }
    Ok(confirmed)
}

/// Says whether a member of the caller's practice can sign in: their account is theirs, and a role of theirs works.
pub(super) fn set_confirmed(scope: &mut PracticeScope<'_>, member: StaffId, confirmed: bool) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    set_confirmed_at(scope, practice, member, confirmed)
}

fn set_confirmed_at(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
    confirmed: bool,
) -> Result<(), StoreError> {
    let said = update(account_memberships::table)
        .filter(account_memberships::practice_id.eq(practice).and(account_memberships::staff_id.eq(member)))
        .set(account_memberships::confirmed.eq(confirmed))
        .execute(scope.conn)?;
    StoreError::unless_changed(said, "the membership of the account")
}

/// Takes a membership from its account: the member has left. Whoever never joined has none.
pub(super) fn end_membership(scope: &mut Scope<'_>, practice: PracticeId, member: StaffId) -> Result<(), StoreError> {
    diesel::delete(account_memberships::table)
        .filter(account_memberships::practice_id.eq(practice).and(account_memberships::staff_id.eq(member)))
        .execute(scope.conn)?;
    Ok(())
}

/// Says when a member's access ends, so that nobody chooses the membership at a sign-in after that. Whoever has not joined
/// has none.
pub(super) fn end_membership_at(
    scope: &mut PracticeScope<'_>,
    member: StaffId,
    ends_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    update(account_memberships::table)
        .filter(account_memberships::practice_id.eq(practice).and(account_memberships::staff_id.eq(member)))
        .set(account_memberships::ends_at.eq(ends_at))
        .execute(scope.conn)?;
    Ok(())
}
