//! The memberships of a practice as confirming sees them, and what of a membership waits.

use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::staff::confirmation::{Awaited, Roster, Standing};
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::staff;
use crate::ground::scope::Scope;
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
    left_at: Option<DateTime<Utc>>,
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
    let mut waiting = None;
    let mut standings = Vec::with_capacity(rows.len());
    for row in rows {
        if row.staff_id == member && row.left_at.is_none() && row.account_id.is_some() {
            waiting = row.waiting()?;
        }
        standings.push(Standing {
            id: row.staff_id,
            account: row.account_id,
            joined_at: row.joined_at,
            is_present: row.left_at.is_none() && row.account_id.is_some() && row.unconfirmed_at.is_none(),
            founder: row.founder && row.owner,
            roles: parse_roles(&row.roles)?,
            invited_by: row.invited_by,
            is_confirmed: row.confirmed_at.is_some(),
        });
    }
    Ok((Roster::new(standings), waiting))
}

impl RosterRow {
    fn waiting(&self) -> Result<Option<Waiting>, StoreError> {
        let roles: Vec<Role> = parse_roles(&self.unconfirmed_roles)?;
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
