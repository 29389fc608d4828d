//! The report of unusual access. A finding does not mean that somebody is at fault: most have a good reason, which somebody
//! asks for. It names the member of staff and the person, and nothing of what is in the record.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use almoner_domain::events::{Chain, Door, Event, EventKind, Outcome, UnusualAccess};
use almoner_domain::ids::{ServiceUserId, StaffId};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::words::name_keys::{LONGEST_PREFIX, forms, surname_forms};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{cases, search_tokens, service_users, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::search_tokens::token;
use crate::people::service_users::find_all;
use crate::staff::names::Worker;

/// The longest time that a report covers: a month, since a practice looks once a month.
pub const LONGEST: TimeDelta = TimeDelta::days(31);

/// The most findings of a report. A practice with more asks for a shorter time.
pub const MOST_FOUND: usize = 500;

/// The number of people whose records one member of staff opens in one day above which the report names it: more than the
/// whole caseload of a full-time worker (some 20 to 30), of which a day's work touches a few.
const BULK: i64 = 40;

/// The time after a case is closed in which its record is still read for it: letters, the outcome, a complaint's answer.
const AFTER_CLOSING: TimeDelta = TimeDelta::days(30);

/// The time before a case is opened in which its record is read for it: the referral, the first contact.
const BEFORE_OPENING: TimeDelta = TimeDelta::days(14);

/// A finding: access that somebody should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnusualFinding {
    /// The kind of unusual access.
    pub kind: UnusualAccess,
    /// The member of staff whose access was unusual.
    pub staff: Worker,
    /// The person whose record it was; left out where the finding is about many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// The number of people whose records were opened.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub people: i64,
    /// The number of events.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub events: i64,
    /// When the first event happened.
    pub first_at: DateTime<Utc>,
    /// When the last event happened.
    pub last_at: DateTime<Utc>,
}

/// The report of unusual access.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Unusual {
    /// The time from which the report covers events.
    pub from: DateTime<Utc>,
    /// The time until which the report covers events.
    pub until: DateTime<Utc>,
    /// The findings, by kind, the latest first.
    #[schema(max_items = 500)]
    pub items: Vec<UnusualFinding>,
    /// Whether there are more findings than are shown.
    pub more: bool,
}

/// The events of one member of staff on one person's record.
#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = sql_types::Uuid)]
    actor: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    person: Uuid,
    #[diesel(sql_type = sql_types::BigInt)]
    events: i64,
    #[diesel(sql_type = sql_types::Timestamptz)]
    first_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Timestamptz)]
    last_at: DateTime<Utc>,
}

/// The events of one member of staff on a day on which they opened many records.
#[derive(QueryableByName)]
struct Day {
    #[diesel(sql_type = sql_types::Uuid)]
    actor: Uuid,
    #[diesel(sql_type = sql_types::BigInt)]
    people: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    events: i64,
    #[diesel(sql_type = sql_types::Timestamptz)]
    first_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Timestamptz)]
    last_at: DateTime<Utc>,
}

/// The kinds of event for a records officer's queries of the log itself.
const ASKED_OF_THE_LOG: [EventKind; 4] = [
    EventKind::AuditListed,
    EventKind::AuditExported,
    EventKind::AuditUnusualListed,
    EventKind::ServiceUserReadersListed,
];

/// Selects what staff did with people's records, without the queries of the log itself.
const DONE_BY_STAFF: &str = "FROM audit_events
    WHERE owner_id = $1 AND at >= $2 AND at < $3 AND chain = $4 AND door = $5 AND outcome = $6 AND action <> ALL ($7)
        AND actor_id IS NOT NULL AND service_user_id IS NOT NULL";

