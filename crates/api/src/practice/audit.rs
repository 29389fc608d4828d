//! The audit log of the practice, for its records officers. Complaints are not in it.

use actix_web::get;
use almoner_domain::events::Outcome;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::words::text::Line;
use almoner_persistence::Page;
use almoner_persistence::reports::audit_log::{self, AuditEvent, Criteria, Reader};
use almoner_persistence::reports::unusual_access::{self, LONGEST, Unusual};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::caller::Caller;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{AuditExport, AuditRead};
use crate::problem::ApiError;
use crate::reply::Reply;

/// How far back the report of unusual access looks if it is not told.
const LATELY: TimeDelta = TimeDelta::days(7);

/// Which events: everything that is given must fit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
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

impl From<Wanted> for Criteria {
    fn from(wanted: Wanted) -> Self {
        let Wanted { service_user_id, staff_id, action, outcome, from, until } = wanted;
        let action = action.map(|action| action.as_str().to_owned());
        Self { service_user_id, staff_id, action, outcome, from, until }
    }
}

/// Who did what at the practice, the newest first: every change, every reading of a record, every refusal. What concerns
/// complaints is not among it, nor anybody from whom the caller is locked out.
#[utoipa::path(
    params(PageQuery, Wanted),
    responses((status = 200, description = "A page of events", body = Page<AuditEvent>)),
    security(("practice" = ["audit.read"])),
)]
#[get("/audit")]
pub(super) async fn list(
    caller: Caller<AuditRead>,
    page: Query<PageQuery>,
    wanted: Query<Wanted>,
) -> Result<Reply, ApiError> {
    let (paging, criteria) = (page.0.paging()?, wanted.0.into());
    caller.scope(move |scope| Reply::ok(&audit_log::list(scope, &criteria, &paging)?)).await
}

/// The same as a file, an event to a line (NDJSON), at most 20,000: where there are more, a shorter time must be asked for.
#[utoipa::path(
    params(Wanted),
    responses((status = 200, description = "The events", body = String, content_type = "application/x-ndjson")),
    security(("practice" = ["audit.export"])),
)]
#[get("/audit/export")]
pub(super) async fn export(caller: Caller<AuditExport>, wanted: Query<Wanted>) -> Result<Reply, ApiError> {
    let criteria = wanted.0.into();
    caller.scope(move |scope| Reply::lines(&audit_log::export(scope, &criteria)?)).await
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Time {
    /// From this time; a week before `until` if left out.
    from: Option<DateTime<Utc>>,
    /// Until this time; now if left out. At most 31 days after `from`.
    until: Option<DateTime<Utc>>,
}

/// Access to look at: a person of the reader's own surname, a person without an open case, very many people in one day. A
/// finding is a question, not a fault.
#[utoipa::path(
    params(Time),
    responses((status = 200, description = "What was found", body = Unusual)),
    security(("practice" = ["audit.read"])),
)]
#[get("/audit/unusual")]
pub(super) async fn unusual(caller: Caller<AuditRead>, time: Query<Time>) -> Result<Reply, ApiError> {
    let Time { from, until } = time.0;
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

/// Who read or changed a person's record, and who was refused it: what the person may ask for.
#[utoipa::path(
    params(("id" = ServiceUserId, Path, description = "The person"), PageQuery),
    responses((status = 200, description = "A page of readers, the latest first", body = Page<Reader>)),
    security(("practice" = ["audit.read"])),
)]
#[get("/service-users/{id}/readers")]
pub(super) async fn readers(
    caller: Caller<AuditRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&audit_log::readers(scope, id.0, &paging)?)).await
}
