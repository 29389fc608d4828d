//! `almoner work`, and what it tells its monitoring.

use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::web;
use almoner_api::{HasHealth, HasMetrics, Metrics, monitoring_server};
use almoner_persistence::jobs::{self, Backlog, Waiting};
use almoner_persistence::{Clock, Login, Store, StoreError};
use almoner_worker::{Heads, Scanner, Scans, Tally};
use tokio::sync::oneshot;

use crate::config::Config;
use crate::serve::{Failure, open_store, stop_signal};

/// The time between two passes of the worker, and between two looks at what waits for it.
const PAUSE: Duration = Duration::from_secs(2);

/// The time after which what was seen last says nothing about now: the database has not answered since.
const SEEN_FOR: Duration = Duration::from_secs(10);

/// The time after which a worker that gives no sign of life is stuck: longer than any transaction may take.
const SILENT_FOR: Duration = Duration::from_mins(5);

/// Does the work that is due until the process is told to stop, and answers its monitoring meanwhile. It ends with a failure
/// if the worker ends by itself.
pub fn work(config: &Config) -> Result<(), Failure> {
    let store = open_store(config, Login::Work, Clock::new())?;
    let heads = heads(config)?;
    if heads.is_none() {
        tracing::warn!(
            "the heads of the audit log are not signed: ALMONER_AUDIT_KEY and ALMONER_AUDIT_HEADS are not set"
        );
    }
    let listener = config
        .work_listen
        .map(|address| TcpListener::bind(address).map_err(|error| format!("ALMONER_WORK_LISTEN: {address}: {error}")));
    let listener = listener.transpose()?;
    let tally = Arc::new(Tally::default());
    let scans = scans(config)?;
    if scans.scanner.is_none() {
        tracing::warn!("no document leaves quarantine: ALMONER_SCANNER is not set");
    }
    let mut scanning = {
        let (store, tally) = (store.clone(), Arc::clone(&tally));
        Running::start("scans", move |stopped| almoner_worker::run_scans(&store, stopped, PAUSE, &scans, &tally))?
    };
    let mut working = {
        let (store, tally) = (store.clone(), Arc::clone(&tally));
        Running::start("worker", move |stopped| almoner_worker::run(&store, stopped, PAUSE, heads, &tally))?
    };
    System::new().block_on(async {
        let monitoring = match listener {
            Some(listener) => {
                let server = monitoring_server(web::Data::new(Watch::start(store, tally)?), listener)?;
                let handle = server.handle();
                actix_web::rt::spawn(server);
                Some(handle)
            }
            None => None,
        };
        tracing::info!(monitoring = config.work_listen.map(tracing::field::display), "working");
        let told = tokio::select! {
            told = stop_signal() => told.map(drop),
            () = working.ended() => Ok(()),
            () = scanning.ended() => Ok(()),
        };
        // What is under way is finished, and the monitoring still answered.
        working.stop();
        scanning.stop();
        working.ended().await;
        scanning.ended().await;
        if let Some(handle) = monitoring {
            handle.stop(false).await;
        }
        told.map_err(Failure::from)
    })?;
    working.join()?;
    scanning.join()
}

/// A thread that works until it is told to stop.
struct Running {
    name: &'static str,
    thread: JoinHandle<()>,
    /// Dropped to tell the thread to stop.
    stop: Option<Sender<()>>,
    /// Its sender is dropped when the thread ends, however it does.
    ended: oneshot::Receiver<()>,
}

impl Running {
    fn start(name: &'static str, run: impl FnOnce(Receiver<()>) + Send + 'static) -> Result<Self, Failure> {
        let (stop, stopped) = mpsc::channel();
        let (running, ended) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _running = running;
            run(stopped);
        })?;
        Ok(Self { name, thread, stop: Some(stop), ended })
    }

    fn stop(&mut self) {
        self.stop = None;
    }

    /// Waits until the thread has ended. May be waited for again after it has.
    async fn ended(&mut self) {
        if !self.ended.is_terminated() {
            let _ = (&mut self.ended).await;
        }
    }

    fn join(self) -> Result<(), Failure> {
        Ok(self.thread.join().map_err(|_| format!("the thread of the {} panicked", self.name))?)
    }
}

