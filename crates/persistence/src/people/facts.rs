//! The history of a person's details: each with its source and the day from which it holds. The record has what holds now; here is
//! that with its source, and what held before.

use almoner_domain::events::Event;
use almoner_domain::ids::{FactId, PracticeId, ReferralId, ServiceUserId, StaffId, TeamId};
use almoner_domain::people::facts::{Fact, FactChanges, FactKind, FactSource};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::{insert_rows, update};
use crate::ground::schema::{person_facts, staff};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::{Key, SealedField};
use crate::people::about::AboutPerson;
use crate::people::service_users;
use crate::staff::names::Worker;

/// The source of the details that are written, and the day from which they hold.
#[derive(Clone, Copy)]
pub(crate) struct Provenance {
    /// The referral that said them; `None` for what the practice found out.
    pub(crate) referral: Option<ReferralId>,
    /// The day from which they hold, as far as is known.
    pub(crate) from: NaiveDate,
}

/// A detail of a person that holds or held.
#[derive(Clone, Serialize, ToSchema)]
pub struct FactShown {
    /// The identifier of the entry.
    pub id: FactId,
    /// The kind of the detail.
    pub kind: FactKind,
    /// The detail in words. An NHS number is masked but for its end.
    #[schema(value_type = almoner_domain::words::text::Passage<4000>)]
    pub text: String,
    /// The source of the detail.
    pub source: FactSource,
    /// The referral that said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// The day from which it holds, as far as is known.
    pub holds_from: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The member of staff who recorded it.
    pub recorded_by: Worker,
    /// When it was ended; left out while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The member of staff who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Worker>,
}

fn sealed_field(scope: &PracticeScope<'_>, id: FactId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "person_facts", column: "value", row: id.uuid() }
}

/// The rows of the caller's practice that are about this person. All that the index begins with is named, so that it gives
/// them in their order.
macro_rules! rows_about {
    ($scope:expr, $person:expr) => {{
        let person: AboutPerson = $person;
        person_facts::table
            .filter(person_facts::practice_id.eq($scope.practice_id()))
            .filter(person_facts::service_user_id.eq(person.service_user_id))
            .filter(person_facts::access_restricted.eq(person.access_restricted))
            .filter(person_facts::team_id.eq(person.team_id))
    }};
}

#[derive(Insertable)]
#[diesel(table_name = person_facts, treat_none_as_default_value = false)]
struct NewFact {
    practice_id: PracticeId,
    fact_id: FactId,
    service_user_id: ServiceUserId,
    access_restricted: bool,
    team_id: TeamId,
    kind: FactKind,
    value: Vec<u8>,
    source: FactSource,
    referral_id: Option<ReferralId>,
    holds_from: NaiveDate,
    recorded_by: StaffId,
    recorded_at: DateTime<Utc>,
}

/// Writes what a change of a record begins and ends.
pub(crate) fn write(
    scope: &mut PracticeScope<'_>,
    person: AboutPerson,
    key: &Key,
    changes: &FactChanges,
    whence: Provenance,
) -> Result<(), StoreError> {
    end(scope, person, key, &changes.ended)?;
    let mut begun = Vec::new();
    for fact in &changes.begun {
        let id: FactId = scope.next_id();
        begun.push(NewFact {
            practice_id: scope.practice_id(),
            fact_id: id,
            service_user_id: person.service_user_id,
            access_restricted: person.access_restricted,
            team_id: person.team_id,
            kind: fact.kind,
            value: key.seal(sealed_field(scope, id), &fact.value)?,
            source: if whence.referral.is_some() { FactSource::Referral } else { FactSource::Practice },
            referral_id: whence.referral,
            holds_from: whence.from,
            recorded_by: scope.staff_id(),
            recorded_at: scope.at(),
        });
    }
    Ok(insert_rows!(scope.conn, person_facts, begun)?)
}

