//! The audit log of the council, for its records officers. It contains no complaints.

use std::collections::BTreeSet;

use almoner_domain::events::{Attempt, Chain, EventKind, LogOwner, Outcome};
use almoner_domain::fault::InvalidValue;
use almoner_domain::ids::CouncilId;
use almoner_domain::words::closed_list::one_of;
use almoner_persistence::Page;
use almoner_persistence::reports::council_log::{self, CouncilAuditEvent, CouncilCriteria};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::{COUNCIL_PERMISSIONS, CouncilAuditExport, CouncilAuditRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Lines, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, export);
}

/// An action in a council's audit log: the kind of an event, or what was refused.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct CouncilAuditAction(String);

impl CouncilAuditAction {
    /// Returns every action: the kinds of events that a council's log has, the permissions at its door, and the attempts that need
    /// no permission.
    fn words() -> BTreeSet<&'static str> {
        let council = LogOwner::Council(CouncilId::from(Uuid::nil()));
        let is_seen = |kind: &EventKind| {
            let log = kind.description().log;
            log.may_be_of(council) && log.chain(council) == Some(Chain::Platform)
        };
        let kinds = EventKind::ALL.iter().copied().filter(is_seen).map(EventKind::as_str);
        let permissions = COUNCIL_PERMISSIONS.iter().map(|(word, ..)| *word);
        kinds.chain(permissions).chain(Attempt::ALL.iter().map(|attempt| attempt.as_str())).collect()
    }
}

impl TryFrom<String> for CouncilAuditAction {
    type Error = InvalidValue;

    fn try_from(word: String) -> Result<Self, InvalidValue> {
        if Self::words().contains(word.as_str()) {
            Ok(Self(word))
        } else {
            Err(InvalidValue::new("must be an action of the audit log"))
        }
    }
}

impl PartialSchema for CouncilAuditAction {
    fn schema() -> RefOr<Schema> {
        let words: Vec<_> = Self::words().into_iter().collect();
        one_of("An action in a council's audit log.", &words).into()
    }
}

impl ToSchema for CouncilAuditAction {}

/// The filter of the audit log. An event must match every member that is given.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CouncilAuditFilter {
    /// Returns only events by this officer or this client.
    actor_id: Option<Uuid>,
    /// Returns only events about this resource, such as a referral or an officer.
    subject_id: Option<Uuid>,
    /// Returns only events of this kind, such as `referral.read`; for a refusal, the permission, such as `referrals.follow`.
    #[param(inline)]
    action: Option<CouncilAuditAction>,
    /// Returns only events with this outcome.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Returns only events at or after this time.
    from: Option<DateTime<Utc>>,
    /// Returns only events before this time.
    until: Option<DateTime<Utc>>,
}

impl From<CouncilAuditFilter> for CouncilCriteria {
    fn from(wanted: CouncilAuditFilter) -> Self {
        let CouncilAuditFilter { actor_id, subject_id, action, outcome, from, until } = wanted;
        let action = action.map(|CouncilAuditAction(word)| word);
        Self { actor_id, subject_id, action, outcome, from, until }
    }
}

/// Lists the audit events of the council, the newest first.
///
/// The list has what its officers and its systems did and read, what the operator did to its officers, and every refusal. It
/// leaves out complaints.
#[utoipa::path(get, path = "/audit")]
async fn list(
    caller: Caller<CouncilAuditRead>,
    page: Query<PageQuery>,
    wanted: Query<CouncilAuditFilter>,
) -> Result<Reply<Page<CouncilAuditEvent>>, ApiError> {
    let (paging, criteria) = (page.0.paging()?, wanted.0.into());
    caller.read(move |scope| council_log::list(scope, &criteria, &paging)).await
}

/// Exports the audit log as a file, with an event on each line (NDJSON).
///
/// The file has at most 20,000 events. If there are more, the caller must ask for a shorter period.
#[utoipa::path(get, path = "/audit/export")]
async fn export(
    caller: Caller<CouncilAuditExport>,
    wanted: Query<CouncilAuditFilter>,
) -> Result<Lines<CouncilAuditEvent>, ApiError> {
    let criteria = wanted.0.into();
    caller.scope(move |scope| Lines::of(&council_log::export(scope, &criteria)?)).await
}