/// Makes the signer of the audit log's heads, if the settings ask for signatures.
fn heads(config: &Config) -> Result<Option<Heads>, Failure> {
    let Some(file) = &config.audit_heads else { return Ok(None) };
    let heads = Heads::new(config.audit_key.expose(), file).map_err(|why| format!("ALMONER_AUDIT_KEY: {why}"))?;
    Ok(Some(heads))
}

/// Makes what documents are scanned with, with the scanner that the settings name, if they do.
fn scans(config: &Config) -> Result<Scans, Failure> {
    let scanner = config.scanner.as_deref().map(Scanner::parse).transpose();
    let scanner = scanner.map_err(|why| format!("ALMONER_SCANNER: {why}"))?;
    Ok(Scans { scanner, documents: config.documents.open()? })
}

/// What is known of the worker. The database is looked at on a thread of its own, every two seconds, so that whoever asks
/// waits for nothing and costs it nothing.
struct Watch {
    metrics: Metrics,
    tally: Arc<Tally>,
    seen: Arc<Mutex<Option<Seen>>>,
    /// Dropped with the watch, which ends the thread.
    _stop: Sender<()>,
}

/// What the last look at the database found.
#[derive(Clone)]
struct Seen {
    at: Instant,
    /// The reason why the database or its schema is not ready, if it is not.
    ready: Result<(), String>,
    backlog: Option<AgedBacklog>,
}

/// What waits for the worker, with the ages in seconds at the moment of the look.
#[derive(Clone, Copy)]
struct AgedBacklog {
    jobs: Aged,
    unnumbered: Aged,
    unsealed: Aged,
}

#[derive(Clone, Copy)]
struct Aged {
    count: usize,
    seconds: usize,
}