/// Finds the unusual access between two times.
pub fn unusual(
    scope: &mut PracticeScope<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<OnRecord<Unusual>, StoreError> {
    let practice = scope.practice_id();
    let pairs: Vec<Pair> = diesel::sql_query(format!(
        "SELECT actor_id AS actor, service_user_id AS person, count(*) AS events, min(at) AS first_at, max(at) AS last_at
         {DONE_BY_STAFF} GROUP BY actor_id, service_user_id"
    ))
    .bind::<sql_types::Uuid, _>(practice.uuid())
    .bind::<sql_types::Timestamptz, _>(from)
    .bind::<sql_types::Timestamptz, _>(until)
    .bind::<sql_types::Text, _>(Chain::Practice)
    .bind::<sql_types::Text, _>(Door::Practice)
    .bind::<sql_types::Text, _>(Outcome::Done)
    .bind::<sql_types::Array<sql_types::Text>, _>(ASKED_OF_THE_LOG.map(EventKind::as_str).as_slice())
    .load(scope.conn)?;
    let days: Vec<Day> = diesel::sql_query(format!(
        "SELECT actor_id AS actor, count(DISTINCT service_user_id) AS people, count(*) AS events, min(at) AS first_at,
             max(at) AS last_at
         {DONE_BY_STAFF} GROUP BY actor_id, (at AT TIME ZONE 'Europe/London')::date
         HAVING count(DISTINCT service_user_id) > $8"
    ))
    .bind::<sql_types::Uuid, _>(practice.uuid())
    .bind::<sql_types::Timestamptz, _>(from)
    .bind::<sql_types::Timestamptz, _>(until)
    .bind::<sql_types::Text, _>(Chain::Practice)
    .bind::<sql_types::Text, _>(Door::Practice)
    .bind::<sql_types::Text, _>(Outcome::Done)
    .bind::<sql_types::Array<sql_types::Text>, _>(ASKED_OF_THE_LOG.map(EventKind::as_str).as_slice())
    .bind::<sql_types::BigInt, _>(BULK)
    .load(scope.conn)?;

    let rows: Vec<(StaffId, String)> =
        staff::table.filter(staff::practice_id.eq(practice)).select((staff::staff_id, staff::name)).load(scope.conn)?;
    let names: HashMap<Uuid, String> = rows.into_iter().map(|(id, name)| (id.uuid(), name)).collect();
    let member = |id: Uuid| Worker { id: id.into(), name: names.get(&id).cloned().unwrap_or_default() };
    let found = |kind, pair: &Pair| UnusualFinding {
        kind,
        staff: member(pair.actor),
        service_user_id: Some(pair.person.into()),
        people: 1,
        events: pair.events,
        first_at: pair.first_at,
        last_at: pair.last_at,
    };
    let namesakes = namesakes(scope, &pairs, &names)?;
    let cases = Cases::of(scope, &pairs)?;
    let mut items: Vec<UnusualFinding> = Vec::new();
    items.extend(
        pairs
            .iter()
            .filter(|pair| namesakes.contains(&(pair.actor, pair.person)))
            .map(|pair| found(UnusualAccess::OwnSurname, pair)),
    );
    let neighbours = neighbours(scope, &pairs)?;
    items.extend(
        pairs
            .iter()
            .filter(|pair| neighbours.contains(&(pair.actor, pair.person)))
            .map(|pair| found(UnusualAccess::SameAddress, pair)),
    );
    items.extend(pairs.iter().filter(|pair| !cases.explain(pair)).map(|pair| found(UnusualAccess::NoOpenCase, pair)));
    items.extend(days.into_iter().map(|day| UnusualFinding {
        kind: UnusualAccess::Bulk,
        staff: member(day.actor),
        service_user_id: None,
        people: day.people,
        events: day.events,
        first_at: day.first_at,
        last_at: day.last_at,
    }));
    items.sort_by_key(|item| (item.kind, std::cmp::Reverse(item.last_at), item.staff.id, item.service_user_id));
    let more = items.len() > MOST_FOUND;
    items.truncate(MOST_FOUND);
    scope.record_read(Unusual { from, until, items, more }, Event::AuditUnusualListed { practice })
}

/// The pairs in which the person's family name has the surname of the member of staff, or a part of it, however either is
/// divided into words: `Smith-Jones` is compared with `Smith`, with `Jones` and with `Smithjones`.
fn namesakes(
    scope: &mut PracticeScope<'_>,
    pairs: &[Pair],
    names: &HashMap<Uuid, String>,
) -> Result<HashSet<(Uuid, Uuid)>, StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let actors: BTreeSet<Uuid> = pairs.iter().map(|pair| pair.actor).collect();
    let mut surnames: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for actor in actors {
        surnames.insert(actor, names.get(&actor).map(|name| surname_forms(name)).unwrap_or_default());
    }
    // The beginnings of names are among the search tokens, so the tokens narrow down which records are opened to compare.
    let mut tokens: HashMap<Vec<u8>, Vec<Uuid>> = HashMap::new();
    for (actor, forms) in &surnames {
        for form in forms.iter().filter(|form| form.chars().count() > 1) {
            let beginning = SearchKey::NameBeginning(form.chars().take(LONGEST_PREFIX).collect());
            tokens.entry(token(&root, &beginning)).or_default().push(*actor);
        }
    }
    let wanted: Vec<&Vec<u8>> = tokens.keys().collect();
    if wanted.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(Vec<u8>, ServiceUserId)> = search_tokens::table
        .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(wanted)))
        .select((search_tokens::token, search_tokens::service_user_id))
        .load(scope.conn)?;
    let seen: HashSet<(Uuid, Uuid)> = pairs.iter().map(|pair| (pair.actor, pair.person)).collect();
    let mut likely: Vec<(Uuid, ServiceUserId)> = rows
        .iter()
        .flat_map(|(token, person)| tokens.get(token).into_iter().flatten().map(|actor| (*actor, *person)))
        .filter(|(actor, person)| seen.contains(&(*actor, person.uuid())))
        .collect();
    likely.sort_unstable();
    likely.dedup();
    let mut people: Vec<ServiceUserId> = likely.iter().map(|(_, person)| *person).collect();
    people.sort_unstable();
    people.dedup();
    let family_names: HashMap<ServiceUserId, Vec<String>> = find_all(scope, &people)?
        .into_iter()
        .map(|person| (person.id, forms(person.details.family_name.as_str())))
        .collect();
    Ok(likely
        .into_iter()
        .filter(|(actor, person)| {
            let own = surnames.get(actor).map(Vec::as_slice).unwrap_or_default();
            family_names.get(person).is_some_and(|names| names.iter().any(|name| own.contains(name)))
        })
        .map(|(actor, person)| (actor, person.uuid()))
        .collect())
}

