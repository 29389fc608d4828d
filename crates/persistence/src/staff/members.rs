//! Staff of practices: who is invited, what roles they hold, to whom they answer, when they leave.

use almoner_domain::fault::Fault;
use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::people::service_user::SearchKey;
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::roles::Role;
use almoner_domain::staff::social_work_england::SocialWorkEnglandNumber;
use almoner_domain::words::email::Email;
use almoner_domain::words::postcode::Postcode;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::staff;
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::ground::search_tokens::token;
use crate::staff::{accounts_of_members, notices};

/// A member of staff, as the operator and the practice's administrator see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Their membership.
    pub id: StaffId,
    /// Their practice.
    pub practice_id: PracticeId,
    /// The address at which they were invited.
    pub email: Email,
    /// What can be changed.
    #[serde(flatten)]
    pub details: MemberDetails,
    /// Whether they have accepted their invitation.
    pub joined: bool,
    /// Since when the practice has to say that their account is still theirs: until then it opens nothing here.
    pub unconfirmed_since: Option<DateTime<Utc>>,
    /// When they left.
    pub left_at: Option<DateTime<Utc>>,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// The version, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// What can be changed of a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberDetails {
    /// Their name.
    pub name: Line<200>,
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

/// A member of staff to invite.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Hannah Price", "email": "hannah.price@severn.example", "roles": ["social_worker"],
    "social_work_england_number": "SW123456",
}))]
pub struct NewMember {
    /// Their name.
    pub name: Line<200>,
    /// Their e-mail address. Whoever has an account joins with it; whoever has none makes one.
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
    fn details(&self) -> MemberDetails {
        MemberDetails {
            name: self.name.clone(),
            roles: self.roles.clone(),
            owner: self.owner,
            line_manager_id: self.line_manager_id,
            deputy_for_id: self.deputy_for_id,
            social_work_england_number: self.social_work_england_number.clone(),
        }
    }
}

impl MemberDetails {
    /// Whether it can be so at this practice.
    pub(crate) fn check(&self, scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
        let mut faults = Vec::new();
        if self.roles.is_empty() {
            faults.push(Fault::new("/roles", "must name at least one role"));
        }
        if self.roles.iter().enumerate().any(|(n, role)| self.roles[..n].contains(role)) {
            faults.push(Fault::new("/roles", "must name each role once"));
        }
        // A protected title: Social Workers Regulations 2018.
        if self.roles.contains(&Role::SocialWorker) && self.social_work_england_number.is_none() {
            faults.push(Fault::new("/social_work_england_number", "is required of a social worker"));
        }
        for (pointer, other) in [("/line_manager_id", self.line_manager_id), ("/deputy_for_id", self.deputy_for_id)] {
            if let Some(other) = other
                && !works_at(scope, practice, other)?
            {
                faults.push(Fault::new(pointer, "names nothing that is there"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(StoreError::Unfit(faults)) }
    }

    fn role_words(&self) -> Vec<&'static str> {
        self.roles.iter().map(|role| role.as_str()).collect()
    }
}

fn works_at(scope: &mut Scope<'_>, practice: PracticeId, id: StaffId) -> Result<bool, StoreError> {
    let found: i64 = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(id)).and(staff::left_at.is_null()))
        .count()
        .get_result(scope.conn)?;
    Ok(found == 1)
}

/// How many administrators a practice has who have joined, without this one. Whoever counts holds the administrators' rows: two who let
/// each other go count one after the other.
pub(crate) fn administrators(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    without: Option<StaffId>,
) -> Result<i64, StoreError> {
    Ok(staff::table
        .filter(staff::practice_id.eq(practice).and(staff::left_at.is_null()).and(staff::account_id.is_not_null()))
        .filter(staff::unconfirmed_since.is_null())
        .filter(staff::roles.contains(vec![Role::Administrator.as_str()]))
        .filter(staff::staff_id.ne(without.unwrap_or(StaffId::from(Uuid::nil()))))
        .count()
        .get_result(scope.conn)?)
}

