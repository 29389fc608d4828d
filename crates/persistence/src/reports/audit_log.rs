//! A records officer's queries of the practice's log. The row policies keep complaints out of it, and everybody from whom
//! the officer is excluded.

use std::collections::{BTreeSet, HashSet};

use almoner_domain::events::{Chain, Door, Event, EventKind, Outcome};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::closed_list::one_of;
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::dsl::not;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::ground::audit::reason_field;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{audit_events, councils, referrals, service_users as people, staff};
use crate::ground::scope::PracticeScope;
use crate::people::service_users;
use crate::staff::names::Worker;
use crate::tenancy::councils::CouncilName;

/// The most events of one export: as many as a practice of thirty has in a month, and no more than fit into memory.
pub const MOST_EXPORTED: usize = 20_000;

/// The criteria for audit events. An event must match all that are given.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// The person whom the events are about, or whom a referral is about that they are about.
    pub service_user_id: Option<ServiceUserId>,
    /// The member of staff who caused the events.
    pub staff_id: Option<StaffId>,
    /// The kind of event.
    pub action: Option<String>,
    /// The outcome of the events.
    pub outcome: Option<Outcome>,
    /// The time from which events are included.
    pub from: Option<DateTime<Utc>>,
    /// The time before which events are included.
    pub until: Option<DateTime<Utc>>,
}

/// An audit event: an operation that was done or refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// The identifier of the event.
    pub id: Uuid,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The door at which the caller came in.
    pub door: Door,
    /// The member of staff whose doing it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<Worker>,
    /// The identifier of the actor, where that is no member of staff but a client or an operator's account; what the service does by
    /// itself has neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// The council whose officer it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// The roles of the member of staff or the officer at that moment.
    #[schema(max_items = 9, value_type = Vec<RoleThen>)]
    pub roles: Vec<String>,
    /// The client through which the caller acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// The session in which the caller acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Uuid>,
    /// The kind of event, such as `case.read`. For a refusal it is the permission, such as `cases.read`.
    #[schema(max_length = 60, pattern = "^[a-z_]+(\\.[a-z_]+)*$")]
    pub action: String,
    /// The resource that the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
    /// The person whom the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<Uuid>,
    /// The reason that the caller gave, where one was wanted. But for that of break-glass access, it is left out where the
    /// person's record is not open to who asks.
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

/// A caller who read or changed a person's record, as the person is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reader {
    /// When the record was read or changed.
    pub at: DateTime<Utc>,
    /// The member of staff. Absent for a council and for the service itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<Worker>,
    /// The council, where one of its officers read what it had sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// Their roles at that moment, at the practice or at the council.
    #[schema(max_items = 9, value_type = Vec<RoleThen>)]
    pub roles: Vec<String>,
    /// The door at which the caller came in.
    pub door: Door,
    /// The kind of event, such as `case.read`.
    #[schema(max_length = 60, pattern = "^[a-z_]+(\\.[a-z_]+)*$")]
    pub action: String,
    /// The reason that the caller gave for break-glass access. Other reasons may name somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Passage<4000>>)]
    pub reason: Option<String>,
    /// Whether the operation was done or refused.
    pub outcome: Outcome,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = audit_events)]
pub(super) struct AuditEventRow {
    pub(super) event_id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) door: Door,
    pub(super) actor_id: Option<Uuid>,
    pub(super) action: String,
    pub(super) subject_id: Option<Uuid>,
    service_user_id: Option<Uuid>,
    pub(super) request_id: Uuid,
    pub(super) roles: Vec<String>,
    pub(super) client_id: Option<Uuid>,
    pub(super) session_id: Option<Uuid>,
    pub(super) reason: Option<Vec<u8>>,
    pub(super) from_address: Option<String>,
    pub(super) outcome: Outcome,
}

/// Lists a page of events, the newest first. The query itself is recorded as an event.
pub fn list(
    scope: &mut PracticeScope<'_>,
    criteria: &Criteria,
    paging: &Paging,
) -> Result<OnRecord<Page<AuditEvent>>, StoreError> {
    let rows = load(scope, criteria, paging.after_key::<DateTime<Utc>>()?, paging.fetch())?;
    let page = paging.page(rows, key);
    let items = show(scope, page.items)?;
    let page = Page { items, next_cursor: page.next_cursor };
    let owner = scope.log;
    scope.list_read(page, Event::AuditListed { owner, person: criteria.service_user_id })
}

