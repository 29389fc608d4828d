//! The audit log of the practice, for its records officers. It contains no complaints.

use std::collections::BTreeSet;

use almoner_domain::events::{Attempt, Chain, EventKind, LogOwner, Outcome};
use almoner_domain::fault::InvalidValue;
use almoner_domain::ids::{PracticeId, ServiceUserId, StaffId};
use almoner_domain::words::closed_list::one_of;
use almoner_persistence::Page;
use almoner_persistence::reports::audit_log::{self, AuditEvent, Criteria};
use almoner_persistence::reports::unusual_access::{self, LONGEST, Unusual};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{AuditExport, AuditRead, PRACTICE_PERMISSIONS};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Lines, Reply};
use crate::ground::routes::Routes;
use crate::representations::Readers;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read_readers, list, export, report_unusual);
}

/// The period that the report of unusual access covers if the caller gives none.
const LATELY: TimeDelta = TimeDelta::days(7);

/// An action in a practice's audit log: the kind of an event, or what was refused.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct AuditAction(String);

impl AuditAction {
    /// Returns every action: the kinds of events that a practice's log has, the permissions at its door, and the attempts that
    /// need no permission.
    fn words() -> BTreeSet<&'static str> {
        let practice = LogOwner::Practice(PracticeId::from(Uuid::nil()));
        let is_seen = |kind: &EventKind| {
            let log = kind.description().log;
            log.may_be_of(practice) && log.chain(practice) == Some(Chain::Practice)
        };
        let kinds = EventKind::ALL.iter().copied().filter(is_seen).map(EventKind::as_str);
        let permissions = PRACTICE_PERMISSIONS.iter().map(|(word, _)| *word);
        kinds.chain(permissions).chain(Attempt::ALL.iter().map(|attempt| attempt.as_str())).collect()
    }
}

impl TryFrom<String> for AuditAction {
    type Error = InvalidValue;

    fn try_from(word: String) -> Result<Self, InvalidValue> {
        if Self::words().contains(word.as_str()) {
            Ok(Self(word))
        } else {
            Err(InvalidValue::new("must be an action of the audit log"))
        }
    }
}

impl PartialSchema for AuditAction {
    fn schema() -> RefOr<Schema> {
        let words: Vec<_> = Self::words().into_iter().collect();
        one_of("An action in a practice's audit log.", &words).into()
    }
}

impl ToSchema for AuditAction {}

/// The filter of the audit log. An event must match every member that is given.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// Returns only events about this person.
    service_user_id: Option<ServiceUserId>,
    /// Returns only events by this member of staff.
    staff_id: Option<StaffId>,
    /// Returns only events of this kind, such as `case.read`; for a refusal, the permission, such as `cases.read`.
    #[param(inline)]
    action: Option<AuditAction>,
    /// Returns only events with this outcome.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Returns only events at or after this time.
    from: Option<DateTime<Utc>>,
    /// Returns only events before this time.
    until: Option<DateTime<Utc>>,
}

impl From<AuditFilter> for Criteria {
    fn from(wanted: AuditFilter) -> Self {
        let AuditFilter { service_user_id, staff_id, action, outcome, from, until } = wanted;
        let action = action.map(|AuditAction(word)| word);
        Self { service_user_id, staff_id, action, outcome, from, until }
    }
}

/// Lists the audit events of the practice, the newest first.
///
/// The list has every change, every reading of a record and every refusal. It leaves out complaints, and anybody from
/// whose record the caller is excluded.
#[utoipa::path(get, path = "/audit")]
async fn list(
    caller: Caller<AuditRead>,
    page: Query<PageQuery>,
    wanted: Query<AuditFilter>,
) -> Result<Reply<Page<AuditEvent>>, ApiError> {
    let (paging, criteria) = (page.0.paging()?, wanted.0.into());
    caller.read(move |scope| audit_log::list(scope, &criteria, &paging)).await
}

/// Exports the audit log as a file, with an event on each line (NDJSON).
///
/// The file has at most 20,000 events. If there are more, the caller must ask for a shorter period.
#[utoipa::path(get, path = "/audit/export")]
async fn export(caller: Caller<AuditExport>, wanted: Query<AuditFilter>) -> Result<Lines<AuditEvent>, ApiError> {
    let criteria = wanted.0.into();
    caller.scope(move |scope| Lines::of(&audit_log::export(scope, &criteria)?)).await
}

/// The period of the report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Period {
    /// The start of the period; a week before `until` if left out.
    from: Option<DateTime<Utc>>,
    /// The end of the period; now if left out. It is at most 31 days after `from`.
    until: Option<DateTime<Utc>>,
}

/// Reports unusual access.
///
/// Unusual access is access to a person with the reader's own surname, to a person without an open case, or to very
/// many people in one day. A finding is a question, not a fault.
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

/// Lists the members of staff who read or changed a person's record, or were refused it, the latest first.
///
/// The person has a right to this list. It has what was done at the practice; the person's council may hold more, for instance what it
/// looked into itself. The answer always says so.
#[utoipa::path(get, path = "/service-users/{id}/readers")]
async fn read_readers(
    caller: Caller<AuditRead>,
    id: Path<ServiceUserId>,
    page: Query<PageQuery>,
) -> Result<Reply<Readers>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| audit_log::readers(scope, id.0, &paging).map(|page| page.map(Readers::from))).await
}
