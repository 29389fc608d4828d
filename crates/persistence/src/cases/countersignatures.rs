//! Countersignatures of adverse actions: drawing a signatory, asking them, and reading what they are asked.
//!
//! The signatory is drawn, with or without a complaint, only from people who could not be presumed subjects of one. So the
//! signatory's name and the time of the decision tell nobody whether a complaint exists. The worker who asked never learns
//! who was drawn.

use almoner_domain::cases::case::{CountersignaturePurpose, CountersignatureStatus, draw, two_years_before};
use almoner_domain::cases::signatories::{
    CountersignatureColumns, CountersignatureState, PossibleSignatory, candidates, prefer_those_here,
};
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{CaseId, CountersignatureId, PracticeId, ServiceUserId, StaffId, WarningNoteId};
use almoner_domain::people::access_restriction::RestrictionTerms;
use almoner_domain::people::grounds::{AdverseAction, Ground};
use almoner_domain::people::warning_note::WarningTerms;
use almoner_domain::referrals::message::Function;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::end_of_day;
use almoner_domain::words::codes::EventOutcome;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::matter::{AskedRestriction, AskedWarning, Matter, MatterColumns};
use crate::cases::outside;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::random;
use crate::ground::schema::{cases, countersignatures, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::{Key, SealedField};
use crate::people::about::{AboutPerson, about};
use crate::people::access_restrictions;
use crate::people::service_users::{self, PersonShown};
use crate::staff::absence;
use crate::staff::names::{Worker, workers};
use crate::staff::presence::{ActingColumns, Power, acting_columns, power_at, present};
use crate::staff::registrations;

diesel::define_sql_function! {
    /// These members of staff, their line managers upwards, and the deputies of all of them, as they are or were at any time since a
    /// moment.
    #[sql_name = "app.line_of"]
    fn line_of(
        practice: sql_types::Uuid,
        people: sql_types::Array<sql_types::Uuid>,
        since: sql_types::Timestamptz,
    ) -> sql_types::Array<sql_types::Uuid>;
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

/// A request that a second person decides, as the signatory and the member of staff who asked see it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Countersignature {
    /// The identifier of the request.
    pub id: CountersignatureId,
    /// The adverse action: a case is closed, a case is taken from its worker, a record is restricted, or a warning note is written.
    pub action: AdverseAction,
    /// Whether the second person decides before the action takes effect, or reviews it afterwards.
    pub purpose: CountersignaturePurpose,
    /// The status of the request.
    pub status: CountersignatureStatus,
    /// The case that is closed or taken from its worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The function under which the case is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Function>,
    /// The person whom the action is about.
    pub service_user: PersonShown,
    /// The member of staff who asked for the countersignature.
    pub asked_by: Worker,
    /// When the countersignature was asked for.
    pub asked_at: DateTime<Utc>,
    /// The ground of the action.
    pub ground: Ground,
    /// The outcome that the case has once it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<EventOutcome>,
    /// The worker from whom the case is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Worker>,
    /// The worker to whom the case is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<Worker>,
    /// The restriction of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restriction: Option<AskedRestriction>,
    /// The warning note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning_note: Option<AskedWarning>,
    /// The reason, and the evidence where there is some.
    #[schema(value_type = almoner_domain::words::text::Passage<10000>)]
    pub reason: String,
    /// The day by which the signatory decides. After it the request goes to the next signatory.
    pub due_on: NaiveDate,
    /// Whether nobody in the practice could be drawn, so that the request waits for a countersigner from outside.
    pub waits_for_outside: bool,
    /// When the second person decided, or the request was taken back.
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
    pub(super) state: CountersignatureState,
    #[serde(skip)]
    pub(crate) matter: Matter,
}

pub(super) fn sealed_field(practice: PracticeId, column: &'static str, id: CountersignatureId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "countersignatures", column, row: id.uuid() }
}

/// What the caller puts before a second person.
pub(super) struct Asking<'a> {
    pub(super) purpose: CountersignaturePurpose,
    pub(super) ground: Ground,
    pub(super) matter: &'a Matter,
    pub(super) about: AboutPerson,
    /// The key under which everything about the person is sealed.
    pub(super) key: &'a Key,
    /// The reason, and the evidence where there is some.
    pub(super) words: &'a str,
    /// Those who are never drawn, besides the caller.
    pub(super) kept_out: Vec<StaffId>,
}

