//! The annual report of a council's complaints (SI 2009/309 reg 18). It counts all of them, whoever has them, and shows none.

use std::collections::{BTreeMap, HashMap, HashSet};

use almoner_domain::complaints::complaint::Way;
use almoner_domain::complaints::excluding::ExclusionGround;
use almoner_domain::complaints::heads::{ComplaintOutcome, Theme};
use almoner_domain::complaints::ombudsman::OmbudsmanDecision;
use almoner_domain::complaints::reporting::ReportingYear;
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, CouncilId, KeyId, PracticeId};
use almoner_domain::words::calendar::{end_of_day, london_date};
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{complaint_heads, complaint_ombudsman, complaints, councils, practices};
use crate::ground::scope::{ComplaintsScope, Scope};

/// The numbers of a council's complaints that were received in twelve months, as they stand now.
#[derive(Clone, Serialize, ToSchema)]
pub struct AnnualReport {
    /// The council.
    #[schema(value_type = Line<200>)]
    pub council: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The number of complaints that were received.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub received: i64,
    /// The number of those that are well-founded, wholly or in part.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub well_founded: i64,
    /// The number of those of which the council knows that they were taken to the Ombudsman.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub taken_to_the_ombudsman: i64,
    /// The number of those that the Ombudsman upheld.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub upheld_by_the_ombudsman: i64,
    /// The number of those that were answered.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub answered: i64,
    /// The number of those that were answered by the day that was planned, or that the contract gives.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub answered_in_time: i64,
    /// The number of those that were withdrawn.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub withdrawn: i64,
    /// The numbers by the way in which they came.
    #[schema(max_items = 4)]
    pub by_way: Vec<Count>,
    /// The numbers by outcome of those that have one.
    #[schema(max_items = 4)]
    pub by_outcome: Vec<Count>,
    /// The numbers by the ground on which they were not considered.
    #[schema(max_items = 11)]
    pub not_considered: Vec<Count>,
    /// The numbers of heads by theme: the subject matter.
    #[schema(max_items = 11)]
    pub by_theme: Vec<Count>,
    /// The numbers by practice, of those that are about one.
    #[schema(max_items = 1000)]
    pub by_practice: Vec<Count>,
    /// What was learnt, as it was put down without names.
    #[schema(max_items = 1000, value_type = Vec<Passage<4000>>)]
    pub learning: Vec<String>,
}

/// A number.
#[derive(Clone, Serialize, ToSchema)]
pub struct Count {
    /// What is counted.
    #[schema(value_type = Line<200>)]
    pub what: String,
    /// How many there are.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub number: i64,
}

fn counts<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Count> {
    let mut all: BTreeMap<&str, i64> = BTreeMap::new();
    for word in words {
        *all.entry(word).or_default() += 1;
    }
    all.into_iter().map(|(what, number)| Count { what: what.to_owned(), number }).collect()
}

fn number(counted: impl Iterator) -> i64 {
    i64::try_from(counted.count()).unwrap_or(i64::MAX)
}

/// A complaint as it is counted.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct Counted {
    complaint_id: ComplaintId,
    key_id: KeyId,
    way: Way,
    practice_id: Option<PracticeId>,
    status: ComplaintStatus,
    response_due_on: NaiveDate,
    answered_at: Option<DateTime<Utc>>,
    outcome: Option<ComplaintOutcome>,
    exclusion: Option<ExclusionGround>,
    learning: Option<Vec<u8>>,
}

