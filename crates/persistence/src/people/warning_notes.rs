//! Warning notes: the rows, and whether a person's record shows that one is in force. Writing one is an adverse action, which stands in
//! [`crate::cases::warn`].

use almoner_domain::cases::case::CountersignatureStatus;
use almoner_domain::events::Event;
use almoner_domain::ids::{
    CouncilId, CountersignatureId, KeyId, PracticeId, ReferralId, ServiceUserId, StaffId, WarningNoteId,
};
use almoner_domain::people::facts::FactSource;
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::safety::VisitWarningKind;
use almoner_domain::people::warning_note::{MOST_IN_FORCE, Told, WarningInForce, WarningNoteStatus, WarningTerms};
use almoner_domain::people::warning_review::{ToldBefore, WarningKept, WarningReviewed};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Day, Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{countersignatures, service_users as people, staff, warning_notes};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::about::about;
use crate::people::service_users::{self, PersonShown, ServiceUser};
use crate::staff::names::Worker;

/// A warning note about a danger to whoever visits a person.
#[derive(Clone, Serialize, ToSchema)]
pub struct WarningNote {
    /// The identifier of the note.
    pub id: WarningNoteId,
    /// The status of the note.
    pub status: WarningNoteStatus,
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// The ground of the note.
    pub ground: WarningGround,
    /// The evidence: what, when and from whom.
    #[schema(value_type = Passage<5000>)]
    pub evidence: String,
    /// Whether the person was told.
    pub told: Told,
    /// The day by which the note is reviewed.
    pub review_on: NaiveDate,
    /// Whether the note is in force and its review is overdue. It stays in force.
    pub review_overdue: bool,
    /// The source of the warning.
    pub source: FactSource,
    /// The referral that warned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// When the note was written.
    pub written_at: DateTime<Utc>,
    /// The member of staff who wrote the note.
    pub written_by: Worker,
    /// The reviews, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 101)]
    pub reviews: Vec<WarningReviewed>,
    /// What was known before of whether the person was told, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub told_before: Vec<ToldBefore>,
    /// The request for a second person's decision, for the member of staff who made it and for whoever decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub countersignature_id: Option<CountersignatureId>,
    /// The version of the note, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(crate) kept: WarningKept,
    /// Whether a second person has still to decide, for whoever asked and whoever decides.
    #[serde(skip)]
    pub(crate) decision_waits: bool,
    #[serde(skip)]
    acted_by: Vec<StaffId>,
    #[serde(skip)]
    key_id: KeyId,
}

/// A warning note in the list of those that are reviewed.
#[derive(Clone, Serialize, ToSchema)]
pub struct WarningNoteSummary {
    /// The identifier of the note.
    pub id: WarningNoteId,
    /// The person whom the note is about.
    pub service_user: PersonShown,
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// The day by which the note is reviewed.
    pub review_on: NaiveDate,
    /// Whether the review is overdue.
    pub review_overdue: bool,
    /// The member of staff who wrote the note.
    pub written_by: Worker,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = warning_notes)]
struct Row {
    warning_note_id: WarningNoteId,
    service_user_id: ServiceUserId,
    key_id: KeyId,
    status: WarningNoteStatus,
    content: Vec<u8>,
    referral_id: Option<ReferralId>,
    written_at: DateTime<Utc>,
    acted_by: Vec<StaffId>,
    version: i32,
}

type RowShown = (Row, Worker, Option<(CountersignatureId, CountersignatureStatus)>, WrappedKeys);

/// The notes of the practice with the names of those who wrote them, with the requests that the caller may see, and with their keys.
macro_rules! shown {
    ($scope:expr) => {
        warning_notes::table
            .inner_join(staff::table.on(
                staff::practice_id.eq(warning_notes::practice_id).and(staff::staff_id.eq(warning_notes::written_by)),
            ))
            .left_join(
                countersignatures::table.on(countersignatures::practice_id
                    .eq(warning_notes::practice_id)
                    .and(countersignatures::warning_note_id.eq(warning_notes::warning_note_id.nullable()))),
            )
            .filter(warning_notes::practice_id.eq($scope.practice_id()))
            .select((
                Row::as_select(),
                Worker::as_select(),
                (countersignatures::countersignature_id, countersignatures::status).nullable(),
                wrapped_keys!(warning_notes, $scope.practice_id().uuid()),
            ))
    };
}

pub(crate) fn sealed_field(practice: PracticeId, id: WarningNoteId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "warning_notes", column: "content", row: id.uuid() }
}