/// Draws a second person and asks them. The member of staff who asks follows the request by the identifier that is returned.
pub(super) fn ask(scope: &mut PracticeScope<'_>, asking: &Asking<'_>) -> Result<CountersignatureId, StoreError> {
    let (practice, asker, person) = (scope.practice_id(), scope.staff_id(), asking.about.service_user_id);
    let id: CountersignatureId = scope.next_id();
    let besides: Vec<StaffId> = [asker].into_iter().chain(asking.kept_out.iter().copied()).collect();
    let signatory = draw_signatory(scope, practice, person, &besides)?;
    let due_on = scope.calendar()?.add_working_days(scope.today(), asking.purpose.working_days())?;
    let columns = MatterColumns::of(asking.matter);
    let seal = |column, terms: Option<&RestrictionTerms>| {
        terms.map(|terms| asking.key.seal(sealed_field(practice, column, id), terms)).transpose()
    };
    let warning = columns.warning.map(|(_, terms)| asking.key.seal(sealed_field(practice, "warning", id), terms));
    let warning = warning.transpose()?;
    let inserted = diesel::insert_into(countersignatures::table)
        .values((
            (
                countersignatures::practice_id.eq(practice),
                countersignatures::countersignature_id.eq(id),
                countersignatures::action.eq(columns.action),
                countersignatures::case_id.eq(columns.case),
                about!(countersignatures, asking.about),
                countersignatures::purpose.eq(asking.purpose),
                countersignatures::status.eq(CountersignatureStatus::Waiting),
                countersignatures::asked_by.eq(asker),
                countersignatures::asked_at.eq(scope.at()),
                countersignatures::ground.eq(asking.ground),
                countersignatures::reason.eq(asking.key.seal(sealed_field(practice, "reason", id), asking.words)?),
            ),
            (
                countersignatures::outcome.eq(columns.outcome),
                countersignatures::moved_from.eq(columns.moved_from),
                countersignatures::moved_to.eq(columns.moved_to),
                countersignatures::restriction.eq(seal("restriction", columns.restriction)?),
                countersignatures::restriction_before.eq(seal("restriction_before", columns.restriction_before)?),
                countersignatures::warning_note_id.eq(columns.warning.map(|(note, _)| note)),
                countersignatures::warning.eq(warning),
                countersignatures::signatory_id.eq(signatory),
                countersignatures::passed_over.eq(&asking.kept_out),
                countersignatures::due_on.eq(due_on),
                countersignatures::counted_from.eq(scope.today()),
            ),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    if inserted == 0 {
        return Err(Refusal::AlreadyAsked.into());
    }
    if signatory.is_none() {
        outside::wait(scope, practice, id, asking.purpose)?;
    }
    scope.schedule(practice, Task::PassOnCountersignature { countersignature: id }, end_of_day(due_on));
    scope.record(Event::CountersignatureAsked { countersignature: id, person })?;
    Ok(id)
}

/// Draws a signatory: a manager, or somebody who acts as one, who is present, and is not away while another can be drawn, is not
/// barred as a social worker by their register, is not among
/// `besides`, owns no share of the practice, may see the person, and could not be presumed a subject of a complaint about
/// this person (anyone who worked with them in the last 24 months, their line managers and deputies, and whoever acts for one
/// of these); nor one who acts as a manager for somebody of whom this is not so. Returns `None` if nobody is left: the request
/// then waits for a signatory from outside.
pub(crate) fn draw_signatory(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: ServiceUserId,
    besides: &[StaffId],
) -> Result<Option<StaffId>, StoreError> {
    let since = two_years_before(scope.at());
    let presumed: Vec<StaffId> =
        diesel::select(line_of(practice, workers_of(practice, person, since), since)).get_result(scope.conn)?;
    let closed = access_restrictions::staff_without_access(scope, practice, person)?;
    let may_not_practise = registrations::barred(scope, practice)?;
    let at = scope.at();
    let rows: Vec<(StaffId, Vec<String>, bool, ActingColumns)> = staff::table
        .filter(staff::practice_id.eq(practice).and(present!(at)))
        .select((staff::staff_id, staff::roles, staff::owner, acting_columns!()))
        .load(scope.conn)?;
    let mut staff = Vec::with_capacity(rows.len());
    for (id, roles, owner, acting) in rows {
        let barred = may_not_practise.contains(&id);
        let Power { roles, stands_in_for } = power_at(&roles, acting, at)?;
        staff.push(PossibleSignatory { id, roles, owner, barred, stands_in_for });
    }
    let kept_out = [presumed.as_slice(), &closed, besides].concat();
    let candidates = prefer_those_here(candidates(&staff, &kept_out), &absence::away(scope, practice)?);
    Ok(draw(candidates, u64::from_be_bytes(random::bytes())))
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = countersignatures)]
struct CountersignatureRow {
    countersignature_id: CountersignatureId,
    action: AdverseAction,
    case_id: Option<CaseId>,
    service_user_id: ServiceUserId,
    purpose: CountersignaturePurpose,
    status: CountersignatureStatus,
    asked_at: DateTime<Utc>,
    ground: Ground,
    reason: Vec<u8>,
    outcome: Option<EventOutcome>,
    restriction: Option<Vec<u8>>,
    restriction_before: Option<Vec<u8>>,
    warning_note_id: Option<WarningNoteId>,
    warning: Option<Vec<u8>>,
    signatory_id: Option<StaffId>,
    due_on: NaiveDate,
    decided_at: Option<DateTime<Utc>>,
    answer: Option<Vec<u8>>,
    version: i32,
}

/// A request, who asked, the workers from whom and to whom a case is moved, and the function of the case.
type RowShown = (CountersignatureRow, Worker, Option<Worker>, Option<Worker>, Option<Function>);

diesel::alias! {
    const ASKERS: Alias<Askers> = staff as askers;
    const LOSERS: Alias<Losers> = staff as losers;
    const RECEIVERS: Alias<Receivers> = staff as receivers;
}

/// The member of staff who is named by a column of a countersignature.
macro_rules! named_by {
    ($alias:ident, $column:ident) => {
        $alias.on($alias
            .field(staff::practice_id)
            .eq(countersignatures::practice_id)
            .and($alias.field(staff::staff_id).nullable().eq(countersignatures::$column.nullable())))
    };
}

macro_rules! rows {
    ($scope:expr) => {
        countersignatures::table
            .inner_join(named_by!(ASKERS, asked_by))
            .left_join(named_by!(LOSERS, moved_from))
            .left_join(named_by!(RECEIVERS, moved_to))
            .left_join(
                cases::table.on(cases::practice_id
                    .eq(countersignatures::practice_id)
                    .and(cases::case_id.nullable().eq(countersignatures::case_id))),
            )
            .filter(countersignatures::practice_id.eq($scope.practice_id()))
            .select((
                CountersignatureRow::as_select(),
                ASKERS.fields((staff::staff_id, staff::name)),
                LOSERS.fields((staff::staff_id, staff::name)).nullable(),
                RECEIVERS.fields((staff::staff_id, staff::name)).nullable(),
                cases::function.nullable(),
            ))
    };
}

fn show(
    scope: &mut PracticeScope<'_>,
    (row, asked_by, moved_from, moved_to, function): RowShown,
    service_user: PersonShown,
) -> Result<Countersignature, StoreError> {
    let practice = scope.practice_id();
    let kept =
        CountersignatureColumns { status: row.status, signatory_id: row.signatory_id, decided_at: row.decided_at };
    let state = CountersignatureState::try_from(kept).map_err(StoreError::unreadable)?;
    let key = service_user.key(scope)?;
    let field = |column| sealed_field(practice, column, row.countersignature_id);
    let open = |column, sealed: &Option<Vec<u8>>| {
        sealed.as_ref().map(|sealed| key.open::<RestrictionTerms>(field(column), sealed)).transpose()
    };
    let (terms, before) =
        (open("restriction", &row.restriction)?, open("restriction_before", &row.restriction_before)?);
    let warning = row.warning.as_ref().map(|sealed| key.open::<WarningTerms>(field("warning"), sealed)).transpose()?;
    let columns = MatterColumns {
        action: row.action,
        case: row.case_id,
        outcome: row.outcome,
        moved_from: moved_from.as_ref().map(|worker| worker.id),
        moved_to: moved_to.as_ref().map(|worker| worker.id),
        restriction: terms.as_ref(),
        restriction_before: before.as_ref(),
        warning: row.warning_note_id.zip(warning.as_ref()),
    };
    let warning_note = columns.warning.map(|(note, terms)| AskedWarning::of(note, terms));
    let matter = columns.matter()?;
    Ok(Countersignature {
        id: row.countersignature_id,
        action: row.action,
        purpose: row.purpose,
        status: row.status,
        case_id: row.case_id,
        function,
        asked_by,
        asked_at: row.asked_at,
        ground: row.ground,
        outcome: row.outcome,
        moved_from,
        moved_to,
        restriction: match &terms {
            Some(terms) => Some(AskedRestriction { staff: workers(scope, &terms.staff)?, review_on: terms.review_on }),
            None => None,
        },
        warning_note,
        reason: key.open(field("reason"), &row.reason)?,
        due_on: row.due_on,
        waits_for_outside: state.waits_for_outside(),
        decided_at: row.decided_at,
        answer: row.answer.as_ref().map(|sealed| key.open(field("answer"), sealed)).transpose()?,
        service_user,
        version: row.version,
        state,
        matter,
    })
}

/// Finds one request, for the signatory who was drawn and for the member of staff who asked.
pub fn find(scope: &mut PracticeScope<'_>, id: CountersignatureId) -> Result<Countersignature, StoreError> {
    let row: RowShown = rows!(scope).filter(countersignatures::countersignature_id.eq(id)).first(scope.conn)?;
    let person = service_users::find(scope, row.0.service_user_id)?;
    show(scope, row, PersonShown::from(&person))
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
    let page = paging.page(rows, |row| row.0.countersignature_id.uuid());
    let people: Vec<ServiceUserId> = page.items.iter().map(|row| row.0.service_user_id).collect();
    let people = service_users::find_all(scope, &people)?;
    let page = page.try_map(|row| {
        let person = people.iter().find(|person| person.id == row.0.service_user_id);
        show(scope, row, PersonShown::from(person.ok_or(StoreError::NotFound)?))
    })?;
    let member = scope.staff_id();
    scope.list_read(page, Event::CountersignatureListed { member })
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
