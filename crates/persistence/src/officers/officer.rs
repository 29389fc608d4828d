//! Officers: their invitation, their name and their roles.

use almoner_domain::events::Event;
use almoner_domain::ids::{AccountId, CouncilId, OfficerId};
use almoner_domain::officers::absence::OfficerAbsence;
use almoner_domain::officers::appointment::{AppointmentState, change_own_roles, faults_of_roles, split};
use almoner_domain::officers::confirmation::OfficerConfirmedBy;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::leaving::last_day_before;
use almoner_domain::words::email::Email;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::officers;
use crate::ground::scope::{CouncilScope, OperatorScope, Scope};
use crate::officers::roles::{keep_an_administrator, note_readers, parse_roles, words};
use crate::officers::{absence, accounts, roster};
use crate::tenancy::councils;

/// An officer, as the operator and the council's officers see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilOfficer {
    /// The identifier of the officer.
    pub id: OfficerId,
    /// The council of the officer.
    pub council_id: CouncilId,
    /// The e-mail address to which the invitation was sent.
    pub email: Email,
    /// The details that can be changed.
    #[serde(flatten)]
    pub details: OfficerDetails,
    /// Whether the officer has accepted the invitation.
    pub joined: bool,
    /// When the credentials of the officer's account were replaced through a link: until a second person confirms that the account
    /// is still theirs, it opens nothing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_at: Option<DateTime<Utc>>,
    /// Those of the roles that open nothing until a second person has confirmed them. An officer of whose roles none works cannot
    /// sign in here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 9)]
    pub unconfirmed_roles: Vec<OfficerRole>,
    /// Whose confirmation the officer waits for; absent in lists, and while they have not joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited_confirmation: Option<AwaitedOfficerConfirmation>,
    /// The days on which the officer is away, now or ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absence: Option<OfficerAbsence>,
    /// The last day of an officer who leaves. Their access ends with it, in London.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// When the officer left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_at: Option<DateTime<Utc>>,
    /// When the officer was invited.
    pub created_at: DateTime<Utc>,
    /// The version of the officer, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// Whose confirmation an officer waits for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AwaitedOfficerConfirmation {
    /// Whether another officer confirms it, or two operators.
    pub by: OfficerConfirmedBy,
    /// The officers who may confirm it now.
    #[schema(max_items = 1000)]
    pub confirmers: Vec<OfficerId>,
    /// Whether the first of two operators has confirmed it.
    pub confirmed_by_operator: bool,
}

/// The details of an officer that can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerDetails {
    /// The name of the officer.
    pub name: Line<200>,
    /// The roles that the officer was given. Some may wait to be confirmed.
    #[schema(min_items = 1, max_items = 9)]
    pub roles: Vec<OfficerRole>,
}

/// An officer to invite.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Ravi Mistry", "email": "ravi.mistry@shropshire.example", "roles": ["referrals", "administrator"],
}))]
pub struct NewOfficer {
    /// The name of the officer.
    pub name: Line<200>,
    /// The e-mail address of the officer. A person who has an account joins with it; others create one.
    pub email: Email,
    /// The roles of the officer. None works before a second person has confirmed it.
    #[schema(min_items = 1, max_items = 9)]
    pub roles: Vec<OfficerRole>,
}

impl CouncilOfficer {
    /// Where the officer stands.
    pub(crate) fn state(&self) -> AppointmentState {
        AppointmentState { joined: self.joined, is_leaving: self.last_day.is_some(), left: self.left_at.is_some() }
    }

    /// The roles that work.
    pub(crate) fn working_roles(&self) -> Vec<OfficerRole> {
        self.details.roles.iter().copied().filter(|role| !self.unconfirmed_roles.contains(role)).collect()
    }

    /// Whether something of the officer waits to be confirmed.
    pub(super) fn waits(&self) -> bool {
        self.unconfirmed_at.is_some() || !self.unconfirmed_roles.is_empty()
    }
}

