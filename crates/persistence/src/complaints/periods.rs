//! The plans and periods of a complaint as they came about, one after another (SI 2009/309 reg 17). Nothing here changes any more.

use almoner_domain::complaints::planning::PeriodOrigin;
use almoner_domain::ids::{GuestId, OfficerId, PeriodId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use super::changing::seal;
use super::reading::Complaint;
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_periods;
use crate::ground::scope::ComplaintsScope;

const TABLE: &str = "complaint_periods";

/// A period for the response to a complaint, as it was agreed, determined or extended, or began anew.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResponsePeriod {
    /// How the period came about.
    pub origin: PeriodOrigin,
    /// How the complaint is looked into, as it was planned with this period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub handling: Option<String>,
    /// The day by which the complaint is answered.
    pub respond_by: NaiveDate,
    /// The day by which it was to be answered until then: planned, or under the contract.
    pub before: NaiveDate,
    /// When the period was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The officer who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer_id: Option<OfficerId>,
    /// The guest who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_id: Option<GuestId>,
}

/// Keeps a period that takes the place of the one that this complaint has.
pub(super) fn keep(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    (origin, respond_by): (PeriodOrigin, NaiveDate),
    handling: Option<&Passage<4000>>,
) -> Result<(), StoreError> {
    let id: PeriodId = scope.next_id();
    let handling = match handling {
        Some(words) => Some(seal(scope, complaint, (TABLE, "handling"), id.uuid(), words.as_str())?),
        None => None,
    };
    let person = Some(scope.worker().person);
    diesel::insert_into(complaint_periods::table)
        .values((
            complaint_periods::council_id.eq(scope.council_id()),
            complaint_periods::complaint_id.eq(complaint.id),
            complaint_periods::period_id.eq(id),
            complaint_periods::key_id.eq(complaint.sealed.key_id),
            complaint_periods::origin.eq(origin),
            complaint_periods::handling.eq(handling),
            complaint_periods::respond_by.eq(respond_by),
            complaint_periods::before.eq(complaint.response_due_on),
            complaint_periods::officer_id.eq(person.and_then(ComplaintsPerson::officer)),
            complaint_periods::guest_id.eq(person.and_then(ComplaintsPerson::guest)),
            complaint_periods::recorded_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Keeps the extension of the period of this complaint, if it is extended to a day.
pub(super) fn keep_extension(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    to: Option<NaiveDate>,
) -> Result<(), StoreError> {
    let Some(day) = to else { return Ok(()) };
    keep(scope, complaint, (PeriodOrigin::Extended, day), None)
}

/// Reads the periods of a complaint, the oldest first. The caller has already opened the key.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Vec<ResponsePeriod>, StoreError> {
    type Row = (
        (PeriodId, PeriodOrigin, Option<Vec<u8>>, NaiveDate, NaiveDate),
        (DateTime<Utc>, Option<OfficerId>, Option<GuestId>),
    );
    let rows: Vec<Row> = complaint_periods::table
        .filter(complaint_periods::council_id.eq(sealed.council).and(complaint_periods::complaint_id.eq(sealed.id)))
        .order(complaint_periods::period_id)
        .limit(200)
        .select((
            (
                complaint_periods::period_id,
                complaint_periods::origin,
                complaint_periods::handling,
                complaint_periods::respond_by,
                complaint_periods::before,
            ),
            (complaint_periods::recorded_at, complaint_periods::officer_id, complaint_periods::guest_id),
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |((id, origin, handling, respond_by, before), (recorded_at, officer_id, guest_id)): Row| {
        let field = sealed.of(TABLE, "handling", id.uuid());
        let handling = handling.map(|words| key.open(field, &words)).transpose()?;
        Ok(ResponsePeriod { origin, handling, respond_by, before, recorded_at, officer_id, guest_id })
    };
    rows.into_iter().map(open).collect()
}
