//! The jobs with contents of documents, apart from the others, so that a scanner that hangs keeps none of these waiting: having
//! documents scanned, and clearing away contents that were never sent.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use almoner_domain::documents::DocumentStatus;
use almoner_domain::documents::state::Verdict;
use almoner_domain::events::JobKind;
use almoner_persistence::documents::{
    Content, Scanned, begin_council_scan, begin_scan, clear_council_object, clear_object, settle_council_scan,
    settle_scan,
};
use almoner_persistence::jobs::{self, Job, Lane};
use almoner_persistence::{Objects, Store, StoreError};
use uuid::Uuid;

use crate::FETCHED_AT_ONCE;
use crate::scanner::Scanner;
use crate::tally::Tally;

/// What documents are scanned with: the scanner, and the place where they are stored.
pub struct Scans {
    /// What scans them. Without it they wait.
    pub scanner: Option<Scanner>,
    /// Where they are stored.
    pub documents: Objects,
}

/// Does every job with a content that is due by the store's clock, once: of one practice or council, or of all. Returns how many were done: a scan is done when the
/// scanner has given an answer.
pub fn scan_once(store: &Store, only: Option<Uuid>, scans: &Scans) -> Result<usize, StoreError> {
    pass(store, only, scans, &Tally::default())
}

/// Does the jobs with contents, in one pass after another with a pause between them, until something is sent to `stop` or its sender
/// is dropped. What it does is counted in `tally`.
pub fn run_scans(store: &Store, stop: Receiver<()>, pause: Duration, scans: &Scans, tally: &Tally) {
    loop {
        match pass(store, None, scans, tally) {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "did jobs with documents"),
            Err(error) => tracing::error!(%error, "the jobs with documents broke off; they are tried again"),
        }
        match stop.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn pass(store: &Store, only: Option<Uuid>, scans: &Scans, tally: &Tally) -> Result<usize, StoreError> {
    let now = store.clock().now();
    let mut done = 0;
    let mut last: Option<Job> = None;
    loop {
        let page =
            store.worker(None, |scope| jobs::due(scope, only, Lane::Documents, now, last.as_ref(), FETCHED_AT_ONCE))?;
        for job in &page {
            match do_job(store, scans, job) {
                Ok(true) => {
                    tally.job_done();
                    done += 1;
                }
                Ok(false) => {}
                Err(error) => {
                    tally.job_failed();
                    tracing::error!(owner = %job.owner, job = %job.job_id, %error, "a job with a document failed; it is tried again");
                    if matches!(error, StoreError::Unavailable(_)) {
                        store.is_ready()?;
                    }
                }
            }
        }
        if page.len() < FETCHED_AT_ONCE {
            return Ok(done);
        }
        last = page.into_iter().last();
    }
}

fn do_job(store: &Store, scans: &Scans, job: &Job) -> Result<bool, StoreError> {
    match (JobKind::parse(&job.kind), &scans.scanner) {
        (Ok(JobKind::ClearObject), _) => {
            store.worker(Some(job.practice()), |scope| clear_object(scope, job, &scans.documents))
        }
        (Ok(JobKind::ClearCouncilObject), _) => {
            store.worker_of_council(job.council(), |scope| clear_council_object(scope, job, &scans.documents))
        }
        (Ok(JobKind::ScanDocument), Some(scanner)) => scan(
            (scanner, &scans.documents),
            store.worker(Some(job.practice()), |scope| begin_scan(scope, job))?,
            |verdict| store.worker(Some(job.practice()), |scope| settle_scan(scope, job, verdict)),
        ),
        (Ok(JobKind::ScanCouncilDocument), Some(scanner)) => scan(
            (scanner, &scans.documents),
            store.worker_of_council(job.council(), |scope| begin_council_scan(scope, job))?,
            |verdict| store.worker_of_council(job.council(), |scope| settle_council_scan(scope, job, verdict)),
        ),
        _ => Ok(false),
    }
}

/// Has one document scanned, if it is this worker's to scan. Returns whether the scanner gave an answer.
fn scan(
    (scanner, documents): (&Scanner, &Objects),
    content: Option<Content>,
    settle: impl FnOnce(Verdict) -> Result<Scanned, StoreError>,
) -> Result<bool, StoreError> {
    let Some(content) = content else { return Ok(false) };
    let object = content.object();
    let verdict = scanner.scan(content.reader(documents)?);
    if verdict == Verdict::Nothing {
        tracing::warn!("the scanner gave no answer: the document stays in quarantine");
    }
    let settled = settle(verdict)?;
    if settled == Scanned::Settled(DocumentStatus::Infected) {
        // Its key is gone, and so it is noise already.
        object.delete(documents)?;
    }
    Ok(matches!(settled, Scanned::Settled(DocumentStatus::Clean | DocumentStatus::Infected)))
}
