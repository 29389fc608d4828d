//! A council's records officer's queries of the council's own log. The row policy shows it to no other officer and to no system,
//! and keeps complaints out of it.

use almoner_domain::events::{Chain, Door, Event, Outcome};
use almoner_domain::fault::Fault;
use almoner_domain::ids::OfficerId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::audit::reason_field;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{audit_events, officers};
use crate::ground::scope::CouncilScope;
use crate::reports::audit_log::{AuditEventRow, MOST_EXPORTED, key_of};

/// The criteria for a council's audit events. An event must match all that are given.
#[derive(Clone, Debug, Default)]
pub struct CouncilCriteria {
    /// The officer or the client who caused the events.
    pub actor_id: Option<Uuid>,
    /// The subject of the events: a referral of the council's, an officer, a session.
    pub subject_id: Option<Uuid>,
    /// The kind of event.
    pub action: Option<String>,
    /// The outcome of the events.
    pub outcome: Option<Outcome>,
    /// The time from which events are included.
    pub from: Option<DateTime<Utc>>,
    /// The time before which events are included.
    pub until: Option<DateTime<Utc>>,
}

/// An officer by name, wherever an answer names one.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = officers)]
pub struct OfficerName {
    /// The officer.
    #[diesel(column_name = officer_id)]
    pub id: OfficerId,
    /// The name of the officer.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub name: String,
}

/// An audit event of a council: an operation that was done or refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilAuditEvent {
    /// The identifier of the event.
    pub id: Uuid,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The door at which the caller came in.
    pub door: Door,
    /// The officer whose doing it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<OfficerName>,
    /// The identifier of the actor, where that is no officer but a client or an operator's account; what the service does by itself
    /// has neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// The roles of the officer at that moment.
    #[schema(max_items = 9, value_type = Vec<almoner_domain::officers::roles::OfficerRole>)]
    pub roles: Vec<String>,
    /// The client through which the caller acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// The session in which the caller acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Uuid>,
    /// The kind of event, such as `referral.read`. For a refusal it is the permission, such as `referrals.follow`.
    #[schema(max_length = 60, pattern = "^[a-z_]+(\\.[a-z_]+)*$")]
    pub action: String,
    /// The resource that the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
    /// The reason that the caller gave, where one was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Passage<4000>>)]
    pub reason: Option<String>,
    /// The address from which the request came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 45, pattern = "^[0-9a-f:.]+$", example = "203.0.113.7")]
    pub from_address: Option<String>,
    /// Whether the operation was done or refused.
    pub outcome: Outcome,
    /// The request, by its `X-Request-Id`.
    pub request_id: Uuid,
}

/// Lists a page of events, the newest first. The query itself is recorded as an event.
pub fn list(
    scope: &mut CouncilScope<'_>,
    criteria: &CouncilCriteria,
    paging: &Paging,
) -> Result<OnRecord<Page<CouncilAuditEvent>>, StoreError> {
    let rows = load(scope, criteria, paging.after_key::<DateTime<Utc>>()?, paging.fetch())?;
    let page = paging.page(rows, |(row, _): &RowShown| key_of(row));
    let page = page.try_map(|row| show(scope, row))?;
    let owner = scope.log;
    scope.list_read(page, Event::AuditListed { owner, person: None })
}

/// Every event that fits, the newest first; a fault where that is more than [`MOST_EXPORTED`].
pub fn export(
    scope: &mut CouncilScope<'_>,
    criteria: &CouncilCriteria,
) -> Result<OnRecord<Vec<CouncilAuditEvent>>, StoreError> {
    let most = i64::try_from(MOST_EXPORTED).unwrap_or(i64::MAX);
    let rows = load(scope, criteria, None, most.saturating_add(1))?;
    if rows.len() > MOST_EXPORTED {
        let detail = format!("must leave at most {MOST_EXPORTED} events: choose a later day, or set until");
        return Err(StoreError::ValidationFailed(vec![Fault::new("from", detail)]));
    }
    let events = rows.into_iter().map(|row| show(scope, row)).collect::<Result<_, _>>()?;
    let owner = scope.log;
    scope.list_read(events, Event::AuditExported { owner, person: None })
}

/// An event with the officer who did it, if it was one.
type RowShown = (AuditEventRow, Option<OfficerName>);

fn load(
    scope: &mut CouncilScope<'_>,
    criteria: &CouncilCriteria,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<RowShown>, StoreError> {
    // The policy filters by the council and the chain already. The filters are repeated here for readers of this query.
    let mut query = audit_events::table
        .left_join(
            officers::table.on(officers::council_id
                .eq(audit_events::owner_id)
                .and(officers::officer_id.nullable().eq(audit_events::actor_id))),
        )
        .filter(audit_events::owner_id.eq(scope.council_id().uuid()))
        .filter(audit_events::chain.eq(Chain::Platform))
        .order((audit_events::at.desc(), audit_events::event_id.desc()))
        .limit(limit)
        .select((AuditEventRow::as_select(), Option::<OfficerName>::as_select()))
        .into_boxed();
    if let Some(actor) = criteria.actor_id {
        query = query.filter(audit_events::actor_id.eq(actor));
    }
    if let Some(subject) = criteria.subject_id {
        query = query.filter(audit_events::subject_id.eq(subject));
    }
    if let Some(action) = &criteria.action {
        query = query.filter(audit_events::action.eq(action.clone()));
    }
    if let Some(outcome) = criteria.outcome {
        query = query.filter(audit_events::outcome.eq(outcome));
    }
    if let Some(from) = criteria.from {
        query = query.filter(audit_events::at.ge(from));
    }
    if let Some(until) = criteria.until {
        query = query.filter(audit_events::at.lt(until));
    }
    if let Some((at, id)) = after {
        let earlier = audit_events::at.lt(at);
        query = query.filter(earlier.or(audit_events::at.eq(at).and(audit_events::event_id.lt(id))));
    }
    Ok(query.load(scope.conn)?)
}

fn show(scope: &mut CouncilScope<'_>, (row, officer): RowShown) -> Result<CouncilAuditEvent, StoreError> {
    let council = scope.council_id().uuid();
    let reason = match &row.reason {
        Some(sealed) => Some(scope.root_key(council)?.open(reason_field(council, row.event_id), sealed)?),
        None => None,
    };
    Ok(CouncilAuditEvent {
        id: row.event_id,
        at: row.at,
        door: row.door,
        actor_id: row.actor_id.filter(|_| officer.is_none()),
        officer,
        roles: row.roles,
        client_id: row.client_id,
        session_id: row.session_id,
        action: row.action,
        subject_id: row.subject_id,
        reason,
        from_address: row.from_address,
        outcome: row.outcome,
        request_id: row.request_id,
    })
}
