//! What an officer releases to a practice of what was learnt from complaints: words without anybody's name, and the figures of a year.

use almoner_domain::complaints::reporting::ReportingYear;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{LearningId, PracticeId};
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::figures::{Figures, of_year};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{contracts, councils, practice_learning, practices};
use crate::ground::scope::{ComplaintsScope, PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::ground::transaction::setting;
use crate::tenancy::councils::CouncilName;

/// What an officer releases to a practice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "practice": "severn-social-work",
    "words": "A visit that is taken out without a call is heard as being forgotten. Whoever takes one out rings first.",
    "ending": 2026,
}))]
pub struct ReleaseLearning {
    /// The practice.
    pub practice: Slug,
    /// What was learnt and what is to be done, without anybody's name and without saying which complaint it comes from.
    pub words: Passage<4000>,
    /// The year on whose 31 March the twelve months ended whose figures of this practice go with it, if any do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 2000, maximum = 2200)]
    pub ending: Option<i32>,
}

/// What a council released to the practice of what was learnt from complaints.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Learning {
    /// The identifier.
    pub id: LearningId,
    /// The council.
    pub council: CouncilName,
    /// What was learnt, in an officer's words.
    #[schema(value_type = Passage<4000>)]
    pub words: String,
    /// The figures of a year, if they go with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<FiguresOfYear>,
    /// When it was released.
    pub released_at: DateTime<Utc>,
}

/// The figures of a year, as they stood when they were released.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FiguresOfYear {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

#[derive(Serialize, Deserialize)]
struct Content {
    words: String,
    figures: Option<FiguresOfYear>,
}

fn field(practice: PracticeId, id: LearningId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "practice_learning", column: "content", row: id.uuid() }
}

/// Releases to a practice that works or worked for the council what was learnt, and the figures of a year that is over. It becomes the
/// practice's, and is not taken back.
pub fn release(scope: &mut ComplaintsScope<'_>, new: &ReleaseLearning) -> Result<LearningId, StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?);
    let mut faults = Vec::new();
    let known = practices::table.filter(practices::slug.eq(&new.practice)).select(practices::practice_id);
    if known.first::<PracticeId>(scope.conn).optional()?.is_none() {
        faults.push(no_practice("/practice"));
    }
    let year = match new.ending {
        Some(ending) => match ReportingYear::ended(Some(ending), scope.today()) {
            Ok(year) => Some(year),
            Err(fault) => {
                faults.push(Fault { pointer: "/ending".to_owned(), ..fault });
                None
            }
        },
        None => None,
    };
    StoreError::unless_faulty(faults)?;
    let id: LearningId = scope.next_id();
    let at = scope.at();
    at_practice(scope, &new.practice, |scope, practice| {
        let contracts = contracts::table
            .filter(contracts::practice_id.eq(practice).and(contracts::council_id.eq(council)))
            .select(contracts::contract_id);
        if !diesel::select(exists(contracts)).get_result::<bool>(scope.conn)? {
            return Err(vec![Fault::new("/practice", "has no contract with your council, and never had one")].into());
        }
        let figures = match year {
            Some(year) => Some(FiguresOfYear {
                from: year.from(),
                until: year.until(),
                figures: of_year(scope, council, year, Some(practice))?.figures(),
            }),
            None => None,
        };
        let content = Content { words: new.words.as_str().to_owned(), figures };
        let content = scope.root_key(practice.uuid())?.seal(field(practice, id), &content)?;
        diesel::insert_into(practice_learning::table)
            .values((
                practice_learning::practice_id.eq(practice),
                practice_learning::learning_id.eq(id),
                practice_learning::council_id.eq(council),
                practice_learning::content.eq(content),
                practice_learning::released_by.eq(officer),
                practice_learning::released_at.eq(at),
            ))
            .execute(scope.conn)?;
        Ok(())
    })?;
    scope.record(Event::LearningReleased { learning: id })?;
    Ok(id)
}

type Row = (LearningId, Vec<u8>, DateTime<Utc>, CouncilName);

/// Selects what was released to a practice.
macro_rules! rows {
    ($practice:expr) => {
        practice_learning::table
            .inner_join(councils::table.on(councils::council_id.eq(practice_learning::council_id)))
            .filter(practice_learning::practice_id.eq($practice))
            .select((
                practice_learning::learning_id,
                practice_learning::content,
                practice_learning::released_at,
                CouncilName::as_select(),
            ))
    };
}

fn show(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    (id, content, released_at, council): Row,
) -> Result<Learning, StoreError> {
    let content: Content = scope.root_key(practice.uuid())?.open(field(practice, id), &content)?;
    Ok(Learning { id, council, words: content.words, figures: content.figures, released_at })
}

fn page(scope: &mut Scope<'_>, practice: PracticeId, paging: &Paging) -> Result<Page<Learning>, StoreError> {
    let rows: Vec<Row> = rows!(practice)
        .filter(practice_learning::learning_id.lt(LearningId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(practice_learning::learning_id.desc())
        .limit(paging.fetch())
        .load(scope.conn)?;
    paging.page(rows, |row| row.0.uuid()).try_map(|row| show(scope, practice, row))
}

/// Lists what councils released to the practice, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, paging: &Paging) -> Result<Page<Learning>, StoreError> {
    let practice = scope.practice_id();
    page(scope, practice, paging)
}

fn no_practice(pointer: &str) -> Fault {
    Fault::new(pointer, "is not the name of a practice that uses the service")
}

/// Does this at the intake of a practice, for the caller's council, which reads there what it released.
fn at_practice<R>(
    scope: &mut ComplaintsScope<'_>,
    practice: &Slug,
    f: impl FnOnce(&mut Scope<'_>, PracticeId) -> Result<R, StoreError>,
) -> Result<R, StoreError> {
    let council = scope.council_id();
    scope.officer()?;
    let named = practices::table.filter(practices::slug.eq(practice)).select(practices::practice_id);
    let practice: PracticeId = named.first(scope.conn).optional()?.ok_or_else(|| vec![no_practice("practice")])?;
    let settings = [setting("app.council", council.uuid()), setting("app.practice", practice.uuid())];
    scope.at_intake_with(Some(Tenant::Council(council)), &settings, |scope| f(scope, practice))
}

/// Lists what the caller's council released to a practice, the newest first.
pub fn list_released(
    scope: &mut ComplaintsScope<'_>,
    practice: &Slug,
    paging: &Paging,
) -> Result<Page<Learning>, StoreError> {
    at_practice(scope, practice, |scope, practice| page(scope, practice, paging))
}

/// Finds one thing that the caller's council released to a practice.
pub fn find_released(scope: &mut ComplaintsScope<'_>, practice: &Slug, id: Uuid) -> Result<Learning, StoreError> {
    at_practice(scope, practice, |scope, practice| {
        let row: Row =
            rows!(practice).filter(practice_learning::learning_id.eq(LearningId::from(id))).first(scope.conn)?;
        show(scope, practice, row)
    })
}
