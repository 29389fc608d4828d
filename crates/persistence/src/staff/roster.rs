//! The memberships of a practice as confirming sees them, and what of a membership waits.

use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::staff::acting::Acting;
use almoner_domain::staff::confirmation::{Awaited, Roster, Standing};
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::Scope;
use crate::staff::absence;
use crate::staff::presence::acting;
use crate::staff::roles::parse_roles;

/// What waits, and the parts in it that are done.
pub(crate) struct Waiting {
    pub(crate) awaited: Awaited,
    pub(crate) operator_confirmed_by: Option<AccountId>,
    pub(crate) owner_confirmed_by: Option<StaffId>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = staff)]
struct RosterRow {
    staff_id: StaffId,
    account_id: Option<AccountId>,
    invited_by: Vec<AccountId>,
    joined_at: Option<DateTime<Utc>>,
    unconfirmed_at: Option<DateTime<Utc>>,
    unconfirmed_roles: Vec<String>,
    opened_by: Vec<AccountId>,
    opened_at: Option<DateTime<Utc>>,
    operator_confirmed_by: Option<AccountId>,
    owner_confirmed_by: Option<StaffId>,
    confirmed_at: Option<DateTime<Utc>>,
    roles: Vec<String>,
    owner: bool,
    founder: bool,
    access_ends_at: Option<DateTime<Utc>>,
    left_at: Option<DateTime<Utc>>,
    acting_until: Option<DateTime<Utc>>,
    acting_confirmed_at: Option<DateTime<Utc>>,
    acting_for_id: Option<StaffId>,
    acting_given_by: Option<StaffId>,
}

/// Reads the roster of a practice, and what of this membership waits. Returns `None` for the latter if nothing does, or if the
/// member has not joined.
pub(crate) fn load(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<(Roster, Option<Waiting>), StoreError> {
    let rows: Vec<RosterRow> = staff::table
        .filter(staff::practice_id.eq(practice))
        .order(staff::staff_id)
        .select(RosterRow::as_select())
        .load(scope.conn)?;
    let (at, away) = (scope.at(), absence::away(scope, practice)?);
    let mut waiting = None;
    let mut standings = Vec::with_capacity(rows.len());
    for row in rows {
        let works_here = row.left_at.is_none() && row.access_ends_at.is_none_or(|end| end > at);
        if row.staff_id == member && works_here && row.account_id.is_some() {
            waiting = row.waiting(at)?;
        }
        standings.push(Standing {
            id: row.staff_id,
            account: row.account_id,
            joined_at: row.joined_at,
            is_present: works_here && row.account_id.is_some() && row.unconfirmed_at.is_none(),
            is_away: away.contains(&row.staff_id),
            acts_by: row.acting().filter(|acting| acting.counts(at)).map(|acting| acting.given_by),
            founder: row.founder && row.owner,
            roles: parse_roles(&row.roles)?,
            invited_by: row.invited_by,
            is_confirmed: row.confirmed_at.is_some(),
        });
    }
    Ok((Roster::new(standings), waiting))
}

impl RosterRow {
    fn acting(&self) -> Option<Acting> {
        acting((self.acting_until, self.acting_confirmed_at, self.acting_for_id, self.acting_given_by))
    }

    fn waiting(&self, at: DateTime<Utc>) -> Result<Option<Waiting>, StoreError> {
        let mut roles: Vec<Role> = parse_roles(&self.unconfirmed_roles)?;
        // The power of an acting manager weighs as the role does.
        roles.extend(self.acting().filter(|acting| acting.waits(at)).map(|_| Role::Manager));
        let account = self.unconfirmed_at.is_some();
        if roles.is_empty() && !account {
            return Ok(None);
        }
        Ok(Some(Waiting {
            awaited: Awaited {
                member: self.staff_id,
                roles,
                account,
                opened_by: self.opened_by.clone(),
                opened_at: self.opened_at.ok_or_else(|| StoreError::unreadable("when a membership was opened"))?,
            },
            operator_confirmed_by: self.operator_confirmed_by,
            owner_confirmed_by: self.owner_confirmed_by,
        }))
    }
}

/// Finds the members who may confirm what of this membership waits.
pub(crate) fn confirmers(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<Vec<StaffId>, StoreError> {
    let (roster, waiting) = load(scope, practice, member)?;
    Ok(waiting.map(|waiting| roster.confirmers(&waiting.awaited)).unwrap_or_default())
}

/// The account of an operator at the console, who has none.
pub(crate) fn console() -> AccountId {
    AccountId::from(Uuid::nil())
}
