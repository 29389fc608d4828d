//! The counts of a worker's work since it started, and its signs of life, for whoever monitors it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The counts of the work since the process started. The worker writes them, and anybody reads them at any time.
#[derive(Debug)]
pub struct Tally {
    begun: Instant,
    jobs_done: AtomicU64,
    jobs_failed: AtomicU64,
    signings_failed: AtomicU64,
    /// The number of complaints that nobody has, and one more; 0 before they were counted.
    unattended: AtomicU64,
    /// The milliseconds from the beginning to the last sign of life.
    alive: AtomicU64,
    /// The milliseconds from the beginning to the end of the last pass that did not break off, and one more; 0 before it.
    passed: AtomicU64,
    broke_off: AtomicBool,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            jobs_done: AtomicU64::new(0),
            jobs_failed: AtomicU64::new(0),
            signings_failed: AtomicU64::new(0),
            unattended: AtomicU64::new(0),
            alive: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            broke_off: AtomicBool::new(false),
        }
    }
}

impl Tally {
    /// The number of jobs that were done.
    pub fn jobs_done(&self) -> u64 {
        self.jobs_done.load(Ordering::Relaxed)
    }

    /// The number of attempts at a job that failed.
    pub fn jobs_failed(&self) -> u64 {
        self.jobs_failed.load(Ordering::Relaxed)
    }

    /// The number of attempts to sign the heads of the audit log that failed.
    pub fn signings_failed(&self) -> u64 {
        self.signings_failed.load(Ordering::Relaxed)
    }

    /// The number of open complaints, of all councils together, that nobody has and nobody is asked to open, when they were last counted.
    pub fn unattended(&self) -> Option<usize> {
        let counted = self.unattended.load(Ordering::Relaxed).checked_sub(1)?;
        Some(usize::try_from(counted).unwrap_or(usize::MAX))
    }

    /// The time since the worker last ended a job or a batch, or paused.
    pub fn silent_for(&self) -> Duration {
        self.begun.elapsed().saturating_sub(Duration::from_millis(self.alive.load(Ordering::Relaxed)))
    }

    /// The time since the last whole pass, if there was one.
    pub fn since_pass(&self) -> Option<Duration> {
        let passed = self.passed.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.begun.elapsed().saturating_sub(Duration::from_millis(passed)))
    }

    /// Whether the last pass broke off, so that what was due after that place was not tried.
    pub fn broke_off(&self) -> bool {
        self.broke_off.load(Ordering::Relaxed)
    }

    pub(crate) fn job_done(&self) {
        self.jobs_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn job_failed(&self) {
        self.jobs_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn signing_failed(&self) {
        self.signings_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_unattended(&self, count: usize) {
        let counted = u64::try_from(count).unwrap_or(u64::MAX - 1);
        self.unattended.store(counted.saturating_add(1), Ordering::Relaxed);
    }

    /// Notes a sign of life.
    pub(crate) fn is_alive(&self) {
        self.alive.store(self.elapsed(), Ordering::Relaxed);
    }

    pub(crate) fn pass_ended(&self, whole: bool) {
        self.is_alive();
        self.broke_off.store(!whole, Ordering::Relaxed);
        if whole {
            self.passed.store(self.elapsed() + 1, Ordering::Relaxed);
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_that_broke_off_is_a_sign_of_life_and_no_pass() {
        let an_hour = Duration::from_hours(1);
        let tally = Tally { begun: Instant::now().checked_sub(an_hour).unwrap(), ..Tally::default() };
        assert_eq!((tally.since_pass(), tally.broke_off()), (None, false));
        assert!(tally.silent_for() >= an_hour);
        tally.pass_ended(false);
        assert!(tally.silent_for() < an_hour);
        assert_eq!((tally.since_pass(), tally.broke_off()), (None, true));
        tally.pass_ended(true);
        assert!(tally.since_pass().is_some() && !tally.broke_off());
    }
}
