//! The officers of a council as confirming sees them, and what of one waits.

use almoner_domain::ids::{AccountId, CouncilId, OfficerId};
use almoner_domain::officers::confirmation::{AwaitedOfficer, OfficerStanding, Officers};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::officers;
use crate::ground::scope::Scope;

/// What waits, and the operator who did the first part in it.
pub(crate) struct WaitingOfficer {
    pub(crate) awaited: AwaitedOfficer,
    pub(crate) operator_confirmed_by: Option<AccountId>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = officers)]
struct RosterRow {
    officer_id: OfficerId,
    account_id: Option<AccountId>,
    roles: Vec<String>,
    unconfirmed_roles: Vec<String>,
    invited_by: Vec<AccountId>,
    joined_at: Option<DateTime<Utc>>,
    unconfirmed_at: Option<DateTime<Utc>>,
    opened_by: Vec<AccountId>,
    opened_at: DateTime<Utc>,
    operator_confirmed_by: Option<AccountId>,
    confirmed_at: Option<DateTime<Utc>>,
    absent_from: Option<NaiveDate>,
    absent_until: Option<NaiveDate>,
    access_ends_at: Option<DateTime<Utc>>,
}

/// Reads the officers of a council, and what of this one waits. Returns `None` for the latter if nothing does, or if they have not
/// joined.
pub(crate) fn load(
    scope: &mut Scope<'_>,
    council: CouncilId,
    officer: OfficerId,
) -> Result<(Officers, Option<WaitingOfficer>), StoreError> {
    let rows: Vec<RosterRow> = officers::table
        .filter(officers::council_id.eq(council))
        .order(officers::officer_id)
        .select(RosterRow::as_select())
        .load(scope.conn)?;
    let (at, today) = (scope.at(), scope.today());
    let waiting = rows.iter().find(|row| row.officer_id == officer && row.is_here(at)).and_then(RosterRow::waiting);
    let standings = rows.into_iter().map(|row| row.standing(at, today)).collect();
    Ok((Officers::new(standings), waiting))
}

impl RosterRow {
    fn is_here(&self, at: DateTime<Utc>) -> bool {
        self.account_id.is_some() && self.access_ends_at.is_none_or(|end| end > at)
    }

    fn waiting(&self) -> Option<WaitingOfficer> {
        let has_roles = !self.unconfirmed_roles.is_empty();
        (has_roles || self.unconfirmed_at.is_some()).then(|| WaitingOfficer {
            awaited: AwaitedOfficer {
                officer: self.officer_id,
                has_roles,
                opened_by: self.opened_by.clone(),
                opened_at: self.opened_at,
            },
            operator_confirmed_by: self.operator_confirmed_by,
        })
    }

    fn standing(self, at: DateTime<Utc>, today: NaiveDate) -> OfficerStanding {
        OfficerStanding {
            id: self.officer_id,
            is_present: self.is_here(at) && self.unconfirmed_at.is_none(),
            account: self.account_id,
            joined_at: self.joined_at,
            is_away: self.absent_from.is_some_and(|from| from <= today)
                && self.absent_until.is_some_and(|until| today <= until),
            works: !self.roles.is_empty(),
            is_confirmed: self.confirmed_at.is_some(),
            invited_by: self.invited_by,
        }
    }
}
