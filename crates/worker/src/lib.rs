//! The worker: it runs the jobs that are due, has documents scanned, numbers events, seals the audit log into its chains, signs
//! their heads and deletes rows that have expired.
//!
//! Each job is one transaction in the scope of its practice or its council. Any number of workers may run side by side.

mod heads;
mod scanner;
mod scans;
mod tally;

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use almoner_domain::ids::{CouncilId, PracticeId};
use almoner_persistence::audit::SEALED_AT_ONCE;
use almoner_persistence::complaints::unattended;
use almoner_persistence::jobs::{self, CLEARED_AT_ONCE, Job, Lane, NUMBERED_AT_ONCE};
use almoner_persistence::{Store, StoreError, WorkerScope, audit};
use chrono::TimeDelta;
use uuid::Uuid;

pub use heads::{Heads, HeadsError};
pub use scanner::{Scanner, ScannerCommand};
pub use scans::{Scans, run_scans, scan_once};
pub use tally::Tally;

/// The number of due jobs that are fetched at a time.
const FETCHED_AT_ONCE: usize = 100;

/// The time that [`run`] waits between two hourly rounds: it looks for complaints that nobody has, and deletes expired rows. Both read
/// much.
const BETWEEN_ROUNDS: TimeDelta = TimeDelta::hours(1);

/// The time that [`run`] waits between two signings of the heads. They do not show a row that was altered and sealed anew in
/// between.
const BETWEEN_SIGNINGS: TimeDelta = TimeDelta::hours(1);

/// The counts of the work that one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The number of events that were given a number.
    pub numbered: usize,
    /// The number of jobs that were done.
    pub jobs: usize,
    /// The number of rows of the audit log that were sealed.
    pub sealed: usize,
    /// The number of expired rows that were deleted.
    pub cleared: usize,
}

/// Makes one pass: does every job that is due by the store's clock, numbers every event, seals the audit log, looks for complaints that
/// nobody has, and deletes rows that have expired.
///
/// With `only`, the jobs and the audit log are those of one practice, nothing is deleted, and no complaints are looked for that nobody has.
/// A job that fails is logged, stays undone and does not stop the others. The pass itself fails only where the database does.
pub fn run_once(store: &Store, only: Option<PracticeId>) -> Result<Done, StoreError> {
    pass(store, only, only.is_none(), &Tally::default())
}

