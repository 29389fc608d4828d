//! Finding out, in each request, who the caller is and what they may see now.

use almoner_domain::ids::{AccountId, PracticeId, SessionId, StaffId};
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::callers::{Membership, Session, StaffMember};
use crate::ground::error::StoreError;
use crate::ground::schema::{accounts, practices, registrations as found, sessions, staff};
use crate::ground::scope::Scope;
use crate::staff::excluded_from;
use crate::staff::registrations::{self, RegistrationColumns};
use crate::staff::roles::parse_roles;

diesel::define_sql_function! {
    /// The access-restricted people whose records a member of staff may see in a session at a moment.
    #[sql_name = "app.find_open_people"]
    fn find_open_people(
        practice: sql_types::Uuid,
        reader: sql_types::Uuid,
        session: sql_types::Uuid,
        moment: sql_types::Timestamptz,
    ) -> sql_types::Array<sql_types::Uuid>;
}
diesel::define_sql_function! {
    /// The complaints that a member of staff may see.
    #[sql_name = "app.find_open_complaints"]
    fn find_open_complaints(practice: sql_types::Uuid, reader: sql_types::Uuid) -> sql_types::Array<sql_types::Uuid>;
}

/// The columns that identify a member of staff: practice, membership, name, roles, the last proof of the second factor, the
/// open people, and the registration as it was last looked up.
type MemberRow = (Uuid, Uuid, String, Vec<String>, DateTime<Utc>, Vec<Uuid>, Option<RegistrationColumns>);

/// Finds the member of staff to whom a session belongs, with their roles, their registration and their open people, in one
/// query; and the complaints that they may see, where these are asked for. Returns `None` at a practice that is suspended.
pub(crate) fn staff_member(
    scope: &mut Scope<'_>,
    caller: Session,
    opens_complaints: bool,
) -> Result<StaffMember, StoreError> {
    let row: Option<MemberRow> = sessions::table
        .inner_join(accounts::table)
        .inner_join(
            staff::table.on(staff::practice_id
                .nullable()
                .eq(sessions::practice_id)
                .and(staff::staff_id.nullable().eq(sessions::staff_id))),
        )
        .inner_join(practices::table.on(practices::practice_id.eq(staff::practice_id)))
        .left_join(found::table.on(found::practice_id.eq(staff::practice_id).and(found::staff_id.eq(staff::staff_id))))
        .filter(sessions::account_id.eq(caller.account.uuid()).and(sessions::session_id.eq(caller.session.uuid())))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(scope.at())))
        .filter(accounts::disabled_at.is_null().and(practices::suspended_at.is_null()))
        .filter(staff::left_at.is_null().and(staff::unconfirmed_at.is_null()))
        .select((
            staff::practice_id,
            staff::staff_id,
            staff::name,
            staff::roles,
            sessions::authenticated_at,
            find_open_people(staff::practice_id, staff::staff_id, sessions::session_id, scope.at()),
            (found::status, found::checked_on, found::registration_ends_on).nullable(),
        ))
        .first(scope.conn)
        .optional()?;
    let (practice, member, name, roles, authenticated_at, open_people, registration) =
        row.ok_or(StoreError::NotAuthenticated)?;
    let roles = parse_roles(&roles)?;
    // Only complaints managers read complaints. For everyone else the list is empty, and takes no query.
    let complaints = if opens_complaints && roles.contains(&Role::ComplaintsManager) {
        diesel::select(find_open_complaints(practice, member)).get_result(scope.conn)?
    } else {
        Vec::new()
    };
    // Only records officers read the audit log, which is the one place where this list matters.
    let excluded_from = if roles.contains(&Role::RecordsOfficer) {
        excluded_from::of_member(scope, practice.into(), member.into())?
    } else {
        Vec::new()
    };
    Ok(StaffMember {
        practice_id: practice.into(),
        staff_id: member.into(),
        name,
        roles,
        authenticated_at,
        registration: registration.map(registrations::seen),
        open_people,
        open_complaints: complaints,
        excluded_from,
    })
}

/// Finds the access-restricted people whose records a member of staff may see now, in this session.
pub(crate) fn open_people(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    reader: StaffId,
    session: SessionId,
) -> Result<Vec<Uuid>, StoreError> {
    let at = scope.at();
    Ok(diesel::select(find_open_people(practice, reader, session, at)).get_result(scope.conn)?)
}

/// When an operator last proved their second factor, if the session is a live one of theirs.
pub(crate) fn live_operator(scope: &mut Scope<'_>, caller: Session) -> Result<DateTime<Utc>, StoreError> {
    sessions::table
        .inner_join(accounts::table)
        .filter(sessions::account_id.eq(caller.account.uuid()).and(sessions::session_id.eq(caller.session.uuid())))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(scope.at())))
        .filter(sessions::practice_id.is_null())
        .filter(accounts::disabled_at.is_null().and(accounts::operator))
        .select(sessions::authenticated_at)
        .first(scope.conn)
        .optional()?
        .ok_or(StoreError::NotAuthenticated)
}

/// Finds the practices to which an account belongs, except suspended practices and unconfirmed memberships. The caller has
/// already proved both factors.
pub fn memberships(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<(Uuid, Uuid, String, String)> = staff::table
        .inner_join(practices::table)
        .filter(staff::account_id.eq(account.uuid()).and(practices::suspended_at.is_null()))
        .filter(staff::left_at.is_null().and(staff::unconfirmed_at.is_null()))
        .select((staff::practice_id, staff::staff_id, practices::slug, practices::name))
        .order(practices::slug)
        .load(scope.conn)?;
    Ok(rows
        .into_iter()
        .map(|(practice, member, slug, name)| Membership {
            practice_id: practice.into(),
            slug,
            name,
            staff_id: member.into(),
        })
        .collect())
}
