//! The clock from which the program takes the time. It is read once for each request; tests and the demonstration move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// A clock that may be set. Clones of a clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// The microseconds by which the clock is ahead of the machine's clock.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows the machine's time until it is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time to the microsecond, which is the precision that PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        (machine_time() + Duration::microseconds(self.ahead.load(Ordering::Relaxed))).trunc_subsecs(6)
    }

    /// Sets the clock, which goes on from that time.
    pub fn set(&self, at: DateTime<Utc>) {
        let ahead = (at - machine_time()).num_microseconds().unwrap_or(0);
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}
