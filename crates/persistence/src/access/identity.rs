//! Finding out, in each request, who the caller is and what they may see now.

use almoner_domain::ids::{AccountId, PracticeId, SessionId, StaffId};
use almoner_domain::staff::roles::Role;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::callers::{Membership, Session, StaffMember};
use crate::ground::error::StoreError;
use crate::ground::schema::{account_memberships, accounts, practices, registrations as found, sessions, staff};
use crate::ground::scope::Scope;
use crate::staff::excluded_from::find_excluded_from;
use crate::staff::registrations::{self, RegistrationColumns};
use crate::staff::roles::parse_roles;
use crate::tenancy::teams::everybody;

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

/// Practice, membership, name, roles, the last proof of the second factor, and what the register of social workers was found to say.
type MemberRow = (Uuid, Uuid, String, Vec<String>, DateTime<Utc>, Option<RegistrationColumns>);

/// Finds the member of staff to whom a session belongs, with their roles and their registration; then what is open to them, the access-restricted people and,
/// where they are asked for, the complaints. At a practice that is suspended they are nobody.
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
            (found::status, found::checked_on, found::registration_ends_on).nullable(),
        ))
        .first(scope.conn)
        .optional()?;
    let (practice, member, name, roles, authenticated_at, registration) = row.ok_or(StoreError::NotAuthenticated)?;
    let roles = parse_roles(&roles)?;
    // Only complaints managers read complaints, and only records officers the audit log, which is where these lists count; for
    // everyone else they are empty, and cost nothing.
    let handles_complaints = opens_complaints && roles.contains(&Role::ComplaintsManager);
    let reads_log = roles.contains(&Role::RecordsOfficer);
    // The functions read tables: they are asked once, with who calls, and in no query over tables.
    let (people, complaints, excluded_from) = diesel::select((
        find_open_people(practice, member, caller.session.uuid(), scope.at()),
        case_when(handles_complaints.into_sql::<sql_types::Bool>(), find_open_complaints(practice, member))
            .otherwise(Vec::<Uuid>::new().into_sql::<sql_types::Array<sql_types::Uuid>>()),
        case_when(reads_log.into_sql::<sql_types::Bool>(), find_excluded_from(practice, member))
            .otherwise(Vec::<Uuid>::new().into_sql::<sql_types::Array<sql_types::Uuid>>()),
    ))
    .get_result(scope.conn)?;
    Ok(StaffMember {
        practice_id: practice.into(),
        staff_id: member.into(),
        name,
        roles,
        authenticated_at,
        registration: registration.map(registrations::seen),
        open_teams: vec![everybody(practice.into()).uuid()],
        open_people: people,
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

/// The practices that an account belongs to, where it is known to be its member's, and that are not suspended. Asked once both
/// factors are proved, for the account that the scope's settings name.
pub fn memberships(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<(Uuid, Uuid, Slug, String)> = account_memberships::table
        .inner_join(practices::table.on(practices::practice_id.eq(account_memberships::practice_id)))
        .filter(account_memberships::account_id.eq(account).and(account_memberships::confirmed))
        .filter(practices::suspended_at.is_null())
        .select((account_memberships::practice_id, account_memberships::staff_id, practices::slug, practices::name))
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
