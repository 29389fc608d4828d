//! Cases. A case is a piece of work with one service user under one function, with its worker and its outcome.

use almoner_domain::cases::case::{CaseStatus, Priority};
use almoner_domain::cases::opening::OpeningFacts;
use almoner_domain::cases::state::{CaseColumns, CaseState};
use almoner_domain::contracts::authority::Authority;
use almoner_domain::events::{CaseKey, Event};
use almoner_domain::ids::{CaseId, DelegationId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::people::grounds::ClosingGround;
use almoner_domain::referrals::message::Function;
use almoner_domain::words::codes::EventOutcome;
use almoner_domain::words::gss_code::GssCode;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::contracts;
use crate::documents::Holder;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{allocations, cases, councils, service_users as people, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::people::about::{AboutPerson, about};
use crate::people::service_users;
use crate::people::service_users::{PersonShown, SealedPerson, sealed_person};
use crate::staff::names::Worker;
use crate::tenancy::capacity::reserve_capacity;
use crate::tenancy::councils::CouncilName;

/// A piece of work with one service user under one function.
#[derive(Clone, Serialize, ToSchema)]
pub struct Case {
    /// The identifier of the case.
    pub id: CaseId,
    /// The person with whom the work is done.
    pub service_user: PersonShown,
    /// The responsible council.
    pub council: CouncilName,
    /// The function under which the work is done.
    pub function: Function,
    /// The delegation under which the work is done. A safeguarding enquiry is done under the council's instruction instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation_id: Option<DelegationId>,
    /// The referral that opened the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// The priority of the work.
    pub priority: Priority,
    /// The status of the case.
    pub status: CaseStatus,
    /// The worker to whom the case is allocated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_to: Option<Worker>,
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// When the case last changed. A note, or another name of the person, is no change of the case.
    pub changed_at: DateTime<Utc>,
    /// When the case was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// The ground on which the case was closed, or on which somebody has asked to close it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<ClosingGround>,
    /// The ground on which a social worker agreed that the practitioner who works on the case may ask to close it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing_agreed_ground: Option<ClosingGround>,
    /// The outcome of the case, in the words of the national collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<EventOutcome>,
    /// The version of the case, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(crate) state: CaseState,
    #[serde(skip)]
    pub(super) closing_agreed_by: Option<StaffId>,
}

impl From<&Case> for Holder {
    fn from(case: &Case) -> Self {
        Self::of_case(case.id, &case.service_user, case.referral_id)
    }
}

/// A case to open without a referral.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_user_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "council": "E06000051", "function": "review", "priority": "routine",
}))]
pub struct NewCase {
    /// The person with whom the work is done.
    pub service_user_id: ServiceUserId,
    /// The council that is responsible for the person.
    pub council: GssCode,
    /// The function under which the work is done.
    pub function: Function,
    /// The priority of the work.
    #[serde(default = "routine")]
    pub priority: Priority,
}

fn routine() -> Priority {
    Priority::Routine
}

/// The values that a new case needs.
pub(crate) struct Opening {
    pub(crate) case_id: CaseId,
    pub(crate) person: AboutPerson,
    pub(crate) authority: Authority,
    pub(crate) referral_id: Option<ReferralId>,
    pub(crate) function: Function,
    pub(crate) priority: Priority,
}

