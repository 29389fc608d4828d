//! How far a long work is, on standard error.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The time between two lines. Work that is done sooner says nothing.
const EVERY: Duration = Duration::from_secs(5);

/// Says every five seconds on standard error how far a work is, and for how long it has gone on, until it is dropped. The
/// lines come from a thread of its own, so that they also come while one step takes long.
pub struct Progress {
    how_far: Arc<Mutex<String>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to say how far a work is. `what` is the work, as in `migrating`.
    pub fn of(what: &'static str) -> Self {
        Self::every(EVERY, what, |line| crate::remark!("{line}"))
    }

    fn every(pause: Duration, what: &'static str, mut say: impl FnMut(&str) + Send + 'static) -> Self {
        let begun = Instant::now();
        let how_far = Arc::new(Mutex::new(String::new()));
        let (stop, stopped) = mpsc::channel();
        let seen = Arc::clone(&how_far);
        let said = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
                let how_far = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let colon = if how_far.is_empty() { "" } else { ": " };
                say(&format!("{what}{colon}{how_far} (after {} s)", begun.elapsed().as_secs()));
            }
        };
        // Without a thread nothing is said, and the work is done all the same.
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(said).ok();
        Self { how_far, stop: Some(stop), thread }
    }

    /// Notes how far the work is. It is said with the next line.
    pub fn is(&self, how_far: impl Into<String>) {
        *self.how_far.lock().unwrap_or_else(PoisonError::into_inner) = how_far.into();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_work_says_how_far_it_is_and_a_short_one_nothing() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let say = || {
            let lines = Arc::clone(&lines);
            move |line: &str| lines.lock().unwrap().push(line.to_owned())
        };
        drop(Progress::every(Duration::from_mins(1), "verifying", say()));
        assert!(lines.lock().unwrap().is_empty(), "it is over at once, and does not wait");

        let progress = Progress::every(Duration::from_millis(5), "migrating", say());
        let until = |count: usize| {
            while lines.lock().unwrap().len() < count {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        until(1);
        progress.is("step 2 of 3");
        let so_far = lines.lock().unwrap().len();
        until(so_far + 2);
        drop(progress);
        let lines = lines.lock().unwrap();
        assert!(lines[0].starts_with("migrating (after "), "{lines:?}");
        assert!(lines.last().unwrap().starts_with("migrating: step 2 of 3 (after "), "{lines:?}");
    }
}
