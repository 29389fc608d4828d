//! Having documents scanned, apart from the other jobs: a scanner that hangs keeps none of them waiting.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use almoner_domain::documents::DocumentStatus;
use almoner_domain::documents::state::Verdict;
use almoner_domain::ids::PracticeId;
use almoner_persistence::documents::{Scanned, begin_scan, settle_scan};
use almoner_persistence::jobs::{self, Job, Lane};
use almoner_persistence::{Objects, Store, StoreError};

use crate::FETCHED_AT_ONCE;
use crate::scanner::Scanner;
use crate::tally::Tally;

/// What documents are scanned with: the scanner, and the place where they are stored.
pub struct Scans {
    /// What scans them.
    pub scanner: Scanner,
    /// Where they are stored.
    pub documents: Objects,
}

/// Has every document scanned that is due by the store's clock, once. Returns how many the scanner gave an answer for.
pub fn scan_once(store: &Store, only: Option<PracticeId>, scans: &Scans) -> Result<usize, StoreError> {
    pass(store, only, scans, &Tally::default())
}

/// Has documents scanned, in one pass after another with a pause between them, until something is sent to `stop` or its sender
/// is dropped. What it does is counted in `tally`.
pub fn run_scans(store: &Store, stop: Receiver<()>, pause: Duration, scans: &Scans, tally: &Tally) {
    loop {
        match pass(store, None, scans, tally) {
            Ok(0) => {}
            Ok(scanned) => tracing::info!(scanned, "scanned documents"),
            Err(error) => tracing::error!(%error, "the scans broke off; they are tried again"),
        }
        match stop.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn pass(store: &Store, only: Option<PracticeId>, scans: &Scans, tally: &Tally) -> Result<usize, StoreError> {
    let now = store.clock().now();
    let mut scanned = 0;
    let mut last: Option<Job> = None;
    loop {
        let page = store.worker(only, |scope| jobs::due(scope, Lane::Scans, now, last.as_ref(), FETCHED_AT_ONCE))?;
        for job in &page {
            match scan(store, scans, job) {
                Ok(true) => {
                    tally.job_done();
                    scanned += 1;
                }
                Ok(false) => {}
                Err(error) => {
                    tally.job_failed();
                    tracing::error!(practice = %job.practice, job = %job.job_id, %error, "a document was not scanned; it is tried again");
                    if matches!(error, StoreError::Unavailable(_)) {
                        store.is_ready()?;
                    }
                }
            }
        }
        if page.len() < FETCHED_AT_ONCE {
            return Ok(scanned);
        }
        last = page.into_iter().last();
    }
}

/// Has one document scanned. Returns whether the scanner gave an answer.
fn scan(store: &Store, scans: &Scans, job: &Job) -> Result<bool, StoreError> {
    let Some(content) = store.worker(Some(job.practice), |scope| begin_scan(scope, job))? else { return Ok(false) };
    let object = content.object();
    let verdict = scans.scanner.scan(content.reader(&scans.documents)?);
    if verdict == Verdict::Nothing {
        tracing::warn!(document = %job.subject, "the scanner gave no answer: the document stays in quarantine");
    }
    let settled = store.worker(Some(job.practice), |scope| settle_scan(scope, job, verdict))?;
    if settled == Scanned::Settled(DocumentStatus::Infected) {
        // Its key is gone, and so it is noise already.
        object.delete(&scans.documents)?;
    }
    Ok(matches!(settled, Scanned::Settled(DocumentStatus::Clean | DocumentStatus::Infected)))
}