/// Enters somebody who has yet to join: their link is drawn by [`crate::access::joining`].
pub(crate) fn enter(scope: &mut Scope<'_>, practice: PracticeId, new: &NewMember) -> Result<StaffId, StoreError> {
    let details = new.details();
    details.check(scope, practice)?;
    let id: StaffId = scope.next_id();
    diesel::insert_into(staff::table)
        .values((
            staff::practice_id.eq(practice),
            staff::staff_id.eq(id),
            staff::email.eq(&new.email),
            staff::name.eq(&details.name),
            staff::roles.eq(details.role_words()),
            staff::owner.eq(details.owner),
            staff::line_manager_id.eq(details.line_manager_id),
            staff::deputy_for_id.eq(details.deputy_for_id),
            staff::social_work_england_number.eq(details.social_work_england_number.as_ref()),
            staff::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::taken(error, "/email"))?;
    Ok(id)
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = staff)]
struct MemberRow {
    staff_id: StaffId,
    practice_id: PracticeId,
    email: Email,
    name: Line<200>,
    roles: Vec<String>,
    owner: bool,
    line_manager_id: Option<StaffId>,
    deputy_for_id: Option<StaffId>,
    social_work_england_number: Option<SocialWorkEnglandNumber>,
    account_id: Option<Uuid>,
    unconfirmed_since: Option<DateTime<Utc>>,
    left_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    version: i32,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.staff_id,
            practice_id: row.practice_id,
            email: row.email,
            details: MemberDetails {
                name: row.name,
                roles: crate::staff::roles::parse_roles(&row.roles)?,
                owner: row.owner,
                line_manager_id: row.line_manager_id,
                deputy_for_id: row.deputy_for_id,
                social_work_england_number: row.social_work_england_number,
            },
            joined: row.account_id.is_some(),
            unconfirmed_since: row.unconfirmed_since,
            left_at: row.left_at,
            created_at: row.created_at,
            version: row.version,
        })
    }
}

/// One member of a practice's staff.
pub fn find(scope: &mut OperatorScope<'_>, practice: PracticeId, id: StaffId) -> Result<Member, StoreError> {
    find_at(scope, practice, id)
}

/// One member of the caller's practice.
pub fn find_own(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Member, StoreError> {
    let practice = scope.practice_id();
    find_at(scope, practice, id)
}

fn find_at(scope: &mut Scope<'_>, practice: PracticeId, id: StaffId) -> Result<Member, StoreError> {
    staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(id)))
        .select(MemberRow::as_select())
        .first(scope.conn)?
        .try_into()
}

/// A practice's staff, in the order in which they were invited.
pub fn list(scope: &mut OperatorScope<'_>, practice: PracticeId, paging: &Paging) -> Result<Page<Member>, StoreError> {
    crate::tenancy::practices::find(scope, practice)?;
    let rows = staff::table
        .filter(staff::practice_id.eq(practice))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select(MemberRow::as_select())
        .load(scope.conn)?;
    paging.page(rows, |row: &MemberRow| row.staff_id.uuid()).try_map(Member::try_from)
}

/// Tells the managers, except who acts and whom it concerns, of what decides what a colleague may see.
pub(crate) fn tell_managers(
    scope: &mut PracticeScope<'_>,
    what: &'static str,
    whom: StaffId,
) -> Result<(), StoreError> {
    let managers: Vec<StaffId> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::left_at.is_null()))
        .filter(staff::staff_id.ne(scope.staff_id()).and(staff::staff_id.ne(whom)))
        .filter(staff::roles.contains(vec![Role::Manager.as_str()]))
        .select(staff::staff_id)
        .load(scope.conn)?;
    notices::tell(scope, &managers, what, whom.uuid(), None)
}