/// Counts the complaints of a year.
pub fn annual_report(
    scope: &mut ComplaintsScope<'_>,
    ending: Option<i32>,
) -> Result<OnRecord<AnnualReport>, StoreError> {
    scope.officer()?;
    let council = scope.council_id();
    let year = ReportingYear::parse(ending, scope.today()).map_err(|fault| vec![fault])?;
    let name: String = councils::table.find(council).select(councils::name).first(scope.conn)?;
    let (report, practice_ids) = scope.as_role("almoner_intake", |scope| count(scope, council, year, name))?;
    let concerned: HashSet<PracticeId> = practice_ids.iter().copied().collect();
    let names: HashMap<PracticeId, String> = practices::table
        .filter(practices::practice_id.eq_any(concerned))
        .select((practices::practice_id, practices::name))
        .load::<(PracticeId, String)>(scope.conn)?
        .into_iter()
        .collect();
    let by_practice = counts(practice_ids.iter().filter_map(|id| names.get(id)).map(String::as_str));
    let report = AnnualReport { by_practice, ..report };
    scope.record_read(report, Event::ComplaintsReported { council })
}

/// Counts them as the intake, with the practices of those that are about one, whose names the intake does not know.
fn count(
    scope: &mut Scope<'_>,
    council: CouncilId,
    year: ReportingYear,
    name: String,
) -> Result<(AnnualReport, Vec<PracticeId>), StoreError> {
    let (begin, end) = (end_of_day(year.from().pred_opt().unwrap_or(year.from())), end_of_day(year.until()));
    let rows: Vec<(Counted, WrappedKeys)> = complaints::table
        .filter(complaints::council_id.eq(council))
        .filter(complaints::received_at.ge(begin).and(complaints::received_at.lt(end)))
        .order(complaints::complaint_id)
        .select((Counted::as_select(), wrapped_keys!(complaints, council.uuid())))
        .load(scope.conn)?;
    let mut learning = Vec::new();
    for (one, keys) in &rows {
        if let Some(words) = &one.learning {
            let sealed = Sealed { council, id: one.complaint_id, key_id: one.key_id };
            learning.push(scope.unwrap(council.uuid(), one.key_id, keys)?.open(sealed.field("learning"), words)?);
        }
    }
    let received: Vec<Counted> = rows.into_iter().map(|(one, _)| one).collect();
    let ids: Vec<ComplaintId> = received.iter().map(|one| one.complaint_id).collect();
    let themes: Vec<Theme> = complaint_heads::table
        .filter(complaint_heads::council_id.eq(council).and(complaint_heads::complaint_id.eq_any(&ids)))
        .select(complaint_heads::theme)
        .load(scope.conn)?;
    let decisions: Vec<Option<OmbudsmanDecision>> = complaint_ombudsman::table
        .filter(complaint_ombudsman::council_id.eq(council).and(complaint_ombudsman::complaint_id.eq_any(&ids)))
        .select(complaint_ombudsman::decision)
        .load(scope.conn)?;
    let practice_ids = received.iter().filter_map(|one| one.practice_id).collect();
    let is_founded = |outcome: ComplaintOutcome| {
        matches!(outcome, ComplaintOutcome::WellFounded | ComplaintOutcome::PartlyWellFounded)
    };
    let in_time = |one: &&Counted| one.answered_at.is_some_and(|at| london_date(at) <= one.response_due_on);
    let report = AnnualReport {
        council: name,
        from: year.from(),
        until: year.until(),
        received: number(received.iter()),
        well_founded: number(received.iter().filter(|one| one.outcome.is_some_and(is_founded))),
        taken_to_the_ombudsman: number(decisions.iter()),
        upheld_by_the_ombudsman: number(decisions.iter().filter(|one| **one == Some(OmbudsmanDecision::Upheld))),
        answered: number(received.iter().filter(|one| one.answered_at.is_some())),
        answered_in_time: number(received.iter().filter(in_time)),
        withdrawn: number(received.iter().filter(|one| one.status == ComplaintStatus::Withdrawn)),
        by_way: counts(received.iter().map(|one| one.way.as_str())),
        by_outcome: counts(received.iter().filter_map(|one| one.outcome).map(ComplaintOutcome::as_str)),
        not_considered: counts(received.iter().filter_map(|one| one.exclusion).map(ExclusionGround::as_str)),
        by_theme: counts(themes.iter().map(|theme| theme.as_str())),
        by_practice: Vec::new(),
        learning,
    };
    Ok((report, practice_ids))
}
