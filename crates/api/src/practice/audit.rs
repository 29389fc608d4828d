//! The audit log of the practice, for its records officers. Complaints are not in it.

use almoner_domain::events::Outcome;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::words::text::Line;
use almoner_persistence::Page;
use almoner_persistence::reports::audit_log::{self, AuditEvent, Criteria, Reader};
use almoner_persistence::reports::unusual_access::{self, LONGEST, Unusual};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{AuditExport, AuditRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Lines, Reply};

pub(super) fn routes(door: &mut ServiceConfig<'_>) {
    operations!(door: read_readers, list, export, report_unusual);
}

/// How far back the report of unusual access looks if it is not told.
const LATELY: TimeDelta = TimeDelta::days(7);

/// Which events: everything that is given must fit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// About this person.
    service_user_id: Option<ServiceUserId>,
    /// By this member of staff.
    staff_id: Option<StaffId>,
    /// Of this kind, such as `case.read`; of a refusal the permission, such as `cases.read`.
    #[param(value_type = Option<String>, max_length = 60)]
    action: Option<Line<60>>,
    /// With this outcome.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Not before this time.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    until: Option<DateTime<Utc>>,
}

impl From<AuditFilter> for Criteria {
    fn from(wanted: AuditFilter) -> Self {
        let AuditFilter { service_user_id, staff_id, action, outcome, from, until } = wanted;
        let action = action.map(|action| action.as_str().to_owned());
        Self { service_user_id, staff_id, action, outcome, from, until }
    }
}

/// Lists who did what at the practice, the newest first.
///
/// It has every change, every reading of a record and every refusal. What concerns complaints is not among it, nor anybody
/// from whom the caller is excluded.
#[utoipa::path(get, path = "/audit")]
async fn list(
    caller: Caller<AuditRead>,
    page: Query<PageQuery>,
    wanted: Query<AuditFilter>,
) -> Result<Reply<Page<AuditEvent>>, ApiError> {
    let (paging, criteria) = (page.0.paging()?, wanted.0.into());
    caller.read(move |scope| audit_log::list(scope, &criteria, &paging)).await
}

/// Writes the audit log as a file, an event to a line (NDJSON).
///
/// It has at most 20,000 events: where there are more, a shorter time must be asked for.
#[utoipa::path(get, path = "/audit/export")]
async fn export(caller: Caller<AuditExport>, wanted: Query<AuditFilter>) -> Result<Lines, ApiError> {
    let criteria = wanted.0.into();
    caller.scope(move |scope| Lines::of(&audit_log::export(scope, &criteria)?)).await
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Period {
    /// From this time; a week before `until` if left out.
    from: Option<DateTime<Utc>>,
    /// Until this time; now if left out. At most 31 days after `from`.
    until: Option<DateTime<Utc>>,
}

/// Reports unusual access.
///
/// That is access to a person of the reader's own surname, to a person without an open case, to very many people in one day. A
/// finding is a question, not a fault.
#[utoipa::path(get, path = "/audit/unusual")]
async fn report_unusual(caller: Caller<AuditRead>, time: Query<Period>) -> Result<Reply<Unusual>, ApiError> {
    let Period { from, until } = time.0;
    caller
        .scope(move |scope| {
            let until = until.unwrap_or(scope.at());
            let from = from.unwrap_or(until - LATELY);
            if from >= until || until - from > LONGEST {
                return Err(ApiError::parameter("from", "must be before until, and at most 31 days before it"));
            }
            Reply::ok(&unusual_access::unusual(scope, from, until)?)
        })
        .await
}

/// Lists who read or changed a person's record, and who was refused it, the latest first.
///
/// It is what the person may ask for.
#[utoipa::path(get, path = "/service-users/{id}/readers")]
async fn read_readers(
    caller: Caller<AuditRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Reader>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| audit_log::readers(scope, id.0, &paging)).await
}
