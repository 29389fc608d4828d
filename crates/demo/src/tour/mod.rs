//! `almoner tour`: tries the main job over HTTP as each of the six callers, from a council's referral to a complaint.

mod answer_steps;
mod callers;
mod case_steps;
mod complaint_steps;
mod officer_steps;
mod record_steps;
mod referral_file;
mod report;
mod requests;
mod sample_person;
mod shared;
mod standing_in_steps;
mod urgent_steps;

use std::path::Path;
use std::process::ExitCode;

use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate};

use crate::Failure;
use crate::logins::Logins;
use crate::web::{Answer, Web};
use case_steps::Tour;
use report::Report;

/// Takes every step of the tour and prints it; then sends the file of referrals, if there is one. The exit code is not zero if
/// any answer differs from what it should be.
pub(crate) fn run(url: Option<&str>, referrals: Option<&Path>) -> Result<ExitCode, Failure> {
    let logins = Logins::read()?;
    // The file is read first, so that nothing is sent if it cannot be read.
    let messages = referrals.map(referral_file::read).transpose()?;
    let url = match url {
        Some(url) => url,
        None => logins.get("ALMONER_URL")?,
    };
    let web = Web::new(url);
    let ready =
        web.send("GET", "/health/ready", &[], None).map_err(|error| format!("{url} does not answer: {error}"))?;
    if ready.status != 200 {
        return Err(format!("{url} is not ready: {}", ready.status).into());
    }
    let report = Report::new();
    report.line(&format!("A tour of {url}. Everybody in it is made up."));
    Tour::new(&web, &report, &logins, today(&ready)?).run();
    if let Some(messages) = messages {
        referral_file::send(&web, &report, &logins, &messages);
    }
    Ok(report.end())
}

/// The server's date in London: no request may be dated later.
fn today(answer: &Answer) -> Result<NaiveDate, Failure> {
    let now = answer.header("date").ok_or("the server does not say what time it is")?;
    Ok(london_date(DateTime::parse_from_rfc2822(now)?.to_utc()))
}
