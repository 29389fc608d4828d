//! Finding out, in each request, who the caller is and what they may see now.

use almoner_domain::ids::{AccountId, AssignmentId, CouncilId, PracticeId, SessionId, StaffId};
use almoner_domain::staff::registration::RegistrationStatus;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::callers::{
    ComplaintsPerson, ComplaintsPlace, ComplaintsWorker, Membership, Office, Officer, Session, StaffMember,
};
use crate::ground::error::StoreError;
use crate::ground::schema::{account_memberships, practices};
use crate::ground::scope::Scope;
use crate::officers;
use crate::staff::registrations;
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
    /// Finds the member of staff to whom a session belongs, and goes on as them.
    #[sql_name = "app.enter_practice"]
    fn find_and_enter_practice(
        session: sql_types::Uuid,
        moment: sql_types::Timestamptz,
    ) -> MemberColumns;
}
diesel::define_sql_function! {
    /// Finds the officer to whom a session belongs, and goes on as them.
    #[sql_name = "app.enter_council_as_officer"]
    fn find_and_enter_council(session: sql_types::Uuid, moment: sql_types::Timestamptz) -> OfficerColumns;
}
diesel::define_sql_function! {
    /// Finds the officer or the guest to whom a session at the complaints' door belongs, and goes on as them.
    #[sql_name = "app.enter_complaints"]
    fn find_and_enter_complaints(
        session: sql_types::Uuid,
        moment: sql_types::Timestamptz,
        named: sql_types::Nullable<sql_types::Uuid>,
    ) -> ComplaintsColumns;
}
diesel::define_sql_function! {
    /// Finds when an operator last proved their second factor, and goes on as the operator.
    #[sql_name = "app.enter_operator"]
    fn find_and_enter_operator(
        session: sql_types::Uuid,
        moment: sql_types::Timestamptz,
    ) -> sql_types::Timestamptz;
}

/// Practice, membership, name, roles, those for whom they stand in, the last proof of the second factor, when they joined, what
/// the register of social workers was found to say, and the access-restricted people who are open to them, and the people from
/// whom they are excluded.
type MemberColumns = sql_types::Record<(
    sql_types::Uuid,
    sql_types::Uuid,
    sql_types::Text,
    sql_types::Array<sql_types::Text>,
    sql_types::Array<sql_types::Uuid>,
    sql_types::Timestamptz,
    sql_types::Nullable<sql_types::Timestamptz>,
    sql_types::Nullable<sql_types::Text>,
    sql_types::Nullable<sql_types::Date>,
    sql_types::Nullable<sql_types::Date>,
    sql_types::Array<sql_types::Uuid>,
    sql_types::Array<sql_types::Uuid>,
)>;

type MemberRow = (
    Uuid,
    Uuid,
    String,
    Vec<String>,
    Vec<StaffId>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<RegistrationStatus>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Vec<Uuid>,
    Vec<Uuid>,
);

/// Council, officer, roles, the last proof of the second factor, and whether the council's provider alone vouches for them.
type OfficerColumns = sql_types::Record<(
    sql_types::Uuid,
    sql_types::Uuid,
    sql_types::Array<sql_types::Text>,
    sql_types::Timestamptz,
    sql_types::Bool,
)>;

/// Council, officer or guest, name, roles in complaints, the last proof of the second factor, and the assignments by which a part of a
/// complaint is shown.
type ComplaintsColumns = sql_types::Record<(
    sql_types::Uuid,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Text,
    sql_types::Array<sql_types::Text>,
    sql_types::Timestamptz,
    sql_types::Array<sql_types::Uuid>,
)>;

/// Finds the officer or the guest to whom a session at the complaints' door belongs, opens the complaint that the request names if it is
/// assigned to them, and goes on in the role of that door (`sql/functions/enter_complaints.sql`).
pub(crate) fn enter_complaints(
    scope: &mut Scope<'_>,
    caller: Session,
    named: Option<Uuid>,
) -> Result<(CouncilId, ComplaintsWorker), StoreError> {
    type Row = (Uuid, Option<Uuid>, Option<Uuid>, String, Vec<String>, DateTime<Utc>, Vec<AssignmentId>);
    let find = find_and_enter_complaints(caller.session.uuid(), scope.at(), named);
    let row: Option<Row> = diesel::select(find).get_result(scope.conn).optional().map_err(StoreError::of_the_role)?;
    let (council, officer, guest, name, roles, authenticated_at, shown) = row.ok_or(StoreError::NotAuthenticated)?;
    let person = match (officer, guest) {
        (Some(officer), _) => ComplaintsPerson::Officer(officer.into()),
        (None, Some(guest)) => ComplaintsPerson::Guest(guest.into()),
        (None, None) => return Err(StoreError::NotAuthenticated),
    };
    scope.entered("almoner_complaints");
    let roles = officers::parse_roles(&roles)?;
    let account = caller.account;
    Ok((council.into(), ComplaintsWorker { person, name, roles, authenticated_at, account, shown }))
}

