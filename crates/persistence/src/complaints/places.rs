//! Where somebody is known by their account: the practices at which they work or have worked, and what they are called there and at councils.
//! A guest has one name on the council's list, and may have another where they work.

use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;

use super::known::Member;
use crate::ground::error::StoreError;
use crate::ground::schema::{guests, officers, staff};
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
    /// What they are called there, and what councils call them.
    pub(super) names: Vec<String>,
}

/// Finds where an account is known. The scope has the identity role.
pub(super) fn places_of(scope: &mut Scope<'_>, account: AccountId, since: DateTime<Utc>) -> Result<Places, StoreError> {
    let at_practices: Vec<(PracticeId, String)> = staff::table
        .filter(staff::account_id.eq(account).and(staff::left_at.is_null().or(staff::left_at.gt(since))))
        .select((staff::practice_id, staff::name))
        .load(scope.conn)?;
    let as_officers = officers::table.filter(officers::account_id.eq(account)).select(officers::name);
    let as_guests = guests::table.filter(guests::account_id.eq(account)).select(guests::name);
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
