//! Danger and safeguarding concerns that come with a complaint, as the council's safeguarding duty sees them: at once, at any hour, and
//! without a word of the complaint.

use almoner_domain::complaints::danger::{Alert, DangerNow, RaiseSafeguarding};
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{CouncilId, SafeguardingAlertId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::changing::{Changes, change_at_once};
use super::reading::Complaint;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{officers, safeguarding_alerts};
use crate::ground::scope::{ComplaintsScope, CouncilScope, Scope, WorkerScope};
use crate::ground::sealing::SealedField;
use crate::ground::transaction::setting;
use crate::referrals::council_requests::token_of_nhs_number;

/// The time after which the council is told that nobody has taken up what it was told of, and told again.
const TAKEN_WITHIN: TimeDelta = TimeDelta::hours(1);

/// A safeguarding concern of which the council's duty was told. It is the question, and no record of what came of it.
#[derive(Clone, Serialize, ToSchema)]
pub struct SafeguardingAlert {
    /// The identifier of the concern.
    pub id: SafeguardingAlertId,
    /// Whether somebody is in danger now.
    pub danger_now: DangerNow,
    /// Who it is about, where they are, and what the duty must know.
    #[serde(flatten)]
    pub alert: Alert,
    /// When the duty was told.
    pub raised_at: DateTime<Utc>,
    /// When somebody took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<DateTime<Utc>>,
    /// The officer who took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub taken_by: Option<String>,
    /// What was done at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<2000>>)]
    pub done: Option<String>,
}

/// A safeguarding concern in the list of those of which the council's duty was told.
#[derive(Clone, Serialize, ToSchema)]
pub struct SafeguardingAlertSummary {
    /// The identifier of the concern.
    pub id: SafeguardingAlertId,
    /// Whether somebody is in danger now.
    pub danger_now: DangerNow,
    /// The name of the person, as far as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<300>>)]
    pub name: Option<String>,
    /// Where the person is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Passage<500>>,
    /// When the duty was told.
    pub raised_at: DateTime<Utc>,
    /// When somebody took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<DateTime<Utc>>,
}

impl From<SafeguardingAlert> for SafeguardingAlertSummary {
    fn from(whole: SafeguardingAlert) -> Self {
        Self {
            id: whole.id,
            danger_now: whole.danger_now,
            name: whole.alert.name_of_the_person(),
            place: whole.alert.place,
            raised_at: whole.raised_at,
            taken_at: whole.taken_at,
        }
    }
}

/// What was done at once about a concern that somebody takes up.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "done": "I rang her: she is safe, with a neighbour. A visit is at two today." }))]
pub struct TakeAlert {
    /// What was done.
    pub done: Passage<2000>,
}

fn field(council: CouncilId, id: SafeguardingAlertId, column: &'static str) -> SealedField {
    SealedField { owner: council.uuid(), table: "safeguarding_alerts", column, row: id.uuid() }
}

/// Tells the council's duty, as the intake. The worker tells it again until somebody has taken it up.
pub(super) fn raise(
    scope: &mut Scope<'_>,
    council: CouncilId,
    danger_now: DangerNow,
    alert: &Alert,
) -> Result<SafeguardingAlertId, StoreError> {
    let id: SafeguardingAlertId = scope.next_id();
    let root = scope.root_key(council.uuid())?;
    let content = root.seal(field(council, id, "content"), alert)?;
    let nhs_number = alert.person.as_ref().and_then(|person| person.nhs_number.as_ref());
    let nhs_number_token = nhs_number.map(|number| token_of_nhs_number(&root, number));
    diesel::insert_into(safeguarding_alerts::table)
        .values((
            safeguarding_alerts::council_id.eq(council),
            safeguarding_alerts::alert_id.eq(id),
            safeguarding_alerts::danger_now.eq(danger_now),
            safeguarding_alerts::nhs_number_token.eq(nhs_number_token),
            safeguarding_alerts::content.eq(content),
            safeguarding_alerts::raised_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    let again_at = scope.at() + TAKEN_WITHIN;
    scope.schedule(council, Task::ReportUntakenAlert { alert: id }, again_at);
    scope.record_in(LogOwner::Council(council), Event::SafeguardingAlerted { alert: id, council })?;
    Ok(id)
}

/// Raises a safeguarding concern that came to light in a complaint. The complaint and its clocks go on.
pub fn raise_from(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &RaiseSafeguarding,
) -> Result<(), StoreError> {
    let council = scope.council_id();
    StoreError::unless_faulty(with.faults(scope.today()))?;
    change_at_once(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintSafeguardingRaised { complaint: complaint.id })?;
    let own = Some(Tenant::Council(council));
    scope.at_intake_with(own, &[setting("app.council", council.uuid())], |scope| {
        raise(scope, council, with.now, &Alert::from(with)).map(drop)
    })
}

type Row =
    (SafeguardingAlertId, DangerNow, Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>, Option<String>, Option<Vec<u8>>);

/// Selects the concerns of this council with who took each up.
macro_rules! rows {
    ($council:expr) => {
        safeguarding_alerts::table
            .left_join(
                officers::table.on(officers::council_id
                    .eq(safeguarding_alerts::council_id)
                    .and(officers::officer_id.nullable().eq(safeguarding_alerts::taken_by))),
            )
            .filter(safeguarding_alerts::council_id.eq($council))
            .select((
                safeguarding_alerts::alert_id,
                safeguarding_alerts::danger_now,
                safeguarding_alerts::content,
                safeguarding_alerts::raised_at,
                safeguarding_alerts::taken_at,
                officers::name.nullable(),
                safeguarding_alerts::done,
            ))
    };
}

fn show(scope: &mut CouncilScope<'_>, row: Row) -> Result<SafeguardingAlert, StoreError> {
    let (id, danger_now, content, raised_at, taken_at, taken_by, done) = row;
    let council = scope.council_id();
    let root = scope.root_key(council.uuid())?;
    let done = done.map(|done| root.open(field(council, id, "done"), &done)).transpose()?;
    let alert = root.open(field(council, id, "content"), &content)?;
    Ok(SafeguardingAlert { id, danger_now, alert, raised_at, taken_at, taken_by, done })
}

/// Lists the concerns of which the council's duty was told, the newest first, or those alone that nobody has taken up.
pub fn list(
    scope: &mut CouncilScope<'_>,
    paging: &Paging,
    untaken: bool,
) -> Result<OnRecord<Page<SafeguardingAlertSummary>>, StoreError> {
    let council = scope.council_id();
    let mut query = rows!(council)
        .filter(safeguarding_alerts::alert_id.lt(SafeguardingAlertId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(safeguarding_alerts::alert_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if untaken {
        query = query.filter(safeguarding_alerts::taken_at.is_null());
    }
    let rows: Vec<Row> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| show(scope, row).map(Into::into))?;
    scope.list_read(page, Event::SafeguardingListed { council })
}

fn find(scope: &mut CouncilScope<'_>, id: SafeguardingAlertId) -> Result<SafeguardingAlert, StoreError> {
    let row: Row = rows!(scope.council_id()).filter(safeguarding_alerts::alert_id.eq(id)).first(scope.conn)?;
    show(scope, row)
}

/// Shows one concern of which the council's duty was told.
pub fn read(scope: &mut CouncilScope<'_>, id: SafeguardingAlertId) -> Result<OnRecord<SafeguardingAlert>, StoreError> {
    let alert = find(scope, id)?;
    scope.record_read(alert, Event::SafeguardingRead { alert: id })
}

/// Takes a concern up, and records what was done at once. It is taken up once.
pub fn take(
    scope: &mut CouncilScope<'_>,
    id: SafeguardingAlertId,
    with: &TakeAlert,
) -> Result<SafeguardingAlertId, StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?.0);
    let done = scope.root_key(council.uuid())?.seal(field(council, id, "done"), with.done.as_str())?;
    find(scope, id)?;
    let taken = update(safeguarding_alerts::table.find((council, id)))
        .filter(safeguarding_alerts::taken_at.is_null())
        .set((
            safeguarding_alerts::taken_by.eq(officer),
            safeguarding_alerts::taken_at.eq(scope.at()),
            safeguarding_alerts::done.eq(done),
        ))
        .execute(scope.conn)?;
    if taken == 0 {
        return Err(Refusal::InvalidState { thing: "concern", state: "taken up", step: "taken up again" }.into());
    }
    scope.record(Event::SafeguardingTaken { alert: id })?;
    Ok(id)
}

/// Tells the council that nobody has taken up what its duty was told of. Returns when it is told again; `None` once somebody has.
pub(crate) fn report_untaken(
    scope: &mut WorkerScope<'_>,
    council: CouncilId,
    id: SafeguardingAlertId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let taken: Option<DateTime<Utc>> =
        safeguarding_alerts::table.find((council, id)).select(safeguarding_alerts::taken_at).first(scope.conn)?;
    if taken.is_some() {
        return Ok(None);
    }
    scope.record_in(LogOwner::Council(council), Event::SafeguardingUntaken { alert: id, council })?;
    Ok(Some(scope.at() + TAKEN_WITHIN))
}