fn show(
    scope: &mut PracticeScope<'_>,
    (row, written_by, request, keys): RowShown,
) -> Result<(ServiceUserId, WarningNote), StoreError> {
    let practice = scope.practice_id();
    let key = scope.unwrap(practice.uuid(), row.key_id, &keys)?;
    let kept: WarningKept = key.open(sealed_field(practice, row.warning_note_id), &row.content)?;
    let terms = &kept.terms;
    let note = WarningNote {
        id: row.warning_note_id,
        status: row.status,
        kind: terms.kind,
        detail: terms.detail.clone(),
        ground: terms.ground,
        evidence: terms.evidence.clone(),
        told: terms.told.clone(),
        review_on: terms.review_on,
        review_overdue: row.status == WarningNoteStatus::InForce && terms.review_on < scope.today(),
        source: if row.referral_id.is_some() { FactSource::Referral } else { FactSource::Practice },
        referral_id: row.referral_id,
        written_at: row.written_at,
        written_by,
        reviews: kept.reviews.clone(),
        told_before: kept.told_before.clone(),
        countersignature_id: request.map(|(id, _)| id),
        decision_waits: request.is_some_and(|(_, status)| status == CountersignatureStatus::Waiting),
        acted_by: row.acted_by,
        version: row.version,
        kept,
        key_id: row.key_id,
    };
    Ok((row.service_user_id, note))
}

/// Finds one warning note of a person.
pub fn find(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    id: WarningNoteId,
) -> Result<WarningNote, StoreError> {
    let row = shown!(scope)
        .filter(warning_notes::service_user_id.eq(person).and(warning_notes::warning_note_id.eq(id)))
        .first(scope.conn)?;
    show(scope, row).map(|(_, note)| note)
}

/// One warning note, for somebody who reads it: the reading is on record too.
pub fn read(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    id: WarningNoteId,
) -> Result<OnRecord<WarningNote>, StoreError> {
    let found = find(scope, person, id)?;
    scope.record_read(found, Event::WarningNoteRead { warning_note: id, person })
}

