//! The history of a person's names, addresses, telephone numbers and e-mail addresses, instructions for safe contact, and
//! warnings to visitors: each with its source and the day from which it holds. The record has what holds now; here is that,
//! and what held before.

use std::sync::LazyLock;

use almoner_domain::events::Event;
use almoner_domain::ids::{FactId, PracticeId, ReferralId, ServiceUserId, StaffId};
use almoner_domain::people::facts::{Fact, FactChanges, FactKind, FactSource};
use almoner_domain::words::written::written;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::{self, Array, BigInt, Bool, Bytea, Date, Nullable, Text, Timestamptz};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging, as_limit};
use crate::ground::prepared::Given;
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
    /// The detail in words.
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

fn sealed_field(scope: &PracticeScope<'_>, table: &'static str, id: FactId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table, column: "value", row: id.uuid() }
}

/// The tables of the history. Each is written, read and emptied by one statement with the others, so that a change costs the
/// same however much it says.
const TABLES: [&str; 5] = ["person_names", "person_addresses", "person_contacts", "safe_contacts", "visit_warnings"];

/// The table that keeps the history of a kind of detail.
const fn table_of(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Name | FactKind::FormerName => TABLES[0],
        FactKind::Address | FactKind::TemporaryAddress => TABLES[1],
        FactKind::Phone | FactKind::Email | FactKind::Contact => TABLES[2],
        FactKind::SafeContact => TABLES[3],
        FactKind::VisitWarning => TABLES[4],
    }
}

/// A statement in which each table has a part, the name of the table in the place of `TABLE`.
fn of_each_table(before: &str, part: &str, between: &str, after: &str) -> String {
    let parts: Vec<String> = TABLES.iter().map(|table| part.replace("TABLE", table)).collect();
    format!("{before}{}{after}", parts.join(between))
}

/// The values that begin rows: tables, identifiers, kinds and details, and what the rows have in common.
const BEGUN: &str =
    "WITH given (places, ids, kinds, details, of_practice, of_person, is_restricted, of_team, said_by, said_in,
                         since, by_staff, at_time)
                     AS (SELECT ";

static BEGIN: LazyLock<String> = LazyLock::new(|| {
    of_each_table(
        "), ",
        "of_TABLE AS (
             INSERT INTO TABLE (practice_id, fact_id, service_user_id, access_restricted, team_id, kind, value, source, referral_id,
                 holds_from, recorded_by, recorded_at)
             SELECT of_practice, id, of_person, is_restricted, of_team, fact.kind, detail, said_by, said_in, since, by_staff, at_time
             FROM given, unnest(places, ids, kinds, details) AS fact (place, id, kind, detail) WHERE place = 'TABLE')",
        ", ",
        " SELECT 1",
    )
});

/// The values of what is about one person.
const OF_PERSON: &str = "WITH given (of_practice, of_person) AS (SELECT ";

static STANDING: LazyLock<String> = LazyLock::new(|| {
    let part = "SELECT 'TABLE' AS place, fact_id, kind, value FROM TABLE, given
                WHERE practice_id = of_practice AND service_user_id = of_person AND ended_at IS NULL";
    of_each_table(") ", part, " UNION ALL ", "")
});

static REMOVE: LazyLock<String> = LazyLock::new(|| {
    let part = "of_TABLE AS (
        DELETE FROM TABLE USING given WHERE practice_id = of_practice AND service_user_id = of_person)";
    of_each_table("), ", part, ", ", " SELECT 1")
});

/// The values that end rows.
const ENDED: &str = "WITH given (of_practice, ids, at_time, by_staff) AS (SELECT ";

static END: LazyLock<String> = LazyLock::new(|| {
    let part = "of_TABLE AS (
        UPDATE TABLE SET ended_at = at_time, ended_by = by_staff FROM given
        WHERE practice_id = of_practice AND fact_id = ANY (ids) AND ended_at IS NULL RETURNING 1)";
    let counted = of_each_table(" SELECT ", "(SELECT count(*) FROM of_TABLE)", " + ", " AS rows");
    of_each_table("), ", part, ", ", &counted)
});

/// The values of a page of the history.
const PAGE: &str = "WITH given (of_practice, of_person, before_id, most) AS (SELECT ";

static HISTORY: LazyLock<String> = LazyLock::new(|| {
    let part = "SELECT 'TABLE' AS place, fact_id, kind, value, source, referral_id, holds_from, recorded_at, recorded_by, ended_at,
                    ended_by,
                    (SELECT name FROM staff WHERE practice_id = of_practice AND staff_id = TABLE.recorded_by) AS recorder,
                    (SELECT name FROM staff WHERE practice_id = of_practice AND staff_id = TABLE.ended_by) AS ender
                FROM TABLE, given WHERE practice_id = of_practice AND service_user_id = of_person AND fact_id < before_id";
    of_each_table(") ", part, " UNION ALL ", " ORDER BY fact_id DESC LIMIT (SELECT most FROM given)")
});

