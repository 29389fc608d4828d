//! Countersignatures of adverse actions: drawing a signatory, asking them, and their decision.
//!
//! The signatory is drawn, with or without a complaint, only from people who could not be presumed subjects of one. So the
//! signatory's name and the time of the decision tell nobody whether a complaint exists. The worker who asked never learns
//! who was drawn.

use almoner_domain::cases::case::{
    Closure, Countersign, CountersignaturePurpose, CountersignatureStatus, RefuseCountersignature, draw,
    two_years_before,
};
use almoner_domain::cases::grounds::ClosingGround;
use almoner_domain::cases::signatories::{
    CountersignatureColumns, CountersignatureState, PossibleSignatory, candidates,
};
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{CaseId, CountersignatureId, PracticeId, ServiceUserId, StaffId};
use almoner_domain::referrals::message::Function;
use almoner_domain::words::calendar::end_of_day;
use almoner_domain::words::codes::EventOutcome;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{self, Case, OutcomeChange};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{countersignatures, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::people::about::about;
use crate::people::access_restrictions;
use crate::people::service_users::PersonShown;
use crate::staff::names::Worker;
use crate::staff::registrations;
use crate::staff::roles::parse_roles;

diesel::define_sql_function! {
    /// These members of staff, their line managers upwards, and the deputies of all of them.
    #[sql_name = "app.line_of"]
    fn line_of(practice: sql_types::Uuid, people: sql_types::Array<sql_types::Uuid>) -> sql_types::Array<sql_types::Uuid>;
}
diesel::define_sql_function! {
    /// The members of staff who worked with a person at any time since a moment.
    #[sql_name = "app.workers_of"]
    fn workers_of(
        practice: sql_types::Uuid,
        person: sql_types::Uuid,
        since: sql_types::Timestamptz,
    ) -> sql_types::Array<sql_types::Uuid>;
}

/// A request that a second person decides, as the signatory and the worker who asked see it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Countersignature {
    /// The identifier of the request.
    pub id: CountersignatureId,
    /// Whether the second person decides before the closing takes effect, or reviews it afterwards.
    pub purpose: CountersignaturePurpose,
    /// The status of the request.
    pub status: CountersignatureStatus,
    /// The case to be closed, or closed already.
    pub case_id: CaseId,
    /// The function under which the case is done.
    pub function: Function,
    /// The person whom the case is about.
    pub service_user: PersonShown,
    /// The member of staff who asked for the countersignature.
    pub asked_by: Worker,
    /// When the countersignature was asked for.
    pub asked_at: DateTime<Utc>,
    /// The ground for closing the case.
    pub ground: ClosingGround,
    /// The outcome that the case has once it is closed.
    pub outcome: EventOutcome,
    /// The reason for closing, and the evidence where there is some.
    #[schema(value_type = almoner_domain::words::text::Passage<10000>)]
    pub reason: String,
    /// The day by which the signatory decides. After it the request goes to the next signatory.
    pub due_on: NaiveDate,
    /// Whether nobody in the practice could be drawn, so that the request waits for a countersigner from outside.
    pub waits_for_outside: bool,
    /// When the second person decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The second person's explanation of the decision, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Passage<2000>>)]
    pub answer: Option<String>,
    /// The version of the request, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    state: CountersignatureState,
}

fn sealed_field(practice: PracticeId, column: &'static str, id: CountersignatureId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "countersignatures", column, row: id.uuid() }
}

/// Draws a second person and asks them, but never the registrant who agreed to the request. The worker who asks follows the request by the identifier that is returned.
pub(crate) fn ask(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    purpose: CountersignaturePurpose,
    request: &Closure,
    agreed_by: Option<StaffId>,
) -> Result<CountersignatureId, StoreError> {
    let practice = scope.practice_id();
    let asker = scope.staff_id();
    let id: CountersignatureId = scope.next_id();
    let besides: Vec<StaffId> = [asker].into_iter().chain(agreed_by).collect();
    let signatory = draw_signatory(scope, practice, case.service_user.id, &besides)?;
    let due_on = scope.calendar()?.add_working_days(scope.today(), purpose.working_days())?;
    let sealed = case.service_user.key(scope)?.seal(sealed_field(practice, "reason", id), &request.in_words())?;
    let key = case.key();
    diesel::insert_into(countersignatures::table)
        .values((
            countersignatures::practice_id.eq(practice),
            countersignatures::countersignature_id.eq(id),
            countersignatures::case_id.eq(key.case),
            about!(countersignatures, key.into()),
            countersignatures::purpose.eq(purpose),
            countersignatures::status.eq(CountersignatureStatus::Waiting),
            countersignatures::asked_by.eq(asker),
            countersignatures::asked_at.eq(scope.at()),
            countersignatures::ground.eq(request.ground),
            countersignatures::outcome.eq(request.outcome),
            countersignatures::reason.eq(sealed),
            countersignatures::signatory_id.eq(signatory),
            countersignatures::passed_over.eq(agreed_by.into_iter().collect::<Vec<StaffId>>()),
            countersignatures::due_on.eq(due_on),
            countersignatures::counted_from.eq(scope.today()),
        ))
        .execute(scope.conn)?;
    scope.schedule(practice, Task::PassOnCountersignature { countersignature: id }, end_of_day(due_on));
    scope.record(Event::CountersignatureAsked { countersignature: id, person: key.person })?;
    Ok(id)
}