/// Lists the warning notes of a person, the newest first: those that wait or are in force, or with those that are not any more.
pub fn list(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    with_ended: bool,
    paging: &Paging,
) -> Result<OnRecord<Page<WarningNote>>, StoreError> {
    let rows: Vec<RowShown> = shown!(scope)
        .filter(warning_notes::service_user_id.eq(person))
        .filter(warning_notes::ended_at.is_null().or(with_ended.into_sql::<diesel::sql_types::Bool>()))
        .filter(warning_notes::warning_note_id.lt(WarningNoteId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(warning_notes::warning_note_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    if rows.is_empty() {
        // A person whom the caller may not see has no notes either.
        service_users::expect(scope, person)?;
    }
    let page = paging.page(rows, |(row, ..)| row.warning_note_id.uuid());
    let page = page.try_map(|row| show(scope, row).map(|(_, note)| note))?;
    scope.list_read(page, Event::WarningNotesRead { person })
}

/// Lists the warning notes in force at the practice, of people whom the caller may see, by the day of their review.
pub fn list_in_force(
    scope: &mut PracticeScope<'_>,
    review_on_or_before: Option<NaiveDate>,
    paging: &Paging,
) -> Result<OnRecord<Page<WarningNoteSummary>>, StoreError> {
    let mut query = shown!(scope)
        .filter(warning_notes::status.eq(WarningNoteStatus::InForce))
        .order((warning_notes::review_on, warning_notes::warning_note_id))
        .limit(paging.fetch())
        .into_boxed();
    if let Some(day) = review_on_or_before {
        query = query.filter(warning_notes::review_on.le(day));
    }
    if let Some((day, id)) = paging.after_key::<Day>()? {
        let later = warning_notes::review_on.gt(day.0);
        let same_day = warning_notes::review_on.eq(day.0);
        query = query.filter(later.or(same_day.and(warning_notes::warning_note_id.gt(WarningNoteId::from(id)))));
    }
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let notes: Vec<(ServiceUserId, WarningNote)> =
        rows.into_iter().map(|row| show(scope, row)).collect::<Result<_, _>>()?;
    let page = paging.page(notes, |(_, note)| format!("{}|{}", note.review_on, note.id));
    let ids: Vec<ServiceUserId> = page.items.iter().map(|(person, _)| *person).collect();
    let people = service_users::find_all(scope, &ids)?;
    let page = page.try_map(|(person, note)| {
        let person = people.iter().find(|one| one.id == person).ok_or(StoreError::NotFound)?;
        let WarningNote { id, kind, review_on, review_overdue, written_by, .. } = note;
        Ok(WarningNoteSummary { id, service_user: person.into(), kind, review_on, review_overdue, written_by })
    })?;
    let practice = scope.practice_id();
    scope.list_read(page, Event::WarningNotesListed { practice })
}

/// The warnings that notes about a person give, or gave at any time since a moment: those that were refused or ended after it too.
pub(crate) fn given_since(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    since: Option<DateTime<Utc>>,
) -> Result<Vec<WarningInForce>, StoreError> {
    let lives = warning_notes::ended_at.is_null();
    let rows: Vec<RowShown> = shown!(scope)
        .filter(warning_notes::service_user_id.eq(person))
        .filter(lives.or(warning_notes::ended_at.nullable().ge(since)))
        .load(scope.conn)?;
    rows.into_iter().map(|row| show(scope, row).map(|(_, note)| note.in_short())).collect()
}

impl WarningNote {
    fn in_short(self) -> WarningInForce {
        let Self { id, kind, detail, review_on, .. } = self;
        WarningInForce { id, kind, detail, review_on }
    }
}

/// Writes a note about a person, whose row is held.
pub(crate) fn insert(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    terms: &WarningTerms,
    referral: Option<(ReferralId, CouncilId)>,
) -> Result<WarningNoteId, StoreError> {
    let practice = scope.practice_id();
    if person.warnings.iter().any(|note| note.warns_of(terms.kind, &terms.detail)) {
        let state = "one with this warning note";
        return Err(Refusal::InvalidState { thing: "record", state, step: "given another" }.into());
    }
    let already: i64 = warning_notes::table
        .filter(warning_notes::practice_id.eq(practice).and(warning_notes::service_user_id.eq(person.id)))
        .filter(warning_notes::ended_at.is_null())
        .count()
        .get_result(scope.conn)?;
    if usize::try_from(already).unwrap_or(usize::MAX) >= MOST_IN_FORCE {
        let state = "full of warning notes";
        return Err(Refusal::InvalidState { thing: "record", state, step: "given another" }.into());
    }
    let id: WarningNoteId = scope.next_id();
    let kept = WarningKept { terms: terms.clone(), reviews: Vec::new(), told_before: Vec::new() };
    let content = person.key(scope, practice.uuid())?.seal(sealed_field(practice, id), &kept)?;
    let status = WarningNoteStatus::on(terms.ground);
    diesel::insert_into(warning_notes::table)
        .values((
            warning_notes::practice_id.eq(practice),
            warning_notes::warning_note_id.eq(id),
            about!(warning_notes, person.about()),
            warning_notes::key_id.eq(person.key_id),
            warning_notes::status.eq(status),
            warning_notes::review_on.eq(terms.review_on),
            warning_notes::content.eq(content),
            warning_notes::referral_id.eq(referral.map(|(referral, _)| referral)),
            warning_notes::council_id.eq(referral.map(|(_, council)| council)),
            warning_notes::written_by.eq(scope.staff_id()),
            warning_notes::written_at.eq(scope.at()),
            warning_notes::acted_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.record(Event::WarningNoteWritten { warning_note: id, person: person.id })?;
    if status == WarningNoteStatus::InForce {
        show_in_record(scope, person.id)?;
    }
    Ok(id)
}

/// Writes what has become of a note, whose person's row is held.
pub(crate) fn save(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
    known: &WarningNote,
    kept: &WarningKept,
    status: WarningNoteStatus,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let mut acted_by = known.acted_by.clone();
    if !acted_by.contains(&scope.staff_id()) {
        acted_by.push(scope.staff_id());
    }
    let content = scope.key(practice.uuid(), known.key_id)?.seal(sealed_field(practice, known.id), kept)?;
    let changed = update(warning_notes::table)
        .filter(warning_notes::practice_id.eq(practice).and(warning_notes::warning_note_id.eq(known.id)))
        .filter(warning_notes::version.eq(known.version))
        .set((
            warning_notes::status.eq(status),
            warning_notes::review_on.eq(kept.terms.review_on),
            warning_notes::content.eq(content),
            warning_notes::ended_at.eq((!status.lives()).then(|| scope.at())),
            warning_notes::acted_by.eq(acted_by),
            warning_notes::acted_at.eq(scope.at()),
            warning_notes::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, person, known.id)?.version));
    }
    show_in_record(scope, person)
}

/// Writes into the person's own row, which is held, which warning notes are in force.
fn show_in_record(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<(), StoreError> {
    let rows: Vec<RowShown> = shown!(scope)
        .filter(warning_notes::service_user_id.eq(person).and(warning_notes::status.eq(WarningNoteStatus::InForce)))
        .order(warning_notes::warning_note_id.desc())
        .load(scope.conn)?;
    let in_force = rows.into_iter().map(|row| show(scope, row).map(|(_, note)| note.in_short()));
    let in_force: Vec<WarningInForce> = in_force.collect::<Result<_, _>>()?;
    write_warnings(scope, person, &in_force)
}

/// Locks a person's row, so that of two who change the warning notes of one person at once the second sees what the first did.
pub(crate) fn hold(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<(), StoreError> {
    let _: ServiceUserId = people::table
        .filter(people::practice_id.eq(scope.practice_id()).and(people::service_user_id.eq(id)))
        .select(people::service_user_id)
        .for_no_key_update()
        .first(scope.conn)?;
    Ok(())
}

/// Writes which warning notes about a person, whose row is held, are in force.
fn write_warnings(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    in_force: &[WarningInForce],
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let known = service_users::find(scope, id)?;
    if known.warnings == in_force {
        return Ok(());
    }
    let key = known.key(scope, practice.uuid())?;
    let warns = (!in_force.is_empty()).then_some(in_force);
    let sealed =
        warns.map(|warns| key.seal(service_users::sealed_field(practice, "warnings", id), warns)).transpose()?;
    let written = update(people::table)
        .filter(people::practice_id.eq(practice).and(people::service_user_id.eq(id)))
        .set((people::warnings.eq(sealed), people::version.eq(known.version + 1), people::changed_at.eq(scope.at())))
        .execute(scope.conn)?;
    StoreError::unless_changed(written, "the person's record")
}
