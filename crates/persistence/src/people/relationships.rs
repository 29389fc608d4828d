//! What people are to one another. A relationship of two who have a record is one row, which both sides see, and nobody who may not see
//! both.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{KeyId, ReferralId, RelationshipId, ServiceUserId};
use almoner_domain::people::facts::FactSource;
use almoner_domain::people::flags::Flags;
use almoner_domain::people::relationship::{RelationshipEnd, RelationshipKept, RelationshipSaid, SaidBefore};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::date;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{relationships, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::about::about;
use crate::people::service_users::{self, ServiceUser};
use crate::staff::names::Worker;

/// What one person is to another, seen from the person in whose record it is read.
#[derive(Clone, Serialize, ToSchema)]
pub struct Relationship {
    /// The identifier of the relationship, the same from both sides.
    pub id: RelationshipId,
    /// The name of the other, as it is said.
    #[schema(value_type = Line<500>)]
    pub name: String,
    /// The flags of the other's record, if they have one, which a visitor must see first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Flags>,
    /// What is said of the relationship.
    #[serde(flatten)]
    pub said: RelationshipSaid,
    /// Whether an authority is claimed whose document nobody has seen.
    pub unproven: bool,
    /// The source of it.
    pub source: FactSource,
    /// The referral that said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// When it was written down.
    pub written_at: DateTime<Utc>,
    /// The member of staff who wrote it down.
    pub written_by: Worker,
    /// How it ended; left out while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<RelationshipEnded>,
    /// What was said of it before, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub before: Vec<SaidBefore>,
    /// The version of the relationship, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    /// Whether it was written in the record of the other.
    #[serde(skip)]
    is_swapped: bool,
    #[serde(skip)]
    key_id: KeyId,
}

/// How a relationship ended.
#[derive(Clone, Serialize, ToSchema)]
pub struct RelationshipEnded {
    /// The reason why it is shown as ended.
    pub because: RelationshipEnd,
    /// The day on which it ended.
    pub on: NaiveDate,
    /// When that was recorded.
    pub at: DateTime<Utc>,
    /// The member of staff who recorded it.
    pub by: Worker,
}

/// An end of a relationship.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "over", "on": "2026-11-18" }))]
pub struct EndRelationship {
    /// The reason why it is to be shown as ended.
    pub because: RelationshipEnd,
    /// The day on which it ended; today, if left out.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
}

pub(super) fn sealed_field(scope: &PracticeScope<'_>, id: RelationshipId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "relationships", column: "content", row: id.uuid() }
}

/// Finds the record of the other, if a relationship is with somebody who has one that the caller may see.
fn other(scope: &mut PracticeScope<'_>, said: &RelationshipSaid) -> Result<Option<ServiceUser>, StoreError> {
    let found = said.service_user_id.map(|id| service_users::find(scope, id)).transpose();
    found.map_err(|error| error.unless_found("/service_user_id"))
}

/// Writes down what somebody is to a person, as the practice found it out or a referral said it.
pub(crate) fn create_from(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    said: &RelationshipSaid,
    referral: Option<ReferralId>,
) -> Result<RelationshipId, StoreError> {
    StoreError::unless_faulty(said.faults(person.id, scope.today()))?;
    let other = other(scope, said)?;
    let practice = scope.practice_id();
    let id: RelationshipId = scope.next_id();
    let kept = RelationshipKept { said: said.clone().without_other(), before: Vec::new() };
    let content = person.key(scope, practice.uuid())?.seal(sealed_field(scope, id), &kept)?;
    let about_other = other.as_ref().map(ServiceUser::about);
    diesel::insert_into(relationships::table)
        .values((
            relationships::practice_id.eq(practice),
            relationships::relationship_id.eq(id),
            about!(relationships, person.about()),
            relationships::other_service_user_id.eq(about_other.map(|other| other.service_user_id)),
            relationships::other_access_restricted.eq(about_other.map(|other| other.access_restricted)),
            relationships::other_team_id.eq(about_other.map(|other| other.team_id)),
            relationships::key_id.eq(person.key_id),
            relationships::content.eq(content),
            relationships::referral_id.eq(referral),
            relationships::written_by.eq(scope.staff_id()),
            relationships::written_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/service_user_id"))?;
    for about in [Some(person.id), other.map(|other| other.id)].into_iter().flatten() {
        scope.record(Event::RelationshipWritten { relationship: id, person: about })?;
    }
    Ok(id)
}

/// Writes down what somebody is to a person.
pub fn create(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    said: &RelationshipSaid,
) -> Result<Relationship, StoreError> {
    let known = service_users::find(scope, person)?;
    let id = create_from(scope, &known, said, None)?;
    find(scope, person, id)
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = relationships)]
pub(super) struct Row {
    pub(super) relationship_id: RelationshipId,
    pub(super) service_user_id: ServiceUserId,
    pub(super) other_service_user_id: Option<ServiceUserId>,
    pub(super) key_id: KeyId,
    pub(super) content: Vec<u8>,
    referral_id: Option<ReferralId>,
    written_at: DateTime<Utc>,
    ended_because: Option<RelationshipEnd>,
    ended_on: Option<NaiveDate>,
    ended_at: Option<DateTime<Utc>>,
    version: i32,
}

/// The relationships of a person, on whichever side they are: an index finds each side.
macro_rules! of_person {
    ($scope:expr, $person:expr) => {{
        let side = Some($person);
        relationships::table.filter(relationships::practice_id.eq($scope.practice_id())).filter(
            relationships::service_user_id.nullable().eq(side).or(relationships::other_service_user_id.eq(side)),
        )
    }};
}
pub(super) use of_person;

/// A row with the names of those who wrote and ended it, and with its keys.
type RowShown = (Row, Worker, Option<Worker>, WrappedKeys);

/// The same, as they are shown.
macro_rules! shown {
    ($scope:expr, $person:expr) => {{
        let (writer, ender) = diesel::alias!(staff as writer, staff as ender);
        let is_writer = writer
            .field(staff::practice_id)
            .eq(relationships::practice_id)
            .and(writer.field(staff::staff_id).eq(relationships::written_by));
        let is_ender = ender
            .field(staff::practice_id)
            .eq(relationships::practice_id)
            .and(ender.field(staff::staff_id).nullable().eq(relationships::ended_by));
        of_person!($scope, $person).inner_join(writer.on(is_writer)).left_join(ender.on(is_ender)).select((
            Row::as_select(),
            writer.fields((staff::staff_id, staff::name)),
            ender.fields((staff::staff_id, staff::name)).nullable(),
            wrapped_keys!(relationships, $scope.practice_id().uuid()),
        ))
    }};
}

/// Finds one relationship of a person.
pub fn find(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    id: RelationshipId,
) -> Result<Relationship, StoreError> {
    let row: RowShown = shown!(scope, person).filter(relationships::relationship_id.eq(id)).first(scope.conn)?;
    show(scope, person, vec![row])?.pop().ok_or(StoreError::NotFound)
}

/// One relationship, for somebody who reads it: the reading is on record too.
pub fn read(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    id: RelationshipId,
) -> Result<OnRecord<Relationship>, StoreError> {
    let found = find(scope, person, id)?;
    scope.record_read(found, Event::RelationshipRead { relationship: id, person })
}

/// Lists the relationships of a person, the newest first: those that hold, or with those that ended.
pub fn list(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    with_ended: bool,
    paging: &Paging,
) -> Result<OnRecord<Page<Relationship>>, StoreError> {
    let rows: Vec<RowShown> = shown!(scope, person)
        .filter(relationships::ended_at.is_null().or(with_ended.into_sql::<diesel::sql_types::Bool>()))
        .filter(relationships::relationship_id.lt(RelationshipId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(relationships::relationship_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, ..)| row.relationship_id.uuid());
    let next = page.next_cursor;
    let items = show(scope, person, page.items)?;
    scope.list_read(Page { items, next_cursor: next }, Event::RelationshipsRead { person })
}

/// Opens rows, each seen from the person, whom the caller must see.
fn show(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    rows: Vec<RowShown>,
) -> Result<Vec<Relationship>, StoreError> {
    let people = around(scope, person, rows.iter().map(|(row, ..)| row))?;
    let practice = scope.practice_id().uuid();
    rows.into_iter()
        .map(|(row, written_by, ended_by, keys)| {
            let key = scope.unwrap(practice, row.key_id, &keys)?;
            let kept: RelationshipKept = key.open(sealed_field(scope, row.relationship_id), &row.content)?;
            let is_swapped = row.service_user_id != person;
            let RelationshipKept { mut said, before } = if is_swapped { kept.from_the_other() } else { kept };
            said.service_user_id = row.other_than(person);
            let known = people.iter().find(|known| Some(known.id) == said.service_user_id);
            let name = match (&said.without_record, known) {
                (_, Some(known)) => known.details.spoken_name(),
                (Some(other), None) => other.name.to_string(),
                (None, None) => return Err(StoreError::unreadable("a relationship with nobody")),
            };
            let ended = match (row.ended_because, row.ended_on, row.ended_at, ended_by) {
                (Some(because), Some(on), Some(at), Some(by)) => Some(RelationshipEnded { because, on, at, by }),
                _ => None,
            };
            Ok(Relationship {
                id: row.relationship_id,
                name,
                flags: known.map(|known| known.flags),
                unproven: said.other_is.is_unproven() || said.person_is.is_unproven(),
                said,
                source: if row.referral_id.is_some() { FactSource::Referral } else { FactSource::Practice },
                referral_id: row.referral_id,
                written_at: row.written_at,
                written_by,
                ended,
                before,
                version: row.version,
                is_swapped,
                key_id: row.key_id,
            })
        })
        .collect()
}

/// Finds the person, first, and those who are something to them in these rows. A person whom the caller may not see has no rows either.
pub(super) fn around<'r>(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    rows: impl Iterator<Item = &'r Row>,
) -> Result<Vec<ServiceUser>, StoreError> {
    let ids: Vec<ServiceUserId> =
        std::iter::once(person).chain(rows.filter_map(|row| row.other_than(person))).collect();
    let mut people = service_users::find_all(scope, &ids)?;
    people.sort_by_key(|one| one.id != person);
    if people.first().is_some_and(|one| one.id == person) { Ok(people) } else { Err(StoreError::NotFound) }
}

impl Row {
    /// The record of whoever of the two is not this person.
    pub(super) fn other_than(&self, person: ServiceUserId) -> Option<ServiceUserId> {
        if self.service_user_id == person { self.other_service_user_id } else { Some(self.service_user_id) }
    }
}

impl Relationship {
    fn unless_ended(&self, step: &'static str) -> Result<(), StoreError> {
        if self.ended.is_none() {
            return Ok(());
        }
        Err(Refusal::InvalidState { thing: "relationship", state: "ended", step }.into())
    }
}

/// Says a relationship anew, and keeps what was said.
pub fn change(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &Relationship,
    said: RelationshipSaid,
) -> Result<(), StoreError> {
    known.unless_ended("changed")?;
    if said.service_user_id != known.said.service_user_id {
        let detail = "stays: end the relationship, and write down another";
        return Err(vec![Fault::new("/service_user_id", detail)].into());
    }
    StoreError::unless_faulty(said.faults(person, scope.today()))?;
    let mut kept = RelationshipKept { said: known.said.clone().without_other(), before: known.before.clone() };
    kept.say(said.without_other(), scope.staff_id(), scope.at())?;
    if kept.before.len() == known.before.len() {
        return Ok(());
    }
    let kept = if known.is_swapped { kept.from_the_other() } else { kept };
    let practice = scope.practice_id();
    let content = scope.key(practice.uuid(), known.key_id)?.seal(sealed_field(scope, known.id), &kept)?;
    let changed = update(relationships::table)
        .filter(relationships::practice_id.eq(practice).and(relationships::relationship_id.eq(known.id)))
        .filter(relationships::version.eq(known.version))
        .set((relationships::content.eq(content), relationships::version.eq(known.version + 1)))
        .execute(scope.conn)?;
    written(scope, person, known, changed, |relationship, person| Event::RelationshipChanged { relationship, person })
}

/// Ends a relationship, or marks it as entered in error. It stays in the record.
pub fn end(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &Relationship,
    how: &EndRelationship,
) -> Result<(), StoreError> {
    known.unless_ended("ended")?;
    let on = how.on.unwrap_or_else(|| scope.today());
    if on > scope.today() || known.said.from.is_some_and(|from| on < from) {
        let detail = "must not be in the future, nor before the day from which it was so";
        return Err(vec![Fault::new("/on", detail)].into());
    }
    let ended = update(relationships::table)
        .filter(relationships::practice_id.eq(scope.practice_id()).and(relationships::relationship_id.eq(known.id)))
        .filter(relationships::version.eq(known.version))
        .set((
            relationships::ended_because.eq(Some(how.because)),
            relationships::ended_on.eq(Some(on)),
            relationships::ended_by.eq(Some(scope.staff_id())),
            relationships::ended_at.eq(Some(scope.at())),
            relationships::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    written(scope, person, known, ended, |relationship, person| Event::RelationshipEnded { relationship, person })
}

/// Records a change of a relationship, in the log of each whom it is about.
fn written(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &Relationship,
    rows: usize,
    event: impl Fn(RelationshipId, ServiceUserId) -> Event,
) -> Result<(), StoreError> {
    if rows == 0 {
        return Err(StoreError::VersionMismatch(find(scope, person, known.id)?.version));
    }
    for about in [Some(person), known.said.service_user_id].into_iter().flatten() {
        scope.record(event(known.id, about))?;
    }
    Ok(())
}
