//! Staff of practices and the accounts with which they sign in.

use almoner_domain::email::Email;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::roles::Role;
use almoner_domain::social_work_england::SocialWorkEnglandNumber;
use almoner_domain::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::StoreError;
use crate::events::Chain;
use crate::page::{Page, Paging};
use crate::schema::{accounts, staff};
use crate::scope::{OperatorScope, PracticeScope};

/// A member of staff, as the operator sees them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Their membership.
    pub id: StaffId,
    /// Their practice.
    pub practice_id: PracticeId,
    /// Their name.
    pub name: String,
    /// Their e-mail address, with which they sign in.
    pub email: Email,
    /// Their roles.
    #[schema(max_items = 6)]
    pub roles: Vec<Role>,
    /// Owns the practice or a share of it.
    pub owner: bool,
    /// To whom they answer.
    pub line_manager_id: Option<StaffId>,
    /// For whom they stand in.
    pub deputy_for_id: Option<StaffId>,
    /// Their number in the register of Social Work England.
    pub social_work_england_number: Option<SocialWorkEnglandNumber>,
    /// When they joined.
    pub created_at: DateTime<Utc>,
}

/// A member of staff to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Hannah Price", "email": "hannah.price@severn.example", "roles": ["social_worker"],
    "social_work_england_number": "SW123456",
}))]
pub struct NewMember {
    /// Their name.
    pub name: Line<200>,
    /// Their e-mail address. Whoever has an account already keeps it, with its password.
    pub email: Email,
    /// Their roles.
    #[schema(min_items = 1, max_items = 6)]
    pub roles: Vec<Role>,
    /// Owns the practice or a share of it.
    #[serde(default)]
    pub owner: bool,
    /// To whom they answer.
    #[serde(default)]
    pub line_manager_id: Option<StaffId>,
    /// For whom they stand in.
    #[serde(default)]
    pub deputy_for_id: Option<StaffId>,
    /// Their number in the register of Social Work England; required of a social worker.
    #[serde(default)]
    pub social_work_england_number: Option<SocialWorkEnglandNumber>,
}

impl NewMember {
    fn check(&self) -> Result<(), StoreError> {
        let mut faults = Vec::new();
        if self.roles.is_empty() {
            faults.push(Fault::new("/roles", "must name at least one role"));
        }
        // A protected title: Social Workers Regulations 2018.
        if self.roles.contains(&Role::SocialWorker) && self.social_work_england_number.is_none() {
            faults.push(Fault::new("/social_work_england_number", "is required of a social worker"));
        }
        if faults.is_empty() { Ok(()) } else { Err(StoreError::Unfit(faults)) }
    }
}

/// Enters a member of staff. The hash is of their first password; `None` comes back as the account if there was one already,
/// which keeps its own.
pub fn create(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    new: &NewMember,
    password_hash: &str,
) -> Result<(StaffId, NewAccount), StoreError> {
    new.check()?;
    crate::practices::find(scope, practice)?;
    for (pointer, other) in [("/line_manager_id", new.line_manager_id), ("/deputy_for_id", new.deputy_for_id)] {
        if let Some(other) = other {
            find(scope, practice, other).map_err(|error| error.unless_found(pointer))?;
        }
    }
    let (account, made) = find_or_create_account(scope, &new.email, new.name.as_str(), password_hash, false)?;
    let id: StaffId = scope.next_id();
    let roles: Vec<&str> = new.roles.iter().map(|role| role.as_str()).collect();
    diesel::insert_into(staff::table)
        .values((
            staff::practice_id.eq(practice),
            staff::staff_id.eq(id),
            staff::account_id.eq(account),
            staff::name.eq(&new.name),
            staff::roles.eq(roles),
            staff::owner.eq(new.owner),
            staff::line_manager_id.eq(new.line_manager_id),
            staff::deputy_for_id.eq(new.deputy_for_id),
            staff::social_work_england_number.eq(new.social_work_england_number.as_ref()),
            staff::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::taken(error, "/email"))?;
    scope.audit(Chain::Platform, "staff.created", id.uuid(), None)?;
    Ok((id, made))
}

/// Whether entering somebody made them an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewAccount {
    /// They had none: the password given is theirs.
    Made,
    /// They had one already.
    Known,
}