/// Finds the officer to whom a session belongs, with the roles that work for them, and goes on in the role of the council's door
/// (`sql/functions/enter_council_as_officer.sql`).
pub(crate) fn enter_council(scope: &mut Scope<'_>, caller: Session) -> Result<(CouncilId, Officer), StoreError> {
    type OfficerRow = (Uuid, Uuid, Vec<String>, DateTime<Utc>, bool);
    let find = find_and_enter_council(caller.session.uuid(), scope.at());
    let row: Option<OfficerRow> =
        diesel::select(find).get_result(scope.conn).optional().map_err(StoreError::of_the_role)?;
    let (council, officer, roles, authenticated_at, by_provider) = row.ok_or(StoreError::NotAuthenticated)?;
    scope.entered("almoner_council");
    let officer = Officer {
        officer_id: officer.into(),
        roles: officers::parse_roles(&roles)?,
        authenticated_at,
        by_provider,
        account: caller.account,
    };
    Ok((council.into(), officer))
}

/// Finds the member of staff to whom a session belongs, with their roles, their registration and what is open to them, and
/// goes on in the role of the practice's door (`sql/functions/enter_practice.sql`). At a practice that is suspended they are
/// nobody.
pub(crate) fn enter_practice(scope: &mut Scope<'_>, caller: Session) -> Result<StaffMember, StoreError> {
    let find = find_and_enter_practice(caller.session.uuid(), scope.at());
    let row: Option<MemberRow> =
        diesel::select(find).get_result(scope.conn).optional().map_err(StoreError::of_the_role)?;
    let (
        practice,
        member,
        name,
        roles,
        stands_in_for,
        authenticated_at,
        joined_at,
        status,
        checked_on,
        ends_on,
        open_people,
        excluded_from,
    ) = row.ok_or(StoreError::NotAuthenticated)?;
    let found = status.zip(checked_on).map(|(status, checked_on)| (status, checked_on, ends_on));
    scope.entered("almoner_practice");
    Ok(StaffMember {
        practice_id: practice.into(),
        staff_id: member.into(),
        name,
        roles: parse_roles(&roles)?,
        stands_in_for,
        authenticated_at,
        registration: registrations::look_up(found, joined_at),
        open_people,
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

/// Finds when an operator last proved their second factor, if the session is a live one of theirs, and goes on in the
/// operator's role.
pub(crate) fn enter_operator(scope: &mut Scope<'_>, caller: Session) -> Result<DateTime<Utc>, StoreError> {
    let find = find_and_enter_operator(caller.session.uuid(), scope.at());
    let proved: Option<DateTime<Utc>> =
        diesel::select(find).get_result(scope.conn).optional().map_err(StoreError::of_the_role)?;
    let proved = proved.ok_or(StoreError::NotAuthenticated)?;
    scope.entered("almoner_operator");
    Ok(proved)
}

/// The practices that an account belongs to, where it is known to be its member's, and that are not suspended. Asked once both
/// factors are proved, for the account that the scope's settings name.
pub fn memberships(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<(Uuid, Uuid, Slug, String)> = account_memberships::table
        .inner_join(practices::table.on(practices::practice_id.eq(account_memberships::practice_id)))
        .filter(account_memberships::account_id.eq(account).and(account_memberships::confirmed))
        .filter(account_memberships::ends_at.is_null().or(account_memberships::ends_at.gt(scope.at())))
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

/// The councils of which an account is an officer, where it is known to be its officer's. Asked as [`memberships`] is.
pub fn offices(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<Office>, StoreError> {
    officers::offices(scope, account)
}

/// The councils at whose complaints' door an account has a place. Asked as [`memberships`] is.
pub fn complaints_places(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<ComplaintsPlace>, StoreError> {
    officers::guests::complaints_places(scope, account)
}
