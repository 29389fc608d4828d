//! The annual report of a council's complaints.

use almoner_letters::{Block, Language, Letter, Level, Size};
use almoner_persistence::complaints::figures::Count;
use almoner_persistence::complaints::reporting::{self, AnnualReport};

use crate::ground::caller::Caller;
use crate::ground::csv::CsvTable;
use crate::ground::letter::HtmlLetter;
use crate::ground::operation::operations;
use crate::ground::page::{OfYear, Query};
use crate::ground::permission::ComplaintsDecide;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;
use crate::letters::day;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read, as_html, as_csv);
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

/// Gives out the annual report as a table: what a number is of, what it counts, and the number.
#[utoipa::path(get, path = "/annual-report.csv")]
async fn as_csv(caller: Caller<ComplaintsDecide>, year: Query<OfYear>) -> Result<CsvTable, ApiError> {
    caller
        .scope(move |scope| {
            let report = reporting::annual_report(scope, year.0.ending)?;
            CsvTable::of(report.map(|one| (name(&one), table(&one))))
        })
        .await
}

/// The name of the file, without its ending.
fn name(report: &AnnualReport) -> String {
    format!("complaints-{}", report.until)
}

/// The totals, in the words of the report.
fn totals(report: &AnnualReport) -> [(&'static str, i64); 7] {
    let figures = &report.figures;
    [
        ("Received", figures.received),
        ("Well-founded, wholly or in part", figures.well_founded),
        ("Answered", figures.answered),
        ("Answered in time", figures.answered_in_time),
        ("Withdrawn", figures.withdrawn),
        ("Taken to the Ombudsman, as far as is known", figures.taken_to_the_ombudsman),
        ("Upheld by the Ombudsman", figures.upheld_by_the_ombudsman),
    ]
}

/// What is done because of them, in the words of the report.
fn actions(report: &AnnualReport) -> [(&'static str, i64); 3] {
    let actions = &report.actions;
    [("Agreed", actions.agreed), ("Done", actions.done), ("Not done, and overdue", actions.overdue)]
}

/// The heading of what is done because of them.
const ACTIONS: &str = "Action taken";

/// The numbers of each kind, under the heading that they have in the report.
fn broken_down(report: &AnnualReport) -> [(&'static str, &[Count]); 5] {
    [
        ("What they were about", &report.by_theme),
        ("What was found", &report.by_outcome),
        ("How they came", &report.by_way),
        ("Not considered", &report.not_considered),
        ("By practice", &report.by_practice),
    ]
}

fn table(report: &AnnualReport) -> Vec<Vec<String>> {
    let row = |of: &str, what: &str, number: String| vec![of.to_owned(), what.to_owned(), number];
    let mut rows = vec![row("Of", "What", "Number".to_owned())];
    rows.push(row("Report", "Council", report.council.clone()));
    rows.push(row("Report", "From", report.from.to_string()));
    rows.push(row("Report", "Until", report.until.to_string()));
    rows.extend(totals(report).map(|(what, number)| row("Total", what, number.to_string())));
    for (of, counts) in broken_down(report) {
        rows.extend(counts.iter().map(|count| row(of, &count.what, count.number.to_string())));
    }
    rows.extend(actions(report).map(|(what, number)| row(ACTIONS, what, number.to_string())));
    rows
}

fn letter(report: &AnnualReport) -> (String, Letter) {
    let title = format!("Complaints to {} from {} to {}", report.council, day(report.from), day(report.until));
    let mut blocks = vec![
        Block::heading(Level::One, title.clone()),
        Block::facts(totals(report).map(|(what, number)| (what.to_owned(), number.to_string()))),
    ];
    for (heading, counts) in broken_down(report) {
        if !counts.is_empty() {
            let in_words = |count: &Count| (count.what.replace('_', " "), count.number.to_string());
            blocks.push(Block::heading(Level::Two, heading));
            blocks.push(Block::facts(counts.iter().map(in_words)));
        }
    }
    blocks.push(Block::heading(Level::Two, ACTIONS));
    blocks.push(Block::facts(actions(report).map(|(what, number)| (what.to_owned(), number.to_string()))));
    if !report.learning.is_empty() {
        blocks.push(Block::heading(Level::Two, "What was learnt"));
        blocks.push(Block::list(report.learning.clone()));
    }
    (name(report), Letter::new(&title, Language::BRITISH_ENGLISH, Size::Standard, blocks))
}
