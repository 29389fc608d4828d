//! `almoner tour`: the main job, walked over HTTP as each of the five callers.

mod callers;
mod complaint;
mod referrals;
mod report;
mod walk;

use std::path::Path;
use std::process::ExitCode;

use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate};

use crate::logins::Logins;
use crate::serve::Failure;
use crate::web::{Answer, Web};
use report::Report;
use walk::Walk;

/// Walks the main job, prints it, and, if there is a file of referrals, sends it afterwards. The exit code is not zero if
/// anything differs from what it should be.
pub fn run(url: Option<String>, referrals: Option<&Path>) -> Result<ExitCode, Failure> {
    let logins = Logins::read()?;
    // A file that cannot be read is known before anything is sent.
    let messages = referrals.map(referrals::read).transpose()?;
    let url = match url {
        Some(url) => url,
        None => logins.get("ALMONER_URL")?.to_owned(),
    };
    let web = Web::new(&url);
    let ready =
        web.send("GET", "/health/ready", &[], None).map_err(|error| format!("{url} does not answer: {error}"))?;
    if ready.status != 200 {
        return Err(format!("{url} is not ready: {}", ready.status).into());
    }
    let report = Report::new();
    report.line(&format!("A tour of {url}. Everybody in it is made up."));
    Walk::new(&web, &report, &logins, today(&ready)?).run();
    if let Some(messages) = messages {
        referrals::send(&web, &report, &logins, &messages);
    }
    Ok(report.end())
}

/// The server's day, in London: no request may be dated later.
fn today(answer: &Answer) -> Result<NaiveDate, Failure> {
    let now = answer.header("date").ok_or("the server does not say what time it is")?;
    Ok(london_date(DateTime::parse_from_rfc2822(now)?.to_utc()))
}