/// Makes one pass after another, with a pause between them, until something is sent to `stop` or its sender is dropped. The
/// pass under way is finished first.
///
/// If the database goes away, it logs an error, pauses, and tries again.
///
/// With `heads`, the heads of the chains are signed at the first pass and every hour. What it does is counted in `tally`.
pub fn run(store: &Store, stop: Receiver<()>, pause: Duration, mut heads: Option<Heads>, tally: &Tally) {
    let mut round_at = None;
    let mut signed_at = None;
    loop {
        let now = store.clock().now();
        let is_a_round = round_at.is_none_or(|at| now - at >= BETWEEN_ROUNDS);
        let passed = pass(store, None, is_a_round, tally);
        tally.pass_ended(passed.is_ok());
        match passed {
            Ok(done) => {
                if is_a_round {
                    round_at = Some(now);
                }
                if done != Done::default() {
                    let Done { numbered, jobs, sealed, cleared } = done;
                    tracing::info!(jobs, numbered, sealed, cleared, "worked");
                }
            }
            Err(error) => tracing::error!(%error, "the pass broke off; it is tried again"),
        }
        if let Some(heads) = &mut heads
            && signed_at.is_none_or(|at| now - at >= BETWEEN_SIGNINGS)
        {
            match heads.append(store) {
                Ok(signed) => {
                    signed_at = Some(now);
                    tracing::info!(signed, "signed the heads of the audit log");
                }
                Err(error) => {
                    tally.signing_failed();
                    tracing::error!(%error, "the heads of the audit log were not written; it is tried again");
                }
            }
        }
        match stop.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn pass(store: &Store, only: Option<PracticeId>, is_a_round: bool, tally: &Tally) -> Result<Done, StoreError> {
    let now = store.clock().now();
    if is_a_round {
        of_each_council(store, tally, unattended::pass_on_what_the_gone_have)?;
    }
    let jobs = do_other_jobs(store, only.map(Into::into), tally)?;
    // Once there is one it is counted with every pass, so that the alarm ends with it.
    if is_a_round || tally.unattended() > Some(0) {
        tally.count_unattended(count_unattended(store, tally)?);
    }
    let numbered = in_batches(tally, NUMBERED_AT_ONCE, || store.worker(None, jobs::number_events))?;
    let sealed = seal(store, only, tally)?;
    let cleared = if is_a_round {
        in_batches(tally, CLEARED_AT_ONCE, || store.worker(None, |scope| jobs::clear_away(scope, now)))?
    } else {
        0
    };
    Ok(Done { numbered, jobs, sealed, cleared })
}

/// Does what [`run_once`] does of the complaints of one council: it passes on what officers have who are gone, and does every job that is
/// due by the store's clock, once. Returns how many it did.
pub fn do_jobs_of_council(store: &Store, council: CouncilId) -> Result<usize, StoreError> {
    store.worker_of_council(council, |scope| unattended::pass_on_what_the_gone_have(scope, council))?;
    do_other_jobs(store, Some(council.into()), &Tally::default())
}

/// Counts the open complaints of all councils together that nobody has. The log names the councils that have one, and no complaint.
fn count_unattended(store: &Store, tally: &Tally) -> Result<usize, StoreError> {
    let mut total = 0;
    of_each_council(store, tally, |scope, council| {
        let count = unattended::count(scope, council)?;
        if count > 0 {
            tracing::error!(%council, count, "nobody has a complaint of this council, and nobody is left to ask");
        }
        total += count;
        Ok::<_, StoreError>(())
    })?;
    Ok(total)
}

/// Does something in the scope of each council. One that fails does not stop the others.
fn of_each_council(
    store: &Store,
    tally: &Tally,
    mut work: impl FnMut(&mut WorkerScope<'_>, CouncilId) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for council in store.worker(None, unattended::councils)? {
        if let Err(error) = store.worker_of_council(council, |scope| work(scope, council)) {
            tally.job_failed();
            tracing::error!(%council, %error, "the complaints of a council were not looked through; it is tried again");
            if matches!(error, StoreError::Unavailable(_)) {
                store.is_ready()?;
            }
        }
        tally.is_alive();
    }
    Ok(())
}

/// Does every job that is due and has nothing to do with documents: of one practice or council, or of all.
fn do_other_jobs(store: &Store, only: Option<Uuid>, tally: &Tally) -> Result<usize, StoreError> {
    do_jobs(store, Lane::Others, only, tally, &|| false, |job| {
        let done = if job.is_of_a_council() {
            store.worker_of_council(job.council(), |scope| jobs::perform_for_council(scope, job))
        } else {
            store.worker(Some(job.practice()), |scope| jobs::perform(scope, job))
        };
        tally.is_alive();
        done
    })
}

/// Seals what is not sealed, chain by chain. A chain that cannot be sealed does not stop the others.
fn seal(store: &Store, only: Option<PracticeId>, tally: &Tally) -> Result<usize, StoreError> {
    let mut sealed = 0;
    for name in store.worker(only, audit::unsealed)? {
        match in_batches(tally, SEALED_AT_ONCE, || store.worker(None, |scope| audit::seal(scope, &name))) {
            Ok(count) => sealed += count,
            Err(error) => {
                tracing::error!(chain = %name, %error, "a chain of the audit log was not sealed; it is tried again");
                if matches!(error, StoreError::Unavailable(_)) {
                    store.is_ready()?;
                }
            }
        }
    }
    Ok(sealed)
}

/// Tries every job of a lane that is due by the store's clock once, page by page, until `is_told_to_stop`. A job that fails is not
/// tried again in this pass; where the database is out of reach for every job, the pass ends.
fn do_jobs(
    store: &Store,
    lane: Lane,
    only: Option<Uuid>,
    tally: &Tally,
    is_told_to_stop: &dyn Fn() -> bool,
    perform: impl Fn(&Job) -> Result<bool, StoreError>,
) -> Result<usize, StoreError> {
    let now = store.clock().now();
    let mut done = 0;
    let mut last: Option<Job> = None;
    loop {
        let page = store.worker(None, |scope| jobs::due(scope, only, lane, now, last.as_ref(), FETCHED_AT_ONCE))?;
        for job in &page {
            if is_told_to_stop() {
                return Ok(done);
            }
            match perform(job) {
                Ok(true) => {
                    tally.job_done();
                    done += 1;
                }
                Ok(false) => {}
                Err(error) => {
                    tally.job_failed();
                    tracing::error!(
                        owner = %job.owner, job = %job.job_id, kind = job.kind, %error,
                        "a job failed; it is tried again with a later pass"
                    );
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

/// Repeats a batch until one is not full.
fn in_batches(
    tally: &Tally,
    full: usize,
    mut batch: impl FnMut() -> Result<usize, StoreError>,
) -> Result<usize, StoreError> {
    let mut total = 0;
    loop {
        let count = batch()?;
        tally.is_alive();
        total += count;
        if count < full {
            return Ok(total);
        }
    }
}
