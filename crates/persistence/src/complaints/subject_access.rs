//! What the council tells a person who asks what it has of them: when their record at a practice was open for looking into complaints, and
//! who read it. It names no complaint and nobody who complained.

use std::collections::{BTreeMap, HashMap};

use almoner_domain::complaints::complaint::PersonConcerned;
use almoner_domain::events::{Chain, Event, EventKind, Outcome};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, CouncilId, OfficerId, PracticeId, RecordOpeningId, ServiceUserId};
use almoner_domain::words::closed_list::one_of;
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;
use uuid::Uuid;

use super::lodging::match_person;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{audit_events, complaint_record_openings, guests, officers, practices};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::ground::transaction::setting;

/// The most openings of a person's record that are listed.
const MOST_OPENINGS: i64 = 200;

/// A person of whom it is asked when their record was open.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "practice": "severn-social-work",
    "person": { "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" },
}))]
pub struct WhoseRecord {
    /// The practice at which the record is.
    pub practice: Slug,
    /// The person. What is written must fit exactly one record there: a name with a date of birth or an NHS number.
    pub person: PersonConcerned,
}

/// When a person's record was open for looking into complaints.
#[derive(Clone, Serialize, ToSchema)]
pub struct RecordOpenings {
    /// The times, the latest first.
    #[schema(max_items = 200)]
    pub items: Vec<OpeningOfRecord>,
}

/// A time for which a person's record was open for looking into a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct OpeningOfRecord {
    /// The first day of the period that was looked into.
    pub from: NaiveDate,
    /// The last day of the period.
    pub until: NaiveDate,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The officer who opened it.
    #[schema(value_type = Line<200>)]
    pub opened_by: String,
    /// When it was closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who read what of it.
    #[schema(max_items = 400)]
    pub readings: Vec<ReadingOfRecord>,
}

/// How often somebody read a part of a record.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReadingOfRecord {
    /// The name of whoever read it.
    #[schema(value_type = Line<200>)]
    pub by: String,
    /// What they read: the details with cases, referrals and the names of documents, or notes.
    #[schema(schema_with = parts)]
    pub what: &'static str,
    /// When they first read it.
    pub first_at: DateTime<Utc>,
    /// When they last read it.
    pub last_at: DateTime<Utc>,
    /// The number of times.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub times: u32,
}

fn parts() -> Object {
    one_of("What was read of a record.", &["details", "notes"])
}

/// Lists when the record of a person was open for looking into complaints of this council, and who read it: that is on record itself. Where
/// nobody fits, or more than one record does, nothing is found: a council does not learn from it of whom a practice has a record.
pub fn list(scope: &mut ComplaintsScope<'_>, with: &WhoseRecord) -> Result<OnRecord<RecordOpenings>, StoreError> {
    scope.officer()?;
    let council = scope.council_id();
    let birth = with.person.birth().fault(scope.today());
    StoreError::unless_faulty(birth.map(|fault| Fault::new("/person/date_of_birth", fault)).into_iter().collect())?;
    let practice: Option<PracticeId> = practices::table
        .filter(practices::slug.eq(&with.practice))
        .select(practices::practice_id)
        .first(scope.conn)
        .optional()?;
    let Some(practice) = practice else {
        return Err(vec![Fault::new("/practice", "is not the name of a practice that uses the service")].into());
    };
    let own = Some(Tenant::Council(council));
    let settings = [setting("app.practice", practice.uuid())];
    let person = scope.at_intake_with(own, &settings, |scope| match_person(scope, practice, &with.person))?;
    let items = match person {
        Some(person) => scope.as_identity(|scope| openings(scope, council, practice, person))?,
        None => Vec::new(),
    };
    let person = person.map_or(Uuid::nil(), ServiceUserId::uuid);
    scope.record_read(RecordOpenings { items }, Event::ComplaintRecordOpeningsListed { person })
}

type Opening =
    ((RecordOpeningId, ComplaintId), (NaiveDate, NaiveDate), OfficerId, DateTime<Utc>, Option<DateTime<Utc>>);

fn openings(
    scope: &mut Scope<'_>,
    council: CouncilId,
    practice: PracticeId,
    person: ServiceUserId,
) -> Result<Vec<OpeningOfRecord>, StoreError> {
    let rows: Vec<Opening> = complaint_record_openings::table
        .filter(complaint_record_openings::council_id.eq(council))
        .filter(complaint_record_openings::practice_id.eq(practice))
        .filter(complaint_record_openings::service_user_id.eq(person))
        .order(complaint_record_openings::opening_id.desc())
        .limit(MOST_OPENINGS)
        .select((
            (complaint_record_openings::opening_id, complaint_record_openings::complaint_id),
            (complaint_record_openings::from_on, complaint_record_openings::until_on),
            complaint_record_openings::opened_by,
            complaint_record_openings::opened_at,
            complaint_record_openings::closed_at,
        ))
        .load(scope.conn)?;
    let complaints: Vec<Uuid> = rows.iter().map(|((_, complaint), ..)| complaint.uuid()).collect();
    let read: Vec<(Uuid, String, Option<Uuid>, DateTime<Utc>)> = audit_events::table
        .filter(audit_events::owner_id.eq(council.uuid()).and(audit_events::chain.eq(Chain::Complaints)))
        .filter(audit_events::subject_id.eq_any(complaints).and(audit_events::service_user_id.is_null()))
        .filter(audit_events::outcome.eq(Outcome::Done))
        .filter(audit_events::action.eq_any([EventKind::ComplaintRecordRead, EventKind::ComplaintRecordNotesRead]))
        .order(audit_events::at)
        .select((
            audit_events::subject_id.assume_not_null(),
            audit_events::action,
            audit_events::actor_id,
            audit_events::at,
        ))
        .load(scope.conn)?;
    let mut people: Vec<Uuid> = read.iter().filter_map(|(_, _, by, _)| *by).collect();
    people.extend(rows.iter().map(|(_, _, by, ..)| by.uuid()));
    let names = names(scope, council, &people)?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| "Somebody who works on complaints".to_owned());
    let shown = |((_, complaint), (from, until), opened_by, opened_at, closed_at): Opening| {
        let mut times: BTreeMap<(String, &'static str), ReadingOfRecord> = BTreeMap::new();
        let of_this = read.iter().filter(|(of, _, _, at)| {
            *of == complaint.uuid() && *at >= opened_at && closed_at.is_none_or(|closed| *at <= closed)
        });
        for (_, kind, by, at) in of_this {
            let by = name(by.unwrap_or_default());
            let what = if kind == EventKind::ComplaintRecordRead.as_str() { "details" } else { "notes" };
            let reading = ReadingOfRecord { by: by.clone(), what, first_at: *at, last_at: *at, times: 0 };
            let known = times.entry((by, what)).or_insert(reading);
            (known.last_at, known.times) = (*at, known.times + 1);
        }
        let readings = times.into_values().collect();
        OpeningOfRecord { from, until, opened_at, opened_by: name(opened_by.uuid()), closed_at, readings }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The names of those of these who are officers or guests of the council.
fn names(scope: &mut Scope<'_>, council: CouncilId, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
    let officers: Vec<(Uuid, String)> = officers::table
        .filter(officers::council_id.eq(council).and(officers::officer_id.eq_any(ids)))
        .select((officers::officer_id, officers::name))
        .load(scope.conn)?;
    let guests: Vec<(Uuid, String)> = guests::table
        .filter(guests::council_id.eq(council).and(guests::guest_id.eq_any(ids)))
        .select((guests::guest_id, guests::name))
        .load(scope.conn)?;
    Ok(officers.into_iter().chain(guests).collect())
}
