//! The jobs with contents of documents, apart from the others, so that a scanner that hangs keeps none of these waiting: having
//! documents scanned, and clearing away contents that were never sent.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use almoner_domain::documents::DocumentStatus;
use almoner_domain::documents::state::Verdict;
use almoner_domain::events::JobKind;
use almoner_persistence::complaints::documents::{begin_complaint_scan, clear_complaint_object, settle_complaint_scan};
use almoner_persistence::documents::{
    Content, Scanned, begin_council_scan, begin_scan, clear_council_object, clear_object, settle_scan,
};
use almoner_persistence::jobs::Lane;
use almoner_persistence::referrals::settle_council_scan;
use almoner_persistence::{Objects, Store, StoreError};
use uuid::Uuid;

use crate::do_jobs;
use crate::scanner::Scanner;
use crate::tally::Tally;

/// What documents are scanned with: the scanner, and the place where they are stored.
pub struct Scans {
    /// What scans them. Without it they wait.
    pub scanner: Option<Scanner>,
    /// Where they are stored.
    pub documents: Objects,
}

/// Does every job with a content that is due by the store's clock, once: of one practice or council, or of all. Returns how many
/// were done: a scan is done when the scanner has given an answer.
pub fn scan_once(store: &Store, only: Option<Uuid>, scans: &Scans) -> Result<usize, StoreError> {
    pass(store, only, scans, &Tally::default(), &|| false)
}

/// Does the jobs with contents, in one pass after another with a pause between them, until something is sent to `stop` or its
/// sender is dropped. The scan under way is finished first. What it does is counted in `tally`.
pub fn run_scans(store: &Store, stop: Receiver<()>, pause: Duration, scans: &Scans, tally: &Tally) {
    let told = Cell::new(false);
    let is_told_to_stop = || {
        told.set(told.get() || stop.try_recv() != Err(TryRecvError::Empty));
        told.get()
    };
    while !is_told_to_stop() {
        match pass(store, None, scans, tally, &is_told_to_stop) {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "did jobs with documents"),
            Err(error) => tracing::error!(%error, "the jobs with documents broke off; they are tried again"),
        }
        if !told.get() && stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn pass(
    store: &Store,
    only: Option<Uuid>,
    scans: &Scans,
    tally: &Tally,
    is_told_to_stop: &dyn Fn() -> bool,
) -> Result<usize, StoreError> {
    let documents = &scans.documents;
    let cleared =
        do_jobs(store, Lane::Clearing, only, tally, is_told_to_stop, |job| match JobKind::parse(&job.kind) {
            Ok(JobKind::ClearObject) => store.worker(Some(job.practice()), |scope| clear_object(scope, job, documents)),
            Ok(JobKind::ClearCouncilObject) => {
                store.worker_of_council(job.council(), |scope| clear_council_object(scope, job, documents))
            }
            Ok(JobKind::ClearComplaintObject) => {
                store.worker_of_council(job.council(), |scope| clear_complaint_object(scope, job, documents))
            }
            _ => Ok(false),
        })?;
    let Some(scanner) = &scans.scanner else { return Ok(cleared) };
    let answered =
        do_jobs(store, Lane::Scanning, only, tally, is_told_to_stop, |job| match JobKind::parse(&job.kind) {
            Ok(JobKind::ScanDocument) => scan(
                (scanner, documents),
                store.worker(Some(job.practice()), |scope| begin_scan(scope, job))?,
                |verdict| store.worker(Some(job.practice()), |scope| settle_scan(scope, job, verdict)),
            ),
            Ok(JobKind::ScanCouncilDocument) => scan(
                (scanner, documents),
                store.worker_of_council(job.council(), |scope| begin_council_scan(scope, job))?,
                |verdict| store.worker_of_council(job.council(), |scope| settle_council_scan(scope, job, verdict)),
            ),
            Ok(JobKind::ScanComplaintDocument) => scan(
                (scanner, documents),
                store.worker_of_council(job.council(), |scope| begin_complaint_scan(scope, job))?,
                |verdict| store.worker_of_council(job.council(), |scope| settle_complaint_scan(scope, job, verdict)),
            ),
            _ => Ok(false),
        })?;
    Ok(cleared + answered)
}

/// Has one document scanned, if it is this worker's to scan. Returns whether the scanner gave an answer.
fn scan(
    (scanner, documents): (&Scanner, &Objects),
    content: Option<Content>,
    settle: impl FnOnce(Verdict) -> Result<Scanned, StoreError>,
) -> Result<bool, StoreError> {
    let Some(content) = content else { return Ok(false) };
    let verdict = scanner.scan(content.reader(documents)?);
    if verdict == Verdict::Nothing {
        tracing::warn!("the scanner gave no answer: the document stays in quarantine");
    }
    Ok(matches!(settle(verdict)?, Scanned::Settled(DocumentStatus::Clean | DocumentStatus::Infected)))
}