/// Writes what a change of a record begins and ends.
pub(crate) fn write(
    scope: &mut PracticeScope<'_>,
    person: AboutPerson,
    key: &Key,
    changes: &FactChanges,
    whence: Provenance,
) -> Result<(), StoreError> {
    end(scope, person, key, &changes.ended)?;
    if changes.begun.is_empty() {
        return Ok(());
    }
    let (mut tables, mut ids, mut kinds, mut values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for fact in &changes.begun {
        let (table, id): (_, FactId) = (table_of(fact.kind), scope.next_id());
        tables.push(table);
        ids.push(id);
        kinds.push(fact.kind);
        values.push(key.seal(sealed_field(scope, table, id), &fact.value)?);
    }
    let source = if whence.referral.is_some() { FactSource::Referral } else { FactSource::Practice };
    let values = (
        tables.into_sql::<Array<Text>>(),
        ids.into_sql::<Array<sql_types::Uuid>>(),
        kinds.into_sql::<Array<Text>>(),
        values.into_sql::<Array<Bytea>>(),
        scope.practice_id().into_sql::<sql_types::Uuid>(),
        person.service_user_id.into_sql::<sql_types::Uuid>(),
        person.access_restricted.into_sql::<Bool>(),
        person.team_id.into_sql::<sql_types::Uuid>(),
        source.into_sql::<Text>(),
        whence.referral.into_sql::<Nullable<sql_types::Uuid>>(),
        whence.from.into_sql::<Date>(),
        scope.staff_id().into_sql::<sql_types::Uuid>(),
        scope.at().into_sql::<Timestamptz>(),
    );
    Given { before: BEGUN, values, after: &BEGIN }.execute(scope.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = sql_types::Uuid)]
    fact_id: FactId,
    #[diesel(sql_type = Text)]
    kind: FactKind,
    #[diesel(sql_type = Bytea)]
    value: Vec<u8>,
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Ends the rows that have one of the details which hold no longer.
fn end(scope: &mut PracticeScope<'_>, person: AboutPerson, key: &Key, details: &[Fact]) -> Result<(), StoreError> {
    if details.is_empty() {
        return Ok(());
    }
    let values = of_person(scope, person.service_user_id);
    let standing: Vec<Standing> = Given { before: OF_PERSON, values, after: &STANDING }.load(scope.conn)?;
    let mut ended = Vec::new();
    for row in standing {
        let value: Value = key.open(sealed_field(scope, named(&row.place)?, row.fact_id), &row.value)?;
        if details.contains(&Fact { kind: row.kind, value }) {
            ended.push(row.fact_id);
        }
    }
    if ended.is_empty() {
        return Ok(());
    }
    let expected = as_limit(ended.len());
    let values = (
        scope.practice_id().into_sql::<sql_types::Uuid>(),
        ended.into_sql::<Array<sql_types::Uuid>>(),
        scope.at().into_sql::<Timestamptz>(),
        scope.staff_id().into_sql::<sql_types::Uuid>(),
    );
    let changed: Ended = Given { before: ENDED, values, after: &END }.get_result(scope.conn)?;
    let all = changed.rows == expected;
    StoreError::unless_changed(usize::from(all), "the entry of the history")
}

/// The table of this name.
fn named(place: &str) -> Result<&'static str, StoreError> {
    TABLES.into_iter().find(|table| *table == place).ok_or(StoreError::Sealed)
}

type OfPerson = (
    <PracticeId as AsExpression<sql_types::Uuid>>::Expression,
    <ServiceUserId as AsExpression<sql_types::Uuid>>::Expression,
);

fn of_person(scope: &PracticeScope<'_>, person: ServiceUserId) -> OfPerson {
    (scope.practice_id().into_sql::<sql_types::Uuid>(), person.into_sql::<sql_types::Uuid>())
}

/// Removes the history of a person whose record is removed.
pub(super) fn remove(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<(), StoreError> {
    let values = of_person(scope, person);
    Given { before: OF_PERSON, values, after: &REMOVE }.execute(scope.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct FactRow {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = sql_types::Uuid)]
    fact_id: FactId,
    #[diesel(sql_type = Text)]
    kind: FactKind,
    #[diesel(sql_type = Bytea)]
    value: Vec<u8>,
    #[diesel(sql_type = Text)]
    source: FactSource,
    #[diesel(sql_type = Nullable<sql_types::Uuid>)]
    referral_id: Option<ReferralId>,
    #[diesel(sql_type = Date)]
    holds_from: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Uuid)]
    recorded_by: StaffId,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<sql_types::Uuid>)]
    ended_by: Option<StaffId>,
    #[diesel(sql_type = Text)]
    recorder: String,
    #[diesel(sql_type = Nullable<Text>)]
    ender: Option<String>,
}

/// The history of a person's details, the newest entries first.
pub fn history(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    paging: &Paging,
) -> Result<OnRecord<Page<FactShown>>, StoreError> {
    let person = service_users::find(scope, id)?;
    let practice = scope.practice_id();
    let (of_practice, of_person) = of_person(scope, id);
    let after = paging.after_id()?.unwrap_or(Uuid::max()).into_sql::<sql_types::Uuid>();
    let values = (of_practice, of_person, after, paging.fetch().into_sql::<BigInt>());
    let rows: Vec<FactRow> = Given { before: PAGE, values, after: &HISTORY }.load(scope.conn)?;
    let page = paging.page(rows, |row| row.fact_id.uuid());
    let key = person.key(scope, practice.uuid())?;
    let shown = page.try_map(|row| {
        let value: Value = key.open(sealed_field(scope, named(&row.place)?, row.fact_id), &row.value)?;
        Ok(FactShown {
            id: row.fact_id,
            kind: row.kind,
            text: written(&value),
            source: row.source,
            referral_id: row.referral_id,
            holds_from: row.holds_from,
            recorded_at: row.recorded_at,
            recorded_by: Worker { id: row.recorded_by, name: row.recorder },
            ended_at: row.ended_at,
            ended_by: row.ended_by.zip(row.ender).map(|(id, name)| Worker { id, name }),
        })
    })?;
    scope.list_read(shown, Event::ServiceUserHistoryRead { person: id })
}