/// Enters an officer who has yet to join, by the hand of this account. [`crate::access::appointing`] draws their link.
pub(crate) fn enter(
    scope: &mut Scope<'_>,
    council: CouncilId,
    new: &NewOfficer,
    by: AccountId,
) -> Result<OfficerId, StoreError> {
    StoreError::unless_faulty(faults_of_roles(&new.roles))?;
    // Who left may come back, with a row of their own.
    update(officers::table.filter(officers::council_id.eq(council).and(officers::email.eq(&new.email))))
        .filter(officers::replaced_at.is_null().and(officers::access_ends_at.le(scope.at())))
        .set(officers::replaced_at.eq(scope.at()))
        .execute(scope.conn)?;
    let id: OfficerId = scope.next_id();
    diesel::insert_into(officers::table)
        .values((
            officers::council_id.eq(council),
            officers::officer_id.eq(id),
            officers::name.eq(&new.name),
            officers::email.eq(&new.email),
            officers::roles.eq(Vec::<String>::new()),
            officers::unconfirmed_roles.eq(words(&new.roles)),
            officers::invited_by.eq(vec![by]),
            officers::opened_by.eq(vec![by]),
            officers::opened_at.eq(scope.at()),
            officers::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/email"))?;
    Ok(id)
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = officers)]
struct OfficerRow {
    officer_id: OfficerId,
    council_id: CouncilId,
    email: Email,
    name: Line<200>,
    roles: Vec<String>,
    unconfirmed_roles: Vec<String>,
    account_id: Option<AccountId>,
    unconfirmed_at: Option<DateTime<Utc>>,
    absent_from: Option<NaiveDate>,
    absent_until: Option<NaiveDate>,
    stand_in_id: Option<OfficerId>,
    access_ends_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    version: i32,
}

impl OfficerRow {
    fn at(self, at: DateTime<Utc>, today: NaiveDate) -> Result<CouncilOfficer, StoreError> {
        let unconfirmed_roles = parse_roles(&self.unconfirmed_roles)?;
        Ok(CouncilOfficer {
            id: self.officer_id,
            council_id: self.council_id,
            email: self.email,
            details: OfficerDetails {
                name: self.name,
                roles: [parse_roles(&self.roles)?, unconfirmed_roles.clone()].concat(),
            },
            joined: self.account_id.is_some(),
            unconfirmed_at: self.unconfirmed_at,
            unconfirmed_roles,
            awaited_confirmation: None,
            absence: absence::read((self.absent_from, self.absent_until, self.stand_in_id), today),
            last_day: self.access_ends_at.map(last_day_before),
            left_at: self.access_ends_at.filter(|end| *end <= at),
            created_at: self.created_at,
            version: self.version,
        })
    }
}

/// Finds one officer of a council.
pub fn find(scope: &mut OperatorScope<'_>, council: CouncilId, id: OfficerId) -> Result<CouncilOfficer, StoreError> {
    find_at(scope, council, id)
}

/// Finds one officer of the caller's council.
pub fn find_own(scope: &mut CouncilScope<'_>, id: OfficerId) -> Result<CouncilOfficer, StoreError> {
    let council = scope.council_id();
    find_at(scope, council, id)
}

pub(crate) fn find_at(scope: &mut Scope<'_>, council: CouncilId, id: OfficerId) -> Result<CouncilOfficer, StoreError> {
    let row: OfficerRow = officers::table.find((council, id)).select(OfficerRow::as_select()).first(scope.conn)?;
    let mut officer = row.at(scope.at(), scope.today())?;
    if officer.waits() {
        let (officers, waiting) = roster::load(scope, council, id)?;
        officer.awaited_confirmation = waiting.map(|waiting| AwaitedOfficerConfirmation {
            by: officers.confirmed_by(&waiting.awaited),
            confirmers: officers.confirmers(&waiting.awaited),
            confirmed_by_operator: waiting.operator_confirmed_by.is_some(),
        });
    }
    Ok(officer)
}

/// Lists a council's officers, in the order in which they were invited, those who have left among them.
pub fn list(
    scope: &mut OperatorScope<'_>,
    council: CouncilId,
    paging: &Paging,
) -> Result<Page<CouncilOfficer>, StoreError> {
    councils::find(scope, council)?;
    list_at(scope, council, paging)
}

/// Lists the officers of the caller's council.
pub fn list_own(scope: &mut CouncilScope<'_>, paging: &Paging) -> Result<Page<CouncilOfficer>, StoreError> {
    let council = scope.council_id();
    list_at(scope, council, paging)
}

fn list_at(scope: &mut Scope<'_>, council: CouncilId, paging: &Paging) -> Result<Page<CouncilOfficer>, StoreError> {
    let (at, today) = (scope.at(), scope.today());
    let rows = officers::table
        .filter(officers::council_id.eq(council))
        .filter(officers::officer_id.gt(OfficerId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(officers::officer_id)
        .limit(paging.fetch())
        .select(OfficerRow::as_select())
        .load(scope.conn)?;
    paging.page(rows, |row: &OfficerRow| row.officer_id.uuid()).try_map(|row| row.at(at, today))
}

/// Changes an officer's name and roles. Roles that are new to them wait to be confirmed.
pub fn change(
    scope: &mut CouncilScope<'_>,
    known: &CouncilOfficer,
    details: &OfficerDetails,
) -> Result<(), StoreError> {
    known.state().change()?;
    let (council, (own, _)) = (scope.council_id(), scope.officer()?);
    let mut faults = faults_of_roles(&details.roles);
    if own == known.id {
        faults.extend(change_own_roles(&known.details.roles, &details.roles));
    }
    StoreError::unless_faulty(faults)?;
    let before = known.working_roles();
    let (working, unconfirmed) = split(&details.roles, &before);
    keep_an_administrator(scope, known, &working)?;
    let changed = update(officers::table.find((council, known.id)))
        .filter(officers::version.eq(known.version))
        .set((
            officers::name.eq(&details.name),
            officers::roles.eq(words(&working)),
            officers::unconfirmed_roles.eq(words(&unconfirmed)),
            officers::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, changed)?;
    let gained = unconfirmed.iter().any(|role| !known.unconfirmed_roles.contains(role));
    if gained {
        accounts::open(scope, known)?;
    }
    if known.joined && before.is_empty() != working.is_empty() {
        let confirmed = !working.is_empty() && known.unconfirmed_at.is_none();
        accounts::set_confirmed(scope, council, known.id, confirmed)?;
    }
    note_readers(scope, council)?;
    if details.name != known.details.name {
        scope.record(Event::OfficerChanged { officer: known.id })?;
    }
    if details.roles != known.details.roles {
        scope.record(Event::OfficerRolesChanged { officer: known.id })?;
    }
    if gained && known.joined {
        scope.record(Event::OfficerUnconfirmed { officer: known.id })?;
    }
    Ok(())
}

/// Fails with a version mismatch if the version that the caller read is no longer current.
pub(crate) fn unless_changed_since(
    scope: &mut Scope<'_>,
    known: &CouncilOfficer,
    changed: usize,
) -> Result<(), StoreError> {
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::VersionMismatch(find_at(scope, known.council_id, known.id)?.version))
}
