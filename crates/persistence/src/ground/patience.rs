//! How long a thread waits for the database.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

/// The time in which a transaction must have begun, the wait for a connection included.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The longest wait for an answer to one statement. PostgreSQL itself ends a statement of the log-in roles after 10 seconds
/// (`bootstrap.rs`), so a server that is still there has answered by then.
const ANSWER: Duration = Duration::from_secs(12);

thread_local! {
    static BEGINS_BY: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `f`, whose first transaction must have begun at this time. A request that has waited for its turn waits for a
/// connection for what is left of its patience.
pub fn begins_by<R>(at: Instant, f: impl FnOnce() -> R) -> R {
    BEGINS_BY.set(Some(at));
    let _until_the_end = BeginsBy;
    f()
}

/// Takes the deadline off the thread when it is dropped, also where a panic ends the work: the thread's next request has a
/// deadline of its own.
struct BeginsBy;

impl Drop for BeginsBy {
    fn drop(&mut self) {
        BEGINS_BY.set(None);
    }
}

/// The time at which the next transaction of this thread must have begun.
pub(super) fn deadline() -> Instant {
    BEGINS_BY.take().unwrap_or_else(|| Instant::now() + PATIENCE)
}

/// The limit of this thread's waits for an answer, which lasts until it is dropped.
pub(super) struct Limit {
    before: Option<Duration>,
    of_this_thread: PhantomData<*const ()>,
}

impl Limit {
    /// Waits for at most this long for each answer.
    pub(super) fn of(limit: Duration) -> Self {
        Self { before: pq_sys::wait_at_most(Some(limit)), of_this_thread: PhantomData }
    }

    /// Waits for each answer for as long as a statement may take.
    pub(super) fn of_a_statement() -> Self {
        Self::of(ANSWER)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        pq_sys::wait_at_most(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_and_a_limit_end_with_the_work_that_they_were_set_for_also_in_a_panic() {
        let past = Instant::now();
        let panicked = std::panic::catch_unwind(|| {
            begins_by(past, || {
                let _limit = Limit::of(Duration::from_millis(1));
                panic!("the work has a fault");
            })
        });
        assert!(panicked.is_err());
        assert!(deadline() > past, "the next request on this thread has two seconds of its own");
        assert_eq!(pq_sys::wait_at_most(None), None, "and no limit of the one before");
    }
}