impl Watch {
    fn start(store: Store, tally: Arc<Tally>) -> Result<Self, Failure> {
        let seen = Arc::new(Mutex::new(None));
        let metrics = Metrics::new()?;
        watch(&metrics, &tally, &seen)?;
        let (stop, stopped) = mpsc::channel();
        let looked = Arc::clone(&seen);
        std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            loop {
                let look = look(&store);
                *looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(look);
                match stopped.recv_timeout(PAUSE) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        Ok(Self { metrics, tally, seen, _stop: stop })
    }
}

impl HasMetrics for Watch {
    fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl HasHealth for Watch {
    fn is_live(&self) -> Result<(), String> {
        let silent = self.tally.silent_for();
        if silent > SILENT_FOR {
            return Err(format!("the worker has given no sign of life for {} s", silent.as_secs()));
        }
        Ok(())
    }

    fn is_ready(&self) -> Result<(), String> {
        is_ready(&self.tally, &self.seen)
    }
}

fn is_ready(tally: &Tally, seen: &Mutex<Option<Seen>>) -> Result<(), String> {
    if tally.broke_off() {
        return Err("the last pass broke off".to_owned());
    }
    recent(seen).ok_or("the database does not answer")?.ready
}

/// Looks at the database: whether it is ready, and what waits for the worker.
fn look(store: &Store) -> Seen {
    let now = store.clock().now();
    let ready = store.is_ready().map_err(|error| error.to_string());
    let backlog = store.worker::<_, StoreError>(None, |scope| jobs::backlog(scope, now));
    let aged = |waiting: Waiting| Aged {
        count: usize::try_from(waiting.count).unwrap_or(0),
        seconds: waiting.since.map_or(0, |since| usize::try_from((now - since).num_seconds()).unwrap_or(0)),
    };
    let backlog = backlog.map(|Backlog { jobs, unnumbered, unsealed }| AgedBacklog {
        jobs: aged(jobs),
        unnumbered: aged(unnumbered),
        unsealed: aged(unsealed),
    });
    if let Err(error) = &backlog {
        tracing::warn!(%error, "it cannot be seen what waits for the worker");
    }
    Seen { at: Instant::now(), ready, backlog: backlog.ok() }
}

/// What was seen, unless it is too old to say anything about now.
fn recent(seen: &Mutex<Option<Seen>>) -> Option<Seen> {
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    seen.filter(|seen| seen.at.elapsed() <= SEEN_FOR)
}

/// Adds what is monitored of the worker. What waits is left out while it cannot be seen.
fn watch(metrics: &Metrics, tally: &Arc<Tally>, seen: &Arc<Mutex<Option<Seen>>>) -> Result<(), Failure> {
    let of_backlog = |name, meaning, read: fn(AgedBacklog) -> usize| {
        let seen = Arc::clone(seen);
        metrics.watch(name, meaning, move || recent(&seen).and_then(|seen| seen.backlog).map(read))
    };
    of_backlog("almoner_jobs_due", "Jobs that are due and not done", |backlog| backlog.jobs.count)?;
    of_backlog("almoner_jobs_oldest_due_seconds", "Seconds for which the oldest due job has been due", |backlog| {
        backlog.jobs.seconds
    })?;
    of_backlog("almoner_outbox_unnumbered", "Events of the outbox without a number", |backlog| {
        backlog.unnumbered.count
    })?;
    of_backlog(
        "almoner_outbox_oldest_unnumbered_seconds",
        "Age in seconds of the oldest event of the outbox without a number",
        |backlog| backlog.unnumbered.seconds,
    )?;
    of_backlog("almoner_audit_unsealed", "Rows of the audit log that are not sealed", |backlog| {
        backlog.unsealed.count
    })?;
    of_backlog(
        "almoner_audit_oldest_unsealed_seconds",
        "Age in seconds of the oldest row of the audit log that is not sealed",
        |backlog| backlog.unsealed.seconds,
    )?;
    let [done, failed, unsigned, passed, unattended] = [(); 5].map(|()| Arc::clone(tally));
    metrics.watch(
        "almoner_complaints_unattended",
        "Open complaints, of all councils together, that nobody has and nobody is asked to open",
        move || unattended.unattended(),
    )?;
    metrics.watch_total("almoner_jobs_done_total", "Jobs that were done", move || done.jobs_done())?;
    metrics.watch_total("almoner_jobs_failed_total", "Attempts at a job that failed", move || failed.jobs_failed())?;
    metrics.watch_total(
        "almoner_audit_signings_failed_total",
        "Attempts to sign the heads of the audit log that failed",
        move || unsigned.signings_failed(),
    )?;
    metrics.watch("almoner_work_since_pass_seconds", "Seconds since the last whole pass", move || {
        passed.since_pass().map(|since| usize::try_from(since.as_secs()).unwrap_or(usize::MAX))
    })?;
    let (tally, seen) = (Arc::clone(tally), Arc::clone(seen));
    metrics.watch("almoner_work_ready", "Whether the worker can work now, with the value 1 or 0", move || {
        usize::from(is_ready(&tally, &seen).is_ok())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ready: Result<(), String>, at: Instant) -> Arc<Mutex<Option<Seen>>> {
        let aged = |count, seconds| Aged { count, seconds };
        let backlog = AgedBacklog { jobs: aged(1, 400), unnumbered: aged(2, 30), unsealed: aged(3, 20) };
        Arc::new(Mutex::new(Some(Seen { at, ready, backlog: Some(backlog) })))
    }

    #[test]
    fn what_was_seen_is_shown_until_it_is_too_old_to_be_true() {
        let tally = Arc::new(Tally::default());
        let fresh = seen(Ok(()), Instant::now());
        let metrics = Metrics::new().unwrap();
        watch(&metrics, &tally, &fresh).unwrap();
        let shown = [
            "almoner_jobs_due 1",
            "almoner_jobs_oldest_due_seconds 400",
            "almoner_outbox_unnumbered 2",
            "almoner_outbox_oldest_unnumbered_seconds 30",
            "almoner_audit_unsealed 3",
            "almoner_audit_oldest_unsealed_seconds 20",
            "almoner_work_ready 1",
        ];
        let text = metrics.text().unwrap();
        for line in shown {
            assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
        }
        assert!(is_ready(&tally, &seen(Err("another schema".to_owned()), Instant::now())).is_err());

        let long_ago = Instant::now().checked_sub(SEEN_FOR + Duration::from_secs(1)).unwrap();
        *fresh.lock().unwrap() = seen(Ok(()), long_ago).lock().unwrap().clone();
        let text = metrics.text().unwrap();
        for line in &shown[..6] {
            assert!(!text.contains(line.split(' ').next().unwrap()), "{line}: {text}");
        }
        assert!(text.contains("almoner_work_ready 0\n") && text.contains("almoner_jobs_done_total 0\n"), "{text}");
    }
}
