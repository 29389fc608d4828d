//! Members of staff: their invitation, their roles, their line of management and their leaving.

use almoner_domain::events::Event;
use almoner_domain::ids::{AccountId, PracticeId, StaffId};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::staff::absence::Absence;
use almoner_domain::staff::confirmation::{ConfirmedBy, split};
use almoner_domain::staff::membership::{MembershipState, Position};
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

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::staff;
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::ground::search_tokens::token;
use crate::staff::acting::{self, ActingManager};
use crate::staff::leaving::{Leaving, leaving};
use crate::staff::presence::{acting, not_gone};
use crate::staff::roles::{members_with, parse_roles};
use crate::staff::{absence, accounts_of_members, former_lines, roster};

/// A member of staff, as the operator and the practice's administrator see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The practice of the member of staff.
    pub practice_id: PracticeId,
    /// The e-mail address to which the invitation was sent.
    pub email: Email,
    /// The details that can be changed.
    #[serde(flatten)]
    pub details: MemberDetails,
    /// Whether the member of staff has accepted the invitation.
    pub joined: bool,
    /// When the membership became unconfirmed: until somebody else confirms that the account is still theirs, it opens nothing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_at: Option<DateTime<Utc>>,
    /// Those of the roles that open nothing until a second person has confirmed them. A member of whose roles none works cannot
    /// sign in here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 6)]
    pub unconfirmed_roles: Vec<Role>,
    /// Whose confirmation the membership waits for; absent in lists, and while the member has not joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited_confirmation: Option<AwaitedConfirmation>,
    /// The leaving of the member of staff, while it is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaving: Option<Leaving>,
    /// The power of a manager that the member of staff has until the end of a day, beside their roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_manager: Option<ActingManager>,
    /// The days on which the member of staff is away, now or ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
    /// When the member of staff left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_at: Option<DateTime<Utc>>,
    /// When the member of staff was invited.
    pub created_at: DateTime<Utc>,
    /// The version of the membership, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// Whose confirmation a membership waits for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AwaitedConfirmation {
    /// Whether members confirm it, or, at a new practice, the operator and an owner.
    pub by: ConfirmedBy,
    /// The members of staff who may confirm it now.
    #[schema(max_items = 1000)]
    pub confirmers: Vec<StaffId>,
    /// Whether the operator's part is done.
    pub confirmed_by_operator: bool,
    /// Whether the owner's part is done.
    pub confirmed_by_owner: bool,
}

/// The details of a member of staff that can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberDetails {
    /// The name of the member of staff.
    pub name: Line<200>,
    /// The roles that the member of staff was given. Some may wait to be confirmed.
    #[schema(min_items = 1, max_items = 6)]
    pub roles: Vec<Role>,
    /// Whether the member of staff owns the practice or a share of it.
    #[serde(default)]
    pub owner: bool,
    /// The line manager to whom they answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_manager_id: Option<StaffId>,
    /// For whom they stand in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy_for_id: Option<StaffId>,
    /// Their number in the register of Social Work England; required of a social worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// The name of the member of staff.
    pub name: Line<200>,
    /// The e-mail address of the member of staff. A person who has an account joins with it; others create one.
    pub email: Email,
    /// The roles of the member of staff.
    #[schema(min_items = 1, max_items = 6)]
    pub roles: Vec<Role>,
    /// Whether the member of staff owns the practice or a share of it.
    #[serde(default)]
    pub owner: bool,
    /// The line manager of the member of staff.
    #[serde(default)]
    pub line_manager_id: Option<StaffId>,
    /// The member of staff for whom this one is the deputy.
    #[serde(default)]
    pub deputy_for_id: Option<StaffId>,
    /// Their number in the register of Social Work England. It is required of a social worker.
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
    /// Checks whether these details are possible at this practice.
    pub(crate) fn check(&self, scope: &mut Scope<'_>, practice: PracticeId) -> Result<(), StoreError> {
        let position = self.position();
        let colleagues: Vec<StaffId> = staff::table
            .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(position.named())))
            .filter(not_gone!(scope.at()))
            .select(staff::staff_id)
            .load(scope.conn)?;
        Ok(position.check(self.social_work_england_number.is_some(), &colleagues)?)
    }

    /// Where the member stands: whom they answer to, for whom they deputise, and whether they own a share of the practice.
    pub(crate) const fn line(&self) -> (Option<StaffId>, Option<StaffId>, bool) {
        (self.line_manager_id, self.deputy_for_id, self.owner)
    }

    /// The details that decide what the member may see and do.
    pub(crate) fn position(&self) -> Position<'_> {
        Position {
            roles: &self.roles,
            owner: self.owner,
            line_manager_id: self.line_manager_id,
            deputy_for_id: self.deputy_for_id,
        }
    }
}

