//! Signing in, and finding out who a caller is now.

use almoner_domain::ids::{AccountId, ClientId, CouncilId, PracticeId, SessionId, StaffId};
use almoner_domain::roles::Role;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::error::StoreError;
use crate::events::Chain;
use crate::schema::{accounts, clients, practices, sessions, staff};
use crate::scope::{Client, IdentityScope, Scope};
use crate::store::{Session, StaffMember, setting};

diesel::define_sql_function! {
    /// The guarded people open to a member of staff in a session at a moment.
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

/// Practice, membership, name, roles, the last proof of the second factor, and the guarded people who are open.
type MemberRow = (Uuid, Uuid, String, Vec<String>, DateTime<Utc>, Vec<Uuid>);

/// Who the session belongs to, as of now: their roles, and the guarded people who are open to them, in one query; and where
/// they are asked for, the complaints that are.
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
        .filter(sessions::account_id.eq(caller.account.uuid()).and(sessions::session_id.eq(caller.session.uuid())))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(scope.at())))
        .filter(accounts::disabled_at.is_null().and(staff::left_at.is_null()))
        .select((
            staff::practice_id,
            staff::staff_id,
            staff::name,
            staff::roles,
            sessions::authenticated_at,
            find_open_people(staff::practice_id, staff::staff_id, sessions::session_id, scope.at()),
        ))
        .first(scope.conn)
        .optional()?;
    let (practice, member, name, roles, authenticated_at, open_people) = row.ok_or(StoreError::NotAuthenticated)?;
    let roles = parse_roles(&roles)?;
    // Only complaints managers read complaints; for everyone else the list is empty, and costs nothing.
    let complaints = if opens_complaints && roles.contains(&Role::ComplaintsManager) {
        diesel::select(find_open_complaints(practice, member)).get_result(scope.conn)?
    } else {
        Vec::new()
    };
    Ok(StaffMember {
        practice_id: practice.into(),
        staff_id: member.into(),
        name,
        roles,
        authenticated_at,
        open_people,
        open_complaints: complaints,
    })
}

/// The guarded people who are open to a member of staff now, in this session.
pub(crate) fn open_people(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    reader: StaffId,
    session: SessionId,
) -> Result<Vec<Uuid>, StoreError> {
    let at = scope.at();
    Ok(diesel::select(find_open_people(practice, reader, session, at)).get_result(scope.conn)?)
}

/// The roles as they are stored.
pub(crate) fn parse_roles(roles: &[String]) -> Result<Vec<Role>, StoreError> {
    roles.iter().map(|role| Role::parse(role).map_err(StoreError::unreadable)).collect()
}

/// The client, unless it is disabled.
pub(crate) fn live_client(scope: &mut Scope<'_>, client: ClientId) -> Result<Client, StoreError> {
    let row: Option<(Option<Uuid>, Vec<String>)> = clients::table
        .filter(clients::client_id.eq(client.uuid()).and(clients::disabled_at.is_null()))
        .select((clients::council_id, clients::scopes))
        .first(scope.conn)
        .optional()?;
    let (council_id, scopes) = row.ok_or(StoreError::NotAuthenticated)?;
    Ok(Client { client_id: client, council_id: council_id.map(CouncilId::from), scopes })
}

/// When an operator, if the session is a live one of theirs, last proved their second factor.
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

/// An account with what is needed to check its password.
pub struct Account {
    /// Which account.
    pub account_id: AccountId,
    /// The argon2id hash, in PHC form.
    pub password_hash: String,
    /// May come in by the operator's door.
    pub operator: bool,
}

/// A membership in a practice.
pub struct Membership {
    /// The practice.
    pub practice_id: PracticeId,
    /// Its name in URLs.
    pub slug: String,
    /// The practice's name.
    pub name: String,
    /// The membership.
    pub staff_id: StaffId,
}

/// The account of an e-mail address, unless it is disabled.
pub fn find_account(scope: &mut IdentityScope<'_>, email: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<(Uuid, String, bool)> = accounts::table
        .filter(accounts::email.eq(email).and(accounts::disabled_at.is_null()))
        .select((accounts::account_id, accounts::password_hash, accounts::operator))
        .first(scope.conn)
        .optional()?;
    Ok(row.map(|(account_id, password_hash, operator)| Account {
        account_id: account_id.into(),
        password_hash,
        operator,
    }))
}

/// The practices that an account belongs to. Asked once the password is known to be right: before that, an account that
/// exists costs no more than one that does not.
pub fn memberships(scope: &mut IdentityScope<'_>, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<(Uuid, Uuid, String, String)> = staff::table
        .inner_join(practices::table)
        .filter(staff::account_id.eq(account.uuid()).and(staff::left_at.is_null()))
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

/// Begins a session: for one practice, or for the operator's door.
pub fn begin_session(
    scope: &mut IdentityScope<'_>,
    account: AccountId,
    membership: Option<&Membership>,
    expires_at: DateTime<Utc>,
) -> Result<SessionId, StoreError> {
    let session: SessionId = scope.next_id();
    scope.execute(&[setting("app.account", account.uuid())])?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::account_id.eq(account.uuid()),
            sessions::session_id.eq(session.uuid()),
            sessions::practice_id.eq(membership.map(|m| m.practice_id.uuid())),
            sessions::staff_id.eq(membership.map(|m| m.staff_id.uuid())),
            sessions::created_at.eq(scope.at()),
            sessions::authenticated_at.eq(scope.at()),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(scope.conn)?;
    scope.acts(Uuid::nil(), Some(account.uuid()), "identity");
    scope.audit(Chain::Platform, "session.begun", session.uuid(), None)?;
    Ok(session)
}

/// Ends a session, if it is the account's own.
pub fn end_session(scope: &mut IdentityScope<'_>, caller: Session) -> Result<(), StoreError> {
    scope.execute(&[setting("app.account", caller.account.uuid())])?;
    let at = scope.at();
    let ended = diesel::update(sessions::table)
        .filter(sessions::account_id.eq(caller.account.uuid()).and(sessions::session_id.eq(caller.session.uuid())))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(at))
        .execute(scope.conn)?;
    if ended == 0 {
        return Err(StoreError::NotAuthenticated);
    }
    scope.acts(Uuid::nil(), Some(caller.account.uuid()), "identity");
    scope.audit(Chain::Platform, "session.ended", caller.session.uuid(), None)
}

/// The hash of a client's secret, and what the client may do, unless it is disabled or unknown.
pub fn find_client(scope: &mut IdentityScope<'_>, client: ClientId) -> Result<Option<(Vec<u8>, Client)>, StoreError> {
    scope.execute(&[setting("app.client", client.uuid())])?;
    let row: Option<(Vec<u8>, Option<Uuid>, Vec<String>)> = clients::table
        .filter(clients::client_id.eq(client.uuid()).and(clients::disabled_at.is_null()))
        .select((clients::secret_hash, clients::council_id, clients::scopes))
        .first(scope.conn)
        .optional()?;
    Ok(row.map(|(hash, council_id, scopes)| {
        (hash, Client { client_id: client, council_id: council_id.map(CouncilId::from), scopes })
    }))
}
