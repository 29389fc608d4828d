//! Where somebody is known to a council by their account: its practices at which they work or have worked, and what they are called there and
//! among its own people. A guest has one name on the council's list, and may have another where they work. What they do at a practice with
//! which the council never had a contract is none of its business: a refusal would tell of it.

use almoner_domain::ids::{AccountId, CouncilId, PracticeId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;

use super::known::Member;
use crate::ground::error::StoreError;
use crate::ground::schema::{contracts, guests, officers, staff};
use crate::ground::scope::Scope;

diesel::define_sql_function! {
    /// Everybody who works at the practice or has worked there since a moment, and whether they own a share, or owned one since.
    #[sql_name = "app.members_since"]
    fn members_since(
        practice: sql_types::Uuid,
        since: sql_types::Timestamptz,
    ) -> sql_types::Record<(sql_types::Uuid, sql_types::Nullable<sql_types::Uuid>, sql_types::Text, sql_types::Bool)>;
}

/// Where somebody is known.
pub(super) struct Places {
    /// The practices at which they work, or have worked since the moment.
    pub(super) practices: Vec<PracticeId>,
    /// What they are called there, and among the council's officers and guests.
    pub(super) names: Vec<String>,
}

/// Finds where an account is known to a council. The scope has the identity role.
pub(super) fn places_of(
    scope: &mut Scope<'_>,
    council: CouncilId,
    account: AccountId,
    since: DateTime<Utc>,
) -> Result<Places, StoreError> {
    let at_practices: Vec<(PracticeId, String)> = staff::table
        .filter(staff::account_id.eq(account).and(staff::left_at.is_null().or(staff::left_at.gt(since))))
        .filter(
            staff::practice_id
                .eq_any(contracts::table.filter(contracts::council_id.eq(council)).select(contracts::practice_id)),
        )
        .select((staff::practice_id, staff::name))
        .load(scope.conn)?;
    let as_officers = officers::table
        .filter(officers::council_id.eq(council).and(officers::account_id.eq(account)))
        .select(officers::name);
    let as_guests =
        guests::table.filter(guests::council_id.eq(council).and(guests::account_id.eq(account))).select(guests::name);
    let mut names: Vec<String> = as_officers.union(as_guests).load(scope.conn)?;
    let (practices, called): (Vec<_>, Vec<_>) = at_practices.into_iter().unzip();
    names.extend(called);
    Ok(Places { practices, names })
}

/// Everybody who works at this practice, or has worked there since a moment. The scope has the identity role.
pub(super) fn members_of(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    since: DateTime<Utc>,
) -> Result<Vec<Member>, StoreError> {
    Ok(diesel::select(members_since(practice, since)).load::<(StaffId, Option<AccountId>, String, bool)>(scope.conn)?)
}