/// Every event that fits, the newest first; a fault where that is more than [`MOST_EXPORTED`].
pub fn export(scope: &mut PracticeScope<'_>, criteria: &Criteria) -> Result<OnRecord<Vec<AuditEvent>>, StoreError> {
    let most = i64::try_from(MOST_EXPORTED).unwrap_or(i64::MAX);
    let rows = load(scope, criteria, None, most.saturating_add(1))?;
    if rows.len() > MOST_EXPORTED {
        let detail = format!("must leave at most {MOST_EXPORTED} events: choose a later day, or set until");
        return Err(StoreError::ValidationFailed(vec![Fault::new("from", detail)]));
    }
    let events = show(scope, rows)?;
    let owner = scope.log;
    scope.list_read(events, Event::AuditExported { owner, person: criteria.service_user_id })
}

/// Lists the callers who read or changed a person's record, or were refused it, the newest first. A referral about the person
/// belongs to the record, also while nobody knew yet whose it was.
pub fn readers(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<Reader>>, StoreError> {
    service_users::find(scope, person)?;
    let criteria = Criteria { service_user_id: Some(person), ..Criteria::default() };
    let rows = load(scope, &criteria, paging.after_key::<DateTime<Utc>>()?, paging.fetch())?;
    let page = paging.page(rows, key);
    let items = show(scope, page.items)?
        .into_iter()
        .map(|event| Reader {
            at: event.at,
            staff: event.staff,
            council: event.council,
            roles: event.roles,
            door: event.door,
            reason: event.reason.filter(|_| is_told_to_all(&event.action)),
            action: event.action,
            outcome: event.outcome,
        })
        .collect();
    let page = Page { items, next_cursor: page.next_cursor };
    scope.list_read(page, Event::ServiceUserReadersListed { person })
}

fn key((row, ..): &RowShown) -> String {
    key_of(row)
}

/// The cursor after an event.
pub(super) fn key_of(row: &AuditEventRow) -> String {
    format!("{}|{}", row.at.to_rfc3339_opts(SecondsFormat::Micros, true), row.event_id)
}

/// The newest events that fit, whomever they are about.
macro_rules! newest {
    ($scope:expr, $criteria:expr, $after:expr, $limit:expr) => {{
        let sent = diesel::alias!(referrals as sent_referrals);
        // The policy filters by the chain already. The filter is repeated here for readers of this query.
        let mut query = audit_events::table
            .left_join(
                staff::table.on(staff::practice_id
                    .eq(audit_events::owner_id)
                    .and(staff::staff_id.nullable().eq(audit_events::actor_id))),
            )
            // Of what a council did with a referral, which council it was.
            .left_join(
                sent.on(audit_events::door
                    .eq(Door::Council)
                    .and(sent.field(referrals::practice_id).eq(audit_events::owner_id))
                    .and(sent.field(referrals::referral_id).nullable().eq(audit_events::subject_id))),
            )
            .left_join(
                councils::table.on(councils::council_id.nullable().eq(sent.field(referrals::council_id).nullable())),
            )
            .filter(audit_events::owner_id.eq($scope.practice_id().uuid()))
            .filter(audit_events::chain.eq(Chain::Practice))
            .order((audit_events::at.desc(), audit_events::event_id.desc()))
            .limit($limit)
            .select((AuditEventRow::as_select(), Option::<Worker>::as_select(), Option::<CouncilName>::as_select()))
            .into_boxed();
        if let Some(member) = $criteria.staff_id {
            query = query.filter(audit_events::actor_id.eq(member.uuid()));
        }
        if let Some(action) = &$criteria.action {
            query = query.filter(audit_events::action.eq(action.clone()));
        }
        if let Some(outcome) = $criteria.outcome {
            query = query.filter(audit_events::outcome.eq(outcome));
        }
        if let Some(from) = $criteria.from {
            query = query.filter(audit_events::at.ge(from));
        }
        if let Some(until) = $criteria.until {
            query = query.filter(audit_events::at.lt(until));
        }
        if let Some((at, id)) = $after {
            let earlier = audit_events::at.lt(at);
            query = query.filter(earlier.or(audit_events::at.eq(at).and(audit_events::event_id.lt(id))));
        }
        query
    }};
}

/// An event with the member of staff who did it, or the council.
type RowShown = (AuditEventRow, Option<Worker>, Option<CouncilName>);

/// The referrals that are known today to be about a person, as far as they are open to the caller.
macro_rules! referrals_about {
    ($scope:expr, $person:expr) => {
        referrals::table
            .filter(referrals::practice_id.eq($scope.practice_id()).and(referrals::service_user_id.eq($person)))
            .select(referrals::referral_id.nullable())
    };
}

/// Loads the newest events that fit. The indexes by person and by referral have the events that are sealed already: those of the
/// last seconds are looked for among the few that are not. What was done with a referral before it was known whom it is about
/// names nobody, and is found by the referral.
fn load(
    scope: &mut PracticeScope<'_>,
    criteria: &Criteria,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<RowShown>, StoreError> {
    let Some(person) = criteria.service_user_id else {
        return Ok(newest!(scope, criteria, after, limit).load(scope.conn)?);
    };
    let names_nobody = audit_events::service_user_id.is_null();
    let sealed = newest!(scope, criteria, after, limit)
        .filter(audit_events::sealed)
        .filter(audit_events::service_user_id.eq(person.uuid()));
    let sealed_before = newest!(scope, criteria, after, limit)
        .filter(audit_events::sealed)
        .filter(names_nobody.and(audit_events::subject_id.eq_any(referrals_about!(scope, person))));
    let mut rows: Vec<RowShown> = newest!(scope, criteria, after, limit)
        .filter(not(audit_events::sealed))
        .filter(
            audit_events::service_user_id
                .eq(person.uuid())
                .or(names_nobody.and(audit_events::subject_id.eq_any(referrals_about!(scope, person)))),
        )
        .union_all(sealed)
        .union_all(sealed_before)
        .load(scope.conn)?;
    rows.sort_by_key(|(row, ..)| std::cmp::Reverse((row.at, row.event_id)));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// Whether a reason is told to whoever reads of the event: that of break-glass access is. Any other may say what stands in the
/// record, or name somebody, and is read with the record, by those to whom the record is open.
fn is_told_to_all(action: &str) -> bool {
    action == EventKind::BreakGlassOpened.as_str()
}

/// The people whose records are open to the caller, among those of whom such a reason is kept.
fn open_to_the_caller(scope: &mut PracticeScope<'_>, rows: &[RowShown]) -> Result<HashSet<Uuid>, StoreError> {
    let of =
        |(row, ..): &RowShown| row.service_user_id.filter(|_| row.reason.is_some() && !is_told_to_all(&row.action));
    let named: Vec<Uuid> = rows.iter().filter_map(of).collect();
    if named.is_empty() {
        return Ok(HashSet::new());
    }
    let open: Vec<Uuid> = people::table
        .filter(people::practice_id.eq(scope.practice_id()).and(people::service_user_id.eq_any(named)))
        .select(people::service_user_id)
        .load(scope.conn)?;
    Ok(open.into_iter().collect())
}

/// A role that somebody had at that moment: at the practice, or at the council that sent a referral.
pub struct RoleThen;

impl PartialSchema for RoleThen {
    fn schema() -> RefOr<Schema> {
        let staff = Role::ALL.iter().map(|role| role.as_str());
        let officers = OfficerRole::ALL.iter().map(|role| role.as_str());
        let words: BTreeSet<&str> = staff.chain(officers).collect();
        one_of("A role at the practice, or at the council.", &words.into_iter().collect::<Vec<_>>()).into()
    }
}

impl ToSchema for RoleThen {}

fn show(scope: &mut PracticeScope<'_>, rows: Vec<RowShown>) -> Result<Vec<AuditEvent>, StoreError> {
    let practice = scope.practice_id();
    let open = open_to_the_caller(scope, &rows)?;
    rows.into_iter()
        .map(|(row, staff, council)| {
            let is_open = row.service_user_id.is_some_and(|person| open.contains(&person));
            let reason = match &row.reason {
                Some(_) if !is_told_to_all(&row.action) && !is_open => None,
                Some(sealed) => {
                    let place = reason_field(practice.uuid(), row.event_id);
                    Some(scope.root_key(practice.uuid())?.open(place, sealed)?)
                }
                None => None,
            };
            Ok(AuditEvent {
                id: row.event_id,
                at: row.at,
                door: row.door,
                actor_id: row.actor_id.filter(|_| staff.is_none()),
                staff,
                council,
                roles: row.roles,
                client_id: row.client_id,
                session_id: row.session_id,
                action: row.action,
                subject_id: row.subject_id,
                service_user_id: row.service_user_id,
                reason,
                from_address: row.from_address,
                outcome: row.outcome,
                request_id: row.request_id,
            })
        })
        .collect()
}