/// Opens a case without a referral, under a delegation in force.
pub fn create(scope: &mut PracticeScope<'_>, new: &NewCase) -> Result<Case, StoreError> {
    let person = match service_users::find(scope, new.service_user_id) {
        Ok(person) => Some(person),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (council_id, council_fault) = match contracts::council_of(scope, &new.council)? {
        Ok(council) => (Some(council), None),
        Err(fault) => (None, fault),
    };
    let in_force = match council_id {
        Some(council) => contracts::live_delegation(scope, council, new.function)?,
        None => None,
    };
    let facts =
        OpeningFacts { function: new.function, person: person.map(|person| person.about()), council_id, in_force };
    let person = facts.check(council_fault)?;
    let authority = facts.authority()?;
    let practice = scope.practice_id();
    reserve_capacity(scope, practice)?;
    let case_id = scope.next_id();
    open(
        scope,
        &Opening { case_id, person, authority, referral_id: None, function: new.function, priority: new.priority },
    )?;
    find(scope, case_id)
}

/// Opens a case. The caller has already reserved capacity for it.
pub(crate) fn open(scope: &mut PracticeScope<'_>, opening: &Opening) -> Result<CaseKey, StoreError> {
    let id = opening.case_id;
    diesel::insert_into(cases::table)
        .values((
            cases::practice_id.eq(scope.practice_id()),
            cases::case_id.eq(id),
            about!(cases, opening.person),
            cases::council_id.eq(opening.authority.council_id),
            cases::delegation_id.eq(opening.authority.delegation_id),
            cases::referral_id.eq(opening.referral_id),
            cases::function.eq(opening.function),
            cases::priority.eq(opening.priority),
            cases::status.eq(CaseStatus::Open),
            cases::opened_at.eq(scope.at()),
            cases::changed_at.eq(scope.at()),
            cases::opened_by.eq(scope.staff_id()),
        ))
        .execute(scope.conn)?;
    let case = case_key(id, opening.person);
    scope.record(Event::CaseOpened { case })?;
    Ok(case)
}

/// The key that every row about a case carries: the case, and the person whom it is about.
fn case_key(case: CaseId, about: AboutPerson) -> CaseKey {
    CaseKey { case, person: about.service_user_id, access_restricted: about.access_restricted, team: about.team_id }
}

impl Case {
    pub(crate) fn key(&self) -> CaseKey {
        case_key(self.id, self.service_user.about)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = cases)]
struct CaseRow {
    case_id: CaseId,
    delegation_id: Option<DelegationId>,
    referral_id: Option<ReferralId>,
    function: Function,
    priority: Priority,
    status: CaseStatus,
    opened_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    ground: Option<ClosingGround>,
    outcome: Option<EventOutcome>,
    version: i32,
}

/// The registrant who agreed that the worker may ask to close the case, and the ground.
type Agreement = (Option<StaffId>, Option<ClosingGround>);

type RowShown = (CaseRow, CouncilName, Option<Worker>, Agreement, SealedPerson);

macro_rules! rows {
    ($scope:expr) => {
        cases::table
            .inner_join(councils::table)
            .inner_join(
                people::table.on(people::practice_id
                    .eq(cases::practice_id)
                    .and(people::service_user_id.eq(cases::service_user_id))),
            )
            .left_join(
                allocations::table.on(allocations::practice_id
                    .eq(cases::practice_id)
                    .and(allocations::case_id.eq(cases::case_id))
                    .and(allocations::ends_at.is_null())),
            )
            .left_join(
                staff::table
                    .on(staff::practice_id.eq(allocations::practice_id).and(staff::staff_id.eq(allocations::staff_id))),
            )
            .filter(cases::practice_id.eq($scope.practice_id()))
            .select((
                CaseRow::as_select(),
                CouncilName::as_select(),
                Option::<Worker>::as_select(),
                (allocations::closing_agreed_by.nullable(), allocations::closing_agreed_ground.nullable()),
                sealed_person!(people, $scope.practice_id().uuid()),
            ))
    };
}

fn show(
    scope: &mut PracticeScope<'_>,
    (row, council, worker, (closing_agreed_by, closing_agreed_ground), person): RowShown,
) -> Result<Case, StoreError> {
    let kept = CaseColumns { status: row.status, closed_at: row.closed_at, ground: row.ground, outcome: row.outcome };
    Ok(Case {
        id: row.case_id,
        service_user: PersonShown::from(&service_users::open(scope, person)?),
        council,
        function: row.function,
        delegation_id: row.delegation_id,
        referral_id: row.referral_id,
        priority: row.priority,
        status: row.status,
        allocated_to: worker,
        opened_at: row.opened_at,
        changed_at: row.changed_at,
        closed_at: row.closed_at,
        ground: row.ground,
        closing_agreed_ground,
        closing_agreed_by,
        outcome: row.outcome,
        version: row.version,
        state: kept.try_into().map_err(StoreError::unreadable)?,
    })
}

/// Finds one case.
pub fn find(scope: &mut PracticeScope<'_>, id: CaseId) -> Result<Case, StoreError> {
    let row: RowShown = rows!(scope).filter(cases::case_id.eq(id)).first(scope.conn)?;
    show(scope, row)
}

/// One case, for somebody who reads the record: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: CaseId) -> Result<OnRecord<Case>, StoreError> {
    let case = find(scope, id)?;
    let person = case.service_user.id;
    scope.record_read(case, Event::CaseRead { case: id, person })
}