/// The pairs in which both live in the same postcode.
fn neighbours(scope: &mut PracticeScope<'_>, pairs: &[Pair]) -> Result<HashSet<(Uuid, Uuid)>, StoreError> {
    let practice = scope.practice_id();
    let actors: Vec<StaffId> = pairs.iter().map(|pair| pair.actor.into()).collect();
    let people: Vec<ServiceUserId> = pairs.iter().map(|pair| pair.person.into()).collect();
    let rows: Vec<(StaffId, ServiceUserId)> = staff::table
        .inner_join(
            search_tokens::table.on(search_tokens::practice_id
                .eq(staff::practice_id)
                .and(search_tokens::token.nullable().eq(staff::home_postcode_token))),
        )
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(actors)))
        .filter(search_tokens::service_user_id.eq_any(people))
        .select((staff::staff_id, search_tokens::service_user_id))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(member, person)| (member.uuid(), person.uuid())).collect())
}

/// The times between which a case was open. The second is `None` if it still is.
type Open = (DateTime<Utc>, Option<DateTime<Utc>>);

/// The times at which the people had open cases, as far as the officer may see them.
struct Cases {
    people: HashSet<Uuid>,
    open: HashMap<Uuid, Vec<Open>>,
}

impl Cases {
    fn of(scope: &mut PracticeScope<'_>, pairs: &[Pair]) -> Result<Self, StoreError> {
        let practice = scope.practice_id();
        let mut ids: Vec<ServiceUserId> = pairs.iter().map(|pair| pair.person.into()).collect();
        ids.sort_unstable();
        ids.dedup();
        let people: Vec<ServiceUserId> = service_users::table
            .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq_any(&ids)))
            .select(service_users::service_user_id)
            .load(scope.conn)?;
        let rows: Vec<(ServiceUserId, DateTime<Utc>, Option<DateTime<Utc>>)> = cases::table
            .filter(cases::practice_id.eq(practice).and(cases::service_user_id.eq_any(&ids)))
            .select((cases::service_user_id, cases::opened_at, cases::closed_at))
            .load(scope.conn)?;
        let mut open: HashMap<Uuid, Vec<_>> = HashMap::new();
        for (person, opened, closed) in rows {
            open.entry(person.uuid()).or_default().push((opened, closed));
        }
        Ok(Self { people: people.into_iter().map(ServiceUserId::uuid).collect(), open })
    }

    /// Whether a case was open from the first event to the last, or nearly so. A person whom the officer may not see is not
    /// judged, because their cases are not seen either.
    fn explain(&self, pair: &Pair) -> bool {
        let near = |(opened, closed): &Open| {
            *opened <= pair.first_at + BEFORE_OPENING
                && closed.is_none_or(|closed| closed + AFTER_CLOSING >= pair.last_at)
        };
        !self.people.contains(&pair.person) || self.open.get(&pair.person).is_some_and(|cases| cases.iter().any(near))
    }
}