/// Ends the rows that have one of the details which hold no longer.
fn end(scope: &mut PracticeScope<'_>, person: AboutPerson, key: &Key, details: &[Fact]) -> Result<(), StoreError> {
    if details.is_empty() {
        return Ok(());
    }
    let standing: Vec<(FactId, FactKind, Vec<u8>)> = rows_about!(scope, person)
        .filter(person_facts::ended_at.is_null())
        .select((person_facts::fact_id, person_facts::kind, person_facts::value))
        .load(scope.conn)?;
    let mut over = Vec::new();
    for (id, kind, sealed) in standing {
        let value: Value = key.open(sealed_field(scope, id), &sealed)?;
        if details.contains(&Fact { kind, value }) {
            over.push(id);
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    let ended = update(person_facts::table.filter(person_facts::practice_id.eq(scope.practice_id())))
        .filter(person_facts::fact_id.eq_any(&over).and(person_facts::ended_at.is_null()))
        .set((person_facts::ended_at.eq(Some(scope.at())), person_facts::ended_by.eq(Some(scope.staff_id()))))
        .execute(scope.conn)?;
    StoreError::unless_changed(usize::from(ended == over.len()), "the entry of the history")
}

/// Removes the history of a person whose record is removed.
pub(super) fn remove(scope: &mut PracticeScope<'_>, person: AboutPerson) -> Result<(), StoreError> {
    diesel::delete(rows_about!(scope, person)).execute(scope.conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = person_facts, check_for_backend(diesel::pg::Pg))]
struct FactRow {
    fact_id: FactId,
    kind: FactKind,
    value: Vec<u8>,
    source: FactSource,
    referral_id: Option<ReferralId>,
    holds_from: NaiveDate,
    recorded_at: DateTime<Utc>,
    recorded_by: StaffId,
    ended_at: Option<DateTime<Utc>>,
    ended_by: Option<StaffId>,
}

/// Which entries of a history are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilter {
    /// Returns only entries of this kind.
    kind: Option<FactKind>,
    /// Returns only what holds now, or only what held before.
    holds: Option<bool>,
}

/// The history of a person's details, the newest entries first.
pub fn history(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    wanted: &HistoryFilter,
    paging: &Paging,
) -> Result<OnRecord<Page<FactShown>>, StoreError> {
    let person = service_users::find(scope, id)?;
    let (recorder, ender) = diesel::alias!(staff as recorder, staff as ender);
    let is_recorder = recorder
        .field(staff::practice_id)
        .eq(person_facts::practice_id)
        .and(recorder.field(staff::staff_id).eq(person_facts::recorded_by));
    let is_ender = ender
        .field(staff::practice_id)
        .eq(person_facts::practice_id)
        .and(ender.field(staff::staff_id).nullable().eq(person_facts::ended_by));
    let mut entries = rows_about!(scope, person.about()).into_boxed();
    if let Some(kind) = wanted.kind {
        entries = entries.filter(person_facts::kind.eq(kind));
    }
    if let Some(holds) = wanted.holds {
        entries = entries.filter(person_facts::ended_at.is_null().eq(holds));
    }
    let rows: Vec<(FactRow, String, Option<String>)> = entries
        .inner_join(recorder.on(is_recorder))
        .left_join(ender.on(is_ender))
        .filter(person_facts::fact_id.lt(FactId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(person_facts::fact_id.desc())
        .limit(paging.fetch())
        .select((FactRow::as_select(), recorder.field(staff::name), ender.field(staff::name).nullable()))
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, ..)| row.fact_id.uuid());
    let practice = scope.practice_id().uuid();
    let key = person.key(scope, practice)?;
    let shown = page.try_map(|(row, recorder, ender)| {
        let value: Value = key.open(sealed_field(scope, row.fact_id), &row.value)?;
        Ok(FactShown {
            id: row.fact_id,
            kind: row.kind,
            text: Fact { kind: row.kind, value }.written(),
            source: row.source,
            referral_id: row.referral_id,
            holds_from: row.holds_from,
            recorded_at: row.recorded_at,
            recorded_by: Worker { id: row.recorded_by, name: recorder },
            ended_at: row.ended_at,
            ended_by: row.ended_by.zip(ender).map(|(id, name)| Worker { id, name }),
        })
    })?;
    scope.list_read(shown, Event::ServiceUserHistoryRead { person: id })
}