/// Which cases are asked for.
#[derive(Clone, Copy, Debug)]
pub struct CasesAsked {
    /// Their status.
    pub status: Option<CaseStatus>,
    /// The person whom they are about.
    pub service_user: Option<ServiceUserId>,
    /// The moment at which or after which they changed.
    pub changed_since: Option<DateTime<Utc>>,
}

/// Lists the practice's cases, the newest first.
pub fn list(
    scope: &mut PracticeScope<'_>,
    asked: CasesAsked,
    paging: &Paging,
) -> Result<OnRecord<Page<Case>>, StoreError> {
    let mut query = rows!(scope)
        .filter(cases::case_id.lt(CaseId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(cases::case_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if let Some(status) = asked.status {
        query = query.filter(cases::status.eq(status));
    }
    if let Some(service_user) = asked.service_user {
        query = query.filter(cases::service_user_id.eq(service_user));
    }
    if let Some(since) = asked.changed_since {
        query = query.filter(cases::changed_at.ge(since));
    }
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let page = paging.page(rows, |(row, ..)| row.case_id.uuid()).try_map(|row| show(scope, row))?;
    let practice = scope.practice_id();
    scope.list_read(page, Event::CaseListed { practice, person: asked.service_user })
}

/// Lists the cases of one worker that are not closed: immediate and urgent ones first, then the oldest.
pub fn caseload(scope: &mut PracticeScope<'_>, worker: StaffId) -> Result<OnRecord<Vec<Case>>, StoreError> {
    let rows: Vec<RowShown> = rows!(scope)
        .filter(allocations::staff_id.eq(worker).and(cases::status.ne(CaseStatus::Closed)))
        .limit(1000)
        .load(scope.conn)?;
    let mut cases = rows.into_iter().map(|row| show(scope, row)).collect::<Result<Vec<_>, _>>()?;
    cases.sort_by_key(|case| (std::cmp::Reverse(case.priority), case.opened_at));
    scope.list_read(cases, Event::CaseloadRead { worker })
}

/// Writes the state of a case.
pub(super) fn save_state(scope: &mut PracticeScope<'_>, case: &Case, state: CaseState) -> Result<(), StoreError> {
    let kept = CaseColumns::from(state);
    let changed = update(cases::table)
        .filter(cases::practice_id.eq(scope.practice_id()).and(cases::case_id.eq(case.id)))
        .filter(cases::version.eq(case.version))
        .set((
            cases::status.eq(kept.status),
            cases::closed_at.eq(kept.closed_at),
            cases::ground.eq(kept.ground),
            cases::outcome.eq(kept.outcome),
            cases::changed_at.eq(scope.at()),
            cases::version.eq(case.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(find(scope, case.id)?.version)) }
}

pub(super) fn set_version(scope: &mut PracticeScope<'_>, case: &Case) -> Result<(), StoreError> {
    let changed = update(cases::table)
        .filter(cases::practice_id.eq(scope.practice_id()).and(cases::case_id.eq(case.id)))
        .filter(cases::version.eq(case.version))
        .set((cases::changed_at.eq(scope.at()), cases::version.eq(case.version + 1)))
        .execute(scope.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(find(scope, case.id)?.version)) }
}

impl Scope<'_> {
    /// The person whom a case of the practice is about, whether or not the caller may see the record. The record of a
    /// refusal needs it: a member of staff who may not see the person may not see the refusal either.
    pub fn person_of(&mut self, case: CaseId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(cases::table
                .filter(cases::practice_id.eq(scope.log.uuid()).and(cases::case_id.eq(case)))
                .select(cases::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
    }
}