pub(crate) fn write_details(
    scope: &mut PracticeScope<'_>,
    known: &Member,
    details: &MemberDetails,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let changed =
        diesel::update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
            .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
            .set((
                staff::name.eq(&details.name),
                staff::roles.eq(details.role_words()),
                staff::owner.eq(details.owner),
                staff::line_manager_id.eq(details.line_manager_id),
                staff::deputy_for_id.eq(details.deputy_for_id),
                staff::social_work_england_number.eq(details.social_work_england_number.as_ref()),
                staff::version.eq(known.version + 1),
            ))
            .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::Changed(find_own(scope, known.id)?.version));
    }
    Ok(())
}

/// Says that an account whose password and second factor were replaced is still its member's. Nobody says so of their own, nor
/// who drew the link: it takes two.
pub fn confirm(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let drew: Option<StaffId> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id)))
        .select(staff::replacement_drawn_by)
        .first(scope.conn)?;
    if drew == Some(scope.staff_id()) {
        let (thing, state) = ("member of staff", "waiting for somebody other than who drew the link");
        return Err(Refusal::WrongState { thing, state, step: "confirmed by you" }.into());
    }
    let confirmed =
        diesel::update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
            .filter(staff::version.eq(known.version).and(staff::unconfirmed_since.is_not_null()))
            .set((staff::unconfirmed_since.eq(None::<DateTime<Utc>>), staff::version.eq(known.version + 1)))
            .execute(scope.conn)?;
    if confirmed == 0 {
        return Err(Refusal::WrongState { thing: "member of staff", state: "confirmed", step: "confirmed" }.into());
    }
    accounts_of_members::confirm_membership(scope, known.id)?;
    scope.audit(Chain::Practice, "staff.confirmed", known.id.uuid(), None)
}

/// Says where the caller lives, or that it is nobody's business. What is kept cannot be read: it is equal to that of people
/// with the same postcode, for the report of unusual access.
pub fn set_home(scope: &mut PracticeScope<'_>, postcode: Option<Postcode>) -> Result<(), StoreError> {
    let (practice, member) = (scope.practice_id(), scope.staff_id());
    let root = scope.root_key(practice.uuid())?;
    let kept = postcode.map(|postcode| token(&root, &SearchKey::Postcode(postcode)));
    diesel::update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .set(staff::home_token.eq(kept))
        .execute(scope.conn)?;
    scope.audit(Chain::Practice, "staff.home_said", member.uuid(), None)
}

/// A practice without anybody to administer it could not help itself.
pub(crate) fn keep_an_administrator(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let _: Vec<StaffId> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::left_at.is_null()))
        .filter(staff::roles.contains(vec![Role::Administrator.as_str()]))
        .order(staff::staff_id)
        .select(staff::staff_id)
        .for_no_key_update()
        .load(scope.conn)?;
    if known.details.roles.contains(&Role::Administrator) && administrators(scope, practice, Some(known.id))? == 0 {
        return Err(Refusal::WrongState {
            thing: "member of staff",
            state: "the only administrator",
            step: "let go or given other roles",
        }
        .into());
    }
    Ok(())
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
        .try_map(|(id, name, roles)| Ok(Colleague { id, name, roles: crate::staff::roles::parse_roles(&roles)? }))
}

/// A colleague: somebody who works in the caller's practice and has not left.
pub(crate) fn colleague(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Vec<Role>, StoreError> {
    let roles: Vec<String> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq(id)).and(staff::left_at.is_null()))
        .select(staff::roles)
        .first(scope.conn)?;
    crate::staff::roles::parse_roles(&roles)
}

/// Marks that somebody has left. From outside it is reached by way of [`crate::complaints::staff_changes::leave`].
pub(crate) fn write_leaving(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let left = diesel::update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((staff::left_at.eq(scope.at()), staff::version.eq(known.version + 1)))
        .execute(scope.conn)?;
    if left == 0 {
        return Err(Refusal::WrongState { thing: "member of staff", state: "gone", step: "let go" }.into());
    }
    accounts_of_members::end_membership(scope, known.id)
}
