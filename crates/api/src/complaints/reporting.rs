//! The annual report of a council's complaints.

use almoner_letters::{Block, Language, Letter, Level, Size};
use almoner_persistence::complaints::reporting::{self, AnnualReport, Count};
use serde::Deserialize;
use utoipa::IntoParams;

use super::letters::day;
use crate::ground::caller::Caller;
use crate::ground::letter::HtmlLetter;
use crate::ground::operation::operations;
use crate::ground::page::Query;
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read, as_html);
}

/// The year of a report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfYear {
    /// The year on whose 31 March the twelve months end. Without it the last that have ended are meant.
    #[param(minimum = 2000, maximum = 2200, example = 2026)]
    ending: Option<i32>,
}

/// Counts the complaints that the council received in twelve months (SI 2009/309 reg 18), whoever has them, as they stand now.
#[utoipa::path(get, path = "/annual-report")]
async fn read(caller: Caller<ComplaintsDecide>, year: Query<OfYear>) -> Result<Reply<AnnualReport>, ApiError> {
    caller.read(move |scope| reporting::annual_report(scope, year.0.ending)).await
}

/// Gives out the annual report as an HTML document, which is available to anybody on request.
#[utoipa::path(get, path = "/annual-report.html")]
async fn as_html(caller: Caller<ComplaintsDecide>, year: Query<OfYear>) -> Result<HtmlLetter, ApiError> {
    caller
        .scope(move |scope| Ok(HtmlLetter::of(reporting::annual_report(scope, year.0.ending)?.map(|one| letter(&one)))))
        .await
}

fn letter(report: &AnnualReport) -> (String, Letter) {
    let title = format!("Complaints to {} from {} to {}", report.council, day(report.from), day(report.until));
    let number = |name: &str, number: i64| (name.to_owned(), number.to_string());
    let mut blocks = vec![
        Block::heading(Level::One, title.clone()),
        Block::facts([
            number("Received", report.received),
            number("Well-founded, wholly or in part", report.well_founded),
            number("Answered", report.answered),
            number("Answered in time", report.answered_in_time),
            number("Withdrawn", report.withdrawn),
            number("Taken to the Ombudsman, as far as is known", report.taken_to_the_ombudsman),
            number("Upheld by the Ombudsman", report.upheld_by_the_ombudsman),
        ]),
    ];
    for (heading, counts) in [
        ("What they were about", &report.by_theme),
        ("What was found", &report.by_outcome),
        ("How they came", &report.by_way),
        ("Not considered", &report.not_considered),
    ] {
        if !counts.is_empty() {
            let in_words = |count: &Count| (count.what.replace('_', " "), count.number.to_string());
            blocks.push(Block::heading(Level::Two, heading));
            blocks.push(Block::facts(counts.iter().map(in_words)));
        }
    }
    if !report.learning.is_empty() {
        blocks.push(Block::heading(Level::Two, "What was learnt"));
        blocks.push(Block::list(report.learning.clone()));
    }
    let name = format!("complaints-{}", report.until);
    (name, Letter::new(&title, Language::BRITISH_ENGLISH, Size::Standard, blocks))
}