impl Member {
    /// The state of the membership. Whoever has no access any more is gone, though work of theirs may be open.
    pub(crate) fn state(&self) -> MembershipState {
        MembershipState { joined: self.joined, left: !self.works_here() }
    }

    /// The roles that work.
    pub(crate) fn working_roles(&self) -> Vec<Role> {
        self.details.roles.iter().copied().filter(|role| !self.unconfirmed_roles.contains(role)).collect()
    }

    /// Whether something of the membership waits to be confirmed.
    pub(super) fn waits(&self) -> bool {
        let acting_waits = self.acting_manager.is_some_and(|acting| acting.confirmed_at.is_none());
        self.unconfirmed_at.is_some() || !self.unconfirmed_roles.is_empty() || acting_waits
    }

    /// Whether the member works at the practice: they have not left, and their access has not ended.
    pub(crate) fn works_here(&self) -> bool {
        self.left_at.is_none() && !self.leaving.is_some_and(|leaving| leaving.access_ended)
    }
}

/// Enters a member of staff who has yet to join, by the hand of this account, which is an operator's or a colleague's. [`crate::access::joining`] draws their link.
pub(crate) fn enter(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    new: &NewMember,
    by: AccountId,
    by_operator: bool,
) -> Result<StaffId, StoreError> {
    let details = new.details();
    details.check(scope, practice)?;
    let (working, unconfirmed) = split(&details.roles, &[]);
    let id: StaffId = scope.next_id();
    diesel::insert_into(staff::table)
        .values((
            staff::practice_id.eq(practice),
            staff::staff_id.eq(id),
            staff::email.eq(&new.email),
            staff::name.eq(&details.name),
            staff::roles.eq(words(&working)),
            staff::unconfirmed_roles.eq(words(&unconfirmed)),
            staff::invited_by.eq(vec![by]),
            staff::founder.eq(by_operator && details.owner),
            staff::opened_by.eq(vec![by]),
            staff::opened_at.eq(scope.at()),
            staff::owner.eq(details.owner),
            staff::line_manager_id.eq(details.line_manager_id),
            staff::deputy_for_id.eq(details.deputy_for_id),
            staff::social_work_england_number.eq(details.social_work_england_number.as_ref()),
            staff::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/email"))?;
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
    unconfirmed_at: Option<DateTime<Utc>>,
    unconfirmed_roles: Vec<String>,
    leaving_since: Option<DateTime<Utc>>,
    access_ends_at: Option<DateTime<Utc>>,
    left_at: Option<DateTime<Utc>>,
    acting_for_id: Option<StaffId>,
    acting_given_by: Option<StaffId>,
    acting_until: Option<DateTime<Utc>>,
    acting_confirmed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    version: i32,
}

impl MemberRow {
    /// The member of staff as of a moment, without their absence.
    fn at(self, at: DateTime<Utc>) -> Result<Member, StoreError> {
        let unconfirmed_roles = parse_roles(&self.unconfirmed_roles)?;
        Ok(Member {
            id: self.staff_id,
            practice_id: self.practice_id,
            email: self.email,
            details: MemberDetails {
                name: self.name,
                roles: [parse_roles(&self.roles)?, unconfirmed_roles.clone()].concat(),
                owner: self.owner,
                line_manager_id: self.line_manager_id,
                deputy_for_id: self.deputy_for_id,
                social_work_england_number: self.social_work_england_number,
            },
            joined: self.account_id.is_some(),
            unconfirmed_at: self.unconfirmed_at,
            unconfirmed_roles,
            awaited_confirmation: None,
            leaving: leaving((self.leaving_since, self.access_ends_at, self.left_at), at),
            acting_manager: acting::show(
                acting((self.acting_until, self.acting_confirmed_at, self.acting_for_id, self.acting_given_by)),
                at,
            ),
            absence: None,
            left_at: self.left_at,
            created_at: self.created_at,
            version: self.version,
        })
    }
}

/// Finds one member of a practice's staff.
pub fn find(scope: &mut OperatorScope<'_>, practice: PracticeId, id: StaffId) -> Result<Member, StoreError> {
    find_at(scope, practice, id)
}

/// Finds one member of the caller's practice.
pub fn find_own(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Member, StoreError> {
    let practice = scope.practice_id();
    find_at(scope, practice, id)
}

fn find_at(scope: &mut Scope<'_>, practice: PracticeId, id: StaffId) -> Result<Member, StoreError> {
    let row = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(id)))
        .select(MemberRow::as_select())
        .first(scope.conn)?;
    let mut member = row.at(scope.at())?;
    member.absence = absence::of(scope, practice, &[id])?.remove(&id);
    if member.waits() {
        let (roster, waiting) = roster::load(scope, practice, id)?;
        member.awaited_confirmation = waiting.map(|waiting| AwaitedConfirmation {
            by: roster.confirmed_by(&waiting.awaited),
            confirmers: roster.confirmers(&waiting.awaited),
            confirmed_by_operator: waiting.operator_confirmed_by.is_some(),
            confirmed_by_owner: roster.owners_part(&waiting.awaited, waiting.owner_confirmed_by).is_some(),
        });
    }
    Ok(member)
}

/// Lists a practice's staff, in the order in which they were invited.
pub fn list(scope: &mut OperatorScope<'_>, practice: PracticeId, paging: &Paging) -> Result<Page<Member>, StoreError> {
    crate::tenancy::practices::find(scope, practice)?;
    let at = scope.at();
    let rows = staff::table
        .filter(staff::practice_id.eq(practice))
        .filter(staff::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(staff::staff_id)
        .limit(paging.fetch())
        .select(MemberRow::as_select())
        .load(scope.conn)?;
    let page = paging.page(rows, |row: &MemberRow| row.staff_id.uuid());
    let listed: Vec<StaffId> = page.items.iter().map(|row| row.staff_id).collect();
    let mut absences = absence::of(scope, practice, &listed)?;
    page.try_map(|row| {
        let absence = absences.remove(&row.staff_id);
        Ok(Member { absence, ..row.at(at)? })
    })
}

/// Lists the managers, except the caller and the member of staff concerned. They are notified of a change in what a
/// colleague may see.
pub(crate) fn managers_besides(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<Vec<StaffId>, StoreError> {
    let (practice, own) = (scope.practice_id(), scope.staff_id());
    managers_without(scope, practice, &[own, member])
}

/// Lists those who manage the practice now, acting managers among them, except these.
pub(crate) fn managers_without(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    without: &[StaffId],
) -> Result<Vec<StaffId>, StoreError> {
    let mut managers = members_with(scope, practice, &[Role::Manager])?;
    managers.retain(|manager| !without.contains(manager));
    Ok(managers)
}

/// Writes what of a member of staff has changed. Heavy roles that are new to them wait to be confirmed. Returns whether there
/// are any.
pub(crate) fn write_details(
    scope: &mut PracticeScope<'_>,
    known: &Member,
    details: &MemberDetails,
) -> Result<bool, StoreError> {
    let practice = scope.practice_id();
    let before = known.working_roles();
    let (working, unconfirmed) = split(&details.roles, &before);
    let gained = unconfirmed.iter().any(|role| !known.unconfirmed_roles.contains(role));
    if known.details.line() != details.line() {
        former_lines::keep(scope, known.id)?;
    }
    let changed = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((
            staff::name.eq(&details.name),
            staff::roles.eq(words(&working)),
            staff::unconfirmed_roles.eq(words(&unconfirmed)),
            staff::owner.eq(details.owner),
            staff::line_manager_id.eq(details.line_manager_id),
            staff::deputy_for_id.eq(details.deputy_for_id),
            staff::social_work_england_number.eq(details.social_work_england_number.as_ref()),
            staff::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, changed)?;
    if gained {
        accounts_of_members::open(scope, known)?;
    }
    if known.joined && before.is_empty() != working.is_empty() {
        accounts_of_members::set_confirmed(scope, known.id, !working.is_empty() && known.unconfirmed_at.is_none())?;
    }
    Ok(gained)
}

fn words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

/// Fails with a version mismatch if the version that the caller read is no longer current. The error has the current version.
pub(crate) fn unless_changed_since(
    scope: &mut PracticeScope<'_>,
    known: &Member,
    changed: usize,
) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(find_own(scope, known.id)?.version)) }
}

/// Sets or removes the caller's home postcode. The stored value cannot be read. It is equal to that of people with the same
/// postcode, for the report of unusual access.
pub fn set_home(scope: &mut PracticeScope<'_>, postcode: Option<Postcode>) -> Result<(), StoreError> {
    let (practice, member) = (scope.practice_id(), scope.staff_id());
    let root = scope.root_key(practice.uuid())?;
    let kept = postcode.map(|postcode| token(&root, &SearchKey::Postcode(postcode)));
    let said = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(member))))
        .set(staff::home_postcode_token.eq(kept))
        .execute(scope.conn)?;
    StoreError::unless_changed(said, "the member of staff")?;
    scope.record(Event::StaffHomePostcodeSet { member })
}

/// The roles of a colleague. Returns `None` if the member of staff is not of the caller's practice, or has left.
pub(crate) fn roles_of(scope: &mut PracticeScope<'_>, id: StaffId) -> Result<Option<Vec<Role>>, StoreError> {
    let roles: Option<Vec<String>> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq(id)).and(not_gone!(scope.at())))
        .select(staff::roles)
        .first(scope.conn)
        .optional()?;
    roles.map(|roles| parse_roles(&roles)).transpose()
}