/// Draws a signatory: a manager who has not left, is not barred as a social worker by their register, is not among
/// `besides`, owns no share of the practice, may see the person, and could not be presumed a subject of a complaint about
/// this person (anyone who worked with them in the last 24 months, their line managers and deputies). Returns `None` if
/// nobody is left: the request then waits for a signatory from outside.
pub(crate) fn draw_signatory(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: ServiceUserId,
    besides: &[StaffId],
) -> Result<Option<StaffId>, StoreError> {
    let since = two_years_before(scope.at());
    let presumed: Vec<StaffId> =
        diesel::select(line_of(practice, workers_of(practice, person, since))).get_result(scope.conn)?;
    let closed = access_restrictions::staff_without_access(scope, practice, person)?;
    let may_not_practise = registrations::barred(scope, practice)?;
    let rows: Vec<(StaffId, Vec<String>, bool)> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::left_at.is_null()))
        .select((staff::staff_id, staff::roles, staff::owner))
        .load(scope.conn)?;
    let staff = rows
        .into_iter()
        .map(|(id, roles, owner)| {
            let barred = may_not_practise.contains(&id);
            Ok(PossibleSignatory { id, roles: parse_roles(&roles)?, owner, barred })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let kept_out = [presumed.as_slice(), &closed, besides].concat();
    Ok(draw(candidates(&staff, &kept_out), u64::from_be_bytes(random::bytes())))
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = countersignatures)]
struct CountersignatureRow {
    countersignature_id: CountersignatureId,
    case_id: CaseId,
    purpose: CountersignaturePurpose,
    status: CountersignatureStatus,
    asked_at: DateTime<Utc>,
    ground: ClosingGround,
    outcome: EventOutcome,
    reason: Vec<u8>,
    signatory_id: Option<StaffId>,
    due_on: NaiveDate,
    decided_at: Option<DateTime<Utc>>,
    answer: Option<Vec<u8>>,
    version: i32,
}

type RowShown = (CountersignatureRow, (StaffId, String));

macro_rules! rows {
    ($scope:expr) => {
        countersignatures::table
            .inner_join(
                staff::table.on(staff::practice_id
                    .eq(countersignatures::practice_id)
                    .and(staff::staff_id.eq(countersignatures::asked_by))),
            )
            .filter(countersignatures::practice_id.eq($scope.practice_id()))
            .select((CountersignatureRow::as_select(), (staff::staff_id, staff::name)))
    };
}

fn show(
    scope: &mut PracticeScope<'_>,
    (row, (id, name)): RowShown,
    case: Case,
) -> Result<Countersignature, StoreError> {
    let practice = scope.practice_id();
    let kept =
        CountersignatureColumns { status: row.status, signatory_id: row.signatory_id, decided_at: row.decided_at };
    let state = CountersignatureState::try_from(kept).map_err(StoreError::unreadable)?;
    let key = case.service_user.key(scope)?;
    let answer = row
        .answer
        .as_ref()
        .map(|sealed| key.open(sealed_field(practice, "answer", row.countersignature_id), sealed))
        .transpose()?;
    Ok(Countersignature {
        id: row.countersignature_id,
        purpose: row.purpose,
        status: row.status,
        case_id: row.case_id,
        function: case.function,
        service_user: case.service_user,
        asked_by: Worker { id, name },
        asked_at: row.asked_at,
        ground: row.ground,
        outcome: row.outcome,
        reason: key.open(sealed_field(practice, "reason", row.countersignature_id), &row.reason)?,
        due_on: row.due_on,
        waits_for_outside: state.signatory().is_none(),
        decided_at: row.decided_at,
        answer,
        version: row.version,
        state,
    })
}

