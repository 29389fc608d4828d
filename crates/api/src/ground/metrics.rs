//! The numbers for the operator's monitoring, in the text format of Prometheus: never by person, practice or address.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The numbers that a process shows to its monitoring, beginning with the version that runs.
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Makes the numbers of a process. The first is `almoner_build_info`.
    pub fn new() -> Result<Self, prometheus::Error> {
        let metrics = Self { registry: Registry::new() };
        let build =
            IntGaugeVec::new(Opts::new("almoner_build_info", "The version that runs, with the value 1"), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        metrics.add(build)?;
        Ok(metrics)
    }

    /// Adds a number that is read when somebody asks for the metrics. It is left out while `read` has none.
    pub fn watch<Number: Into<Option<usize>>>(
        &self,
        name: &str,
        meaning: &str,
        read: impl Fn() -> Number + Send + Sync + 'static,
    ) -> Result<(), prometheus::Error> {
        let gauge = IntGauge::new(name, meaning)?;
        let collect = move |gauge: &IntGauge| {
            let Some(number) = read().into() else { return Vec::new() };
            gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
            gauge.collect()
        };
        self.add(Watched { shown: gauge, collect })
    }

    /// Adds a count that only rises, and is read when somebody asks for the metrics.
    pub fn watch_total(
        &self,
        name: &str,
        meaning: &str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<(), prometheus::Error> {
        let counter = IntCounter::new(name, meaning)?;
        let collect = move |counter: &IntCounter| {
            counter.reset();
            counter.inc_by(read());
            counter.collect()
        };
        self.add(Watched { shown: counter, collect })
    }

    /// Returns the numbers in the text format of Prometheus.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn add(&self, collector: impl Collector + 'static) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(collector))
    }
}

/// The numbers of `serve`: besides those of every process, the requests by operation and status.
pub(crate) struct RequestMetrics {
    pub(crate) all: Metrics,
    requests: HistogramVec,
    unknown_clients: IntCounter,
    codes_refused: IntCounter,
}

impl RequestMetrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let all = Metrics::new()?;
        let options = HistogramOpts::new(
            "almoner_request_duration_seconds",
            "Duration of requests in seconds, by operation and status",
        )
        .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let requests = HistogramVec::new(options, &["method", "route", "status"])?;
        all.add(requests.clone())?;
        let unknown_clients =
            IntCounter::new("almoner_unknown_clients_total", "Requests to authenticate that named an unknown client")?;
        all.add(unknown_clients.clone())?;
        let codes_refused = IntCounter::new(
            "almoner_codes_refused_total",
            "Requests for a complaint that were refused because it was asked for too often through one app",
        )?;
        all.add(codes_refused.clone())?;
        Ok(Self { all, requests, unknown_clients, codes_refused })
    }

    pub(crate) fn observe(&self, method: &str, route: &str, status: u16, seconds: f64) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).observe(seconds);
    }

    /// Counts a request that names an unknown client. It is counted and not logged, because a stranger could fill the
    /// log.
    pub(crate) fn unknown_client(&self) {
        self.unknown_clients.inc();
    }

    /// Counts a request for a complaint that was refused because it was asked for too often through one app.
    pub(crate) fn code_refused(&self) {
        self.codes_refused.inc();
    }
}

/// A number that is read when somebody asks for it.
struct Watched<Shown, Collect> {
    shown: Shown,
    collect: Collect,
}

impl<Shown: Collector, Collect: Fn(&Shown) -> Vec<MetricFamily> + Send + Sync> Collector for Watched<Shown, Collect> {
    fn desc(&self) -> Vec<&Desc> {
        self.shown.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        (self.collect)(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn what_is_watched_is_read_when_somebody_asks_and_the_version_stands_beside_it() {
        let metrics = Metrics::new().unwrap();
        let waiting = Arc::new(AtomicUsize::new(0));
        let read = Arc::clone(&waiting);
        metrics.watch("almoner_waiting", "Requests that wait", move || read.load(Ordering::Relaxed)).unwrap();
        waiting.store(7, Ordering::Relaxed);
        let text = metrics.text().unwrap();
        assert!(text.contains("almoner_waiting 7"), "{text}");
        let version = format!("almoner_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
        assert!(text.contains(&version), "{text}");
    }

    #[test]
    fn a_number_that_cannot_be_read_is_left_out_and_a_count_is_what_was_read_last() {
        let metrics = Metrics::new().unwrap();
        let known = Arc::new(AtomicBool::new(false));
        let read = Arc::clone(&known);
        metrics
            .watch("almoner_backlog", "What waits", move || read.load(Ordering::Relaxed).then_some(3_usize))
            .unwrap();
        metrics.watch_total("almoner_done_total", "What was done", || 5).unwrap();
        assert!(!metrics.text().unwrap().contains("almoner_backlog"));
        known.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            let text = metrics.text().unwrap();
            assert!(text.contains("almoner_backlog 3"), "{text}");
            assert!(text.contains("# TYPE almoner_done_total counter\nalmoner_done_total 5\n"), "{text}");
        }
    }
}
