//! The annual report of a council's complaints (SI 2009/309 reg 18). It counts all of them, whoever has them, and shows none.

use almoner_domain::complaints::heads::ComplaintOutcome;
use almoner_domain::complaints::reporting::ReportingYear;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ComplaintId, CouncilId, KeyId, PracticeId};
use almoner_domain::words::calendar::end_of_day;
use almoner_domain::words::text::{Line, Passage};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Sealed;
use super::figures::{Count, Figures, OfYear, counts, names_of, number, of_year, received_in};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{complaint_actions, complaints, councils};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::officers::roles::answers_for_the_council;

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
    /// The totals.
    #[serde(flatten)]
    pub figures: Figures,
    /// The numbers by the way in which they came.
    #[schema(max_items = 4)]
    pub by_way: Vec<Count>,
    /// The numbers by outcome of those that were answered, as the last response that was sent says.
    #[schema(max_items = 4)]
    pub by_outcome: Vec<Count>,
    /// The numbers by the ground on which they were not considered.
    #[schema(max_items = 10)]
    pub not_considered: Vec<Count>,
    /// The numbers of heads by theme: the subject matter.
    #[schema(max_items = 11)]
    pub by_theme: Vec<Count>,
    /// The numbers by practice, of those that are about one.
    #[schema(max_items = 1000)]
    pub by_practice: Vec<Count>,
    /// The action that is taken because of them.
    pub actions: ActionFigures,
    /// What was learnt, as it was put down without names.
    #[schema(max_items = 1000, value_type = Vec<Passage<4000>>)]
    pub learning: Vec<String>,
}

/// The numbers of actions because of complaints, those too that the Ombudsman asked for. What is dealt with apart from a complaint is none.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct ActionFigures {
    /// The number of actions that were agreed.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub agreed: i64,
    /// The number of those that are done.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub done: i64,
    /// The number of those that are not done, and whose day is over.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub overdue: i64,
}

/// Counts the complaints of a year that is over. The year that goes on is for the responsible person and who stands in for them: whoever
/// else looks again and again would see each complaint as it comes, from which they may be barred.
pub fn annual_report(
    scope: &mut ComplaintsScope<'_>,
    ending: Option<i32>,
) -> Result<OnRecord<AnnualReport>, StoreError> {
    scope.officer()?;
    let council = scope.council_id();
    let year = if answers_for_the_council(&scope.worker().roles) {
        ReportingYear::parse(ending, scope.today())
    } else {
        ReportingYear::ended(ending, scope.today()).map_err(|fault| {
            let detail = format!("{}, as the year that goes on is for the responsible person", fault.detail);
            Fault::new(&fault.pointer, detail)
        })
    };
    let year = year.map_err(|fault| vec![fault])?;
    let name: String = councils::table.find(council).select(councils::name).first(scope.conn)?;
    // The intake does not know the names of practices.
    let (of_year, actions, learning) = scope.as_role("almoner_intake", |scope| {
        let of_year = of_year(scope, council, year, None)?;
        let actions = actions(scope, council, &of_year)?;
        Ok((of_year, actions, learning(scope, council, year)?))
    })?;
    let concerned: Vec<PracticeId> = of_year.received.iter().filter_map(|one| one.practice_id).collect();
    let names = names_of(scope, &concerned)?;
    let report = AnnualReport {
        council: name,
        from: year.from(),
        until: year.until(),
        figures: of_year.figures(),
        by_way: counts(of_year.received.iter().map(|one| one.way.as_str())),
        by_outcome: counts(of_year.outcomes().map(ComplaintOutcome::as_str)),
        not_considered: counts(of_year.not_considered.iter().map(|ground| ground.as_str())),
        by_theme: counts(of_year.themes.iter().map(|theme| theme.as_str())),
        by_practice: counts(concerned.iter().filter_map(|id| names.get(id)).map(String::as_str)),
        actions,
        learning,
    };
    scope.record_read(report, Event::ComplaintsReported { council })
}

/// Counts what is done because of the complaints of a year, as the intake.
fn actions(scope: &mut Scope<'_>, council: CouncilId, of_year: &OfYear) -> Result<ActionFigures, StoreError> {
    let ids: Vec<ComplaintId> = of_year.received.iter().map(|one| one.complaint_id).collect();
    let rows: Vec<(NaiveDate, Option<NaiveDate>)> = complaint_actions::table
        .filter(complaint_actions::council_id.eq(council).and(complaint_actions::complaint_id.eq_any(ids)))
        .filter(complaint_actions::stream.is_null())
        .select((complaint_actions::due_on, complaint_actions::done_on))
        .load(scope.conn)?;
    let today = scope.today();
    let is_overdue = |(due_on, done_on): &&(NaiveDate, Option<NaiveDate>)| done_on.is_none() && *due_on < today;
    Ok(ActionFigures {
        agreed: number(rows.iter()),
        done: number(rows.iter().filter(|(_, done_on)| done_on.is_some())),
        overdue: number(rows.iter().filter(is_overdue)),
    })
}

/// What was learnt from the complaints of a year, as the intake.
fn learning(scope: &mut Scope<'_>, council: CouncilId, year: ReportingYear) -> Result<Vec<String>, StoreError> {
    type Row = (ComplaintId, KeyId, Vec<u8>, WrappedKeys);
    let rows: Vec<Row> = received_in!(council, year)
        .filter(complaints::learning.is_not_null())
        .select((
            complaints::complaint_id,
            complaints::key_id,
            complaints::learning.assume_not_null(),
            wrapped_keys!(complaints, council.uuid()),
        ))
        .load(scope.conn)?;
    let open = |(id, key_id, words, keys): Row| {
        let field = Sealed { council, id, key_id }.field("learning");
        scope.unwrap(council.uuid(), key_id, &keys)?.open(field, &words)
    };
    rows.into_iter().map(open).collect()
}