/// Enters an account for the operator's door.
pub fn create_operator(
    scope: &mut OperatorScope<'_>,
    email: &Email,
    name: &str,
    password_hash: &str,
) -> Result<AccountId, StoreError> {
    let (account, made) = find_or_create_account(scope, email, name, password_hash, true)?;
    match made {
        NewAccount::Made => Ok(account),
        NewAccount::Known => Err(StoreError::Taken("/email")),
    }
}

fn find_or_create_account(
    scope: &mut OperatorScope<'_>,
    email: &Email,
    name: &str,
    password_hash: &str,
    operator: bool,
) -> Result<(AccountId, NewAccount), StoreError> {
    let id: AccountId = scope.next_id();
    let made = diesel::insert_into(accounts::table)
        .values((
            accounts::account_id.eq(id),
            accounts::email.eq(email),
            accounts::name.eq(name),
            accounts::password_hash.eq(password_hash),
            accounts::operator.eq(operator),
            accounts::created_at.eq(scope.at()),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    if made == 1 {
        scope.audit(Chain::Platform, "account.created", id.uuid(), None)?;
        return Ok((id, NewAccount::Made));
    }
    let known = accounts::table.filter(accounts::email.eq(email)).select(accounts::account_id).first(scope.conn)?;
    Ok((known, NewAccount::Known))
}

type MemberRow = (
    StaffId,
    PracticeId,
    String,
    Email,
    Vec<String>,
    bool,
    Option<StaffId>,
    Option<StaffId>,
    Option<SocialWorkEnglandNumber>,
    DateTime<Utc>,
);

fn member(row: MemberRow) -> Result<Member, StoreError> {
    let (
        id,
        practice_id,
        name,
        email,
        roles,
        owner,
        line_manager_id,
        deputy_for_id,
        social_work_england_number,
        created_at,
    ) = row;
    let roles = crate::identity::parse_roles(&roles)?;
    Ok(Member {
        id,
        practice_id,
        name,
        email,
        roles,
        owner,
        line_manager_id,
        deputy_for_id,
        social_work_england_number,
        created_at,
    })
}

macro_rules! member_columns {
    () => {
        (
            staff::staff_id,
            staff::practice_id,
            staff::name,
            accounts::email,
            staff::roles,
            staff::owner,
            staff::line_manager_id,
            staff::deputy_for_id,
            staff::social_work_england_number,
            staff::created_at,
        )
    };
}

/// One member of a practice's staff.
pub fn find(scope: &mut OperatorScope<'_>, practice: PracticeId, id: StaffId) -> Result<Member, StoreError> {
    let row: MemberRow = staff::table
        .inner_join(accounts::table)
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(id)))
        .select(member_columns!())
        .first(scope.conn)?;
    member(row)
}

/// A practice's staff, in the order in which they joined.
pub fn list(scope: &mut OperatorScope<'_>, practice: PracticeId, paging: &Paging) -> Result<Page<Member>, StoreError> {
    crate::practices::find(scope, practice)?;
    let rows: Vec<MemberRow> = staff::table
        .inner_join(accounts::table)
        .filter(staff::practice_id.eq(practice))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select(member_columns!())
        .load(scope.conn)?;
    paging.page(rows, |row| row.0.uuid()).try_map(member)
}

/// A colleague, as everyone in the practice sees them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Colleague {
    /// Their membership.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Their roles.
    #[schema(max_items = 6)]
    pub roles: Vec<Role>,
}

/// The caller's colleagues who have not left, in the order in which they joined.
pub fn colleagues(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<Page<Colleague>, StoreError> {
    let rows: Vec<(StaffId, String, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::left_at.is_null()))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select((staff::staff_id, staff::name, staff::roles))
        .load(scope.conn)?;
    paging
        .page(rows, |row| row.0.uuid())
        .try_map(|(id, name, roles)| Ok(Colleague { id, name, roles: crate::identity::parse_roles(&roles)? }))
}

/// A colleague: somebody who works in the caller's practice and has not left.
pub(crate) fn colleague(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Vec<Role>, StoreError> {
    let roles: Vec<String> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq(id)).and(staff::left_at.is_null()))
        .select(staff::roles)
        .first(scope.conn)?;
    crate::identity::parse_roles(&roles)
}