/// Finds one request, for the signatory who was drawn and for the worker who asked.
pub fn find(scope: &mut PracticeScope<'_>, id: CountersignatureId) -> Result<Countersignature, StoreError> {
    let row: RowShown = rows!(scope).filter(countersignatures::countersignature_id.eq(id)).first(scope.conn)?;
    let case = cases::find(scope, row.0.case_id)?;
    show(scope, row, case)
}

/// One request, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: CountersignatureId) -> Result<OnRecord<Countersignature>, StoreError> {
    let asked = find(scope, id)?;
    let person = asked.service_user.id;
    scope.record_read(asked, Event::CountersignatureRead { countersignature: id, person })
}

/// Lists the requests that wait for the caller's decision, in the order in which they were made.
pub fn list(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<OnRecord<Page<Countersignature>>, StoreError> {
    let rows: Vec<RowShown> = rows!(scope)
        .filter(countersignatures::signatory_id.eq(scope.staff_id()))
        .filter(countersignatures::status.eq(CountersignatureStatus::Waiting))
        .filter(
            countersignatures::countersignature_id
                .gt(CountersignatureId::from(paging.after_id()?.unwrap_or(Uuid::nil()))),
        )
        .order(countersignatures::countersignature_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, _)| row.countersignature_id.uuid());
    let of_page: Vec<CaseId> = page.items.iter().map(|(row, _)| row.case_id).collect();
    let cases = cases::find_all(scope, &of_page)?;
    let page = page.try_map(|row| {
        let case = cases.iter().find(|case| case.id == row.0.case_id).ok_or(StoreError::NotFound)?;
        show(scope, row, case.clone())
    })?;
    let member = scope.staff_id();
    scope.list_read(page, Event::CountersignatureListed { member })
}

/// Records that the signatory agrees.
pub(crate) fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &Countersign,
) -> Result<Option<OutcomeChange>, StoreError> {
    answer.check()?;
    let by = signatory(scope, asked)?;
    let approved = asked.state.approve(by, scope.at())?;
    let case = cases::find(scope, asked.case_id)?;
    let state = case.state.approve(asked.purpose, scope.at())?;
    decide(scope, asked, approved, answer.evidence.as_str())?;
    if case.state == state {
        return Ok(None);
    }
    let change = cases::save_state(scope, &case, state)?;
    scope.record(Event::CaseClosedOnApproval { case: case.key() })?;
    Ok(change)
}

/// Records that the signatory does not agree: the case stays open, or is opened again.
pub(crate) fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    answer: &RefuseCountersignature,
) -> Result<Option<OutcomeChange>, StoreError> {
    let by = signatory(scope, asked)?;
    let refused = asked.state.refuse(by, scope.at())?;
    let case = cases::find(scope, asked.case_id)?;
    let state = case.state.refuse(asked.purpose)?;
    decide(scope, asked, refused, answer.reason.as_str())?;
    let change = cases::save_state(scope, &case, state)?;
    let was_closed = case.state.is_closed();
    let case = case.key();
    scope.record(if was_closed { Event::CaseReopened { case } } else { Event::CaseClosingRefused { case } })?;
    Ok(change)
}

/// The caller, if they are the signatory. Who asked may look at the request, and no more: to them there is
/// nothing here to be decided.
fn signatory(scope: &mut PracticeScope<'_>, asked: &Countersignature) -> Result<StaffId, StoreError> {
    let caller = scope.staff_id();
    if asked.state.signatory() != Some(caller) {
        return Err(StoreError::NotFound);
    }
    Ok(caller)
}

fn decide(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    decided: CountersignatureState,
    answer: &str,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let sealed = asked.service_user.key(scope)?.seal(sealed_field(practice, "answer", asked.id), answer)?;
    let changed = update(countersignatures::table)
        .filter(countersignatures::practice_id.eq(practice).and(countersignatures::countersignature_id.eq(asked.id)))
        .filter(countersignatures::version.eq(asked.version))
        .set((
            countersignatures::status.eq(decided.status()),
            countersignatures::decided_at.eq(decided.decided_at()),
            countersignatures::answer.eq(sealed),
            countersignatures::version.eq(asked.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, asked.id)?.version));
    }
    decided.event(asked.id, asked.service_user.id).map_or(Ok(()), |event| scope.record(event))
}

impl Scope<'_> {
    /// Finds the person whom a countersignature is about, open to the caller or not: for the record of a refusal.
    pub fn person_of_countersignature(
        &mut self,
        countersignature: CountersignatureId,
    ) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(countersignatures::table
                .filter(
                    countersignatures::practice_id
                        .eq(scope.log.uuid())
                        .and(countersignatures::countersignature_id.eq(countersignature)),
                )
                .select(countersignatures::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
    }
}
