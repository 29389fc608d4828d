//! The counters for the operator's monitoring, by operation and status, never by person, practice or address.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The counters.
pub(crate) struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    unknown_clients: IntCounter,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let options = HistogramOpts::new(
            "almoner_request_duration_seconds",
            "Duration of requests in seconds, by operation and status",
        )
        .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let requests = HistogramVec::new(options, &["method", "route", "status"])?;
        registry.register(Box::new(requests.clone()))?;
        let unknown_clients =
            IntCounter::new("almoner_unknown_clients_total", "Requests to authenticate that named an unknown client")?;
        registry.register(Box::new(unknown_clients.clone()))?;
        let build =
            IntGaugeVec::new(Opts::new("almoner_build_info", "The version that runs, with the value 1"), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(build))?;
        Ok(Self { registry, requests, unknown_clients })
    }

    /// Adds a number that is read when somebody asks for the counters.
    pub(crate) fn watch(
        &self,
        name: &str,
        meaning: &str,
        read: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(Watched { gauge: IntGauge::new(name, meaning)?, read: Box::new(read) }))
    }

    pub(crate) fn observe(&self, method: &str, route: &str, status: u16, seconds: f64) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).observe(seconds);
    }

    /// Counts a request that names an unknown client. It is counted and not logged, because a stranger could fill the
    /// log.
    pub(crate) fn unknown_client(&self) {
        self.unknown_clients.inc();
    }

    /// Returns the counters in the text format of Prometheus.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// A number that is read when somebody asks for it.
struct Watched {
    gauge: IntGauge,
    read: Box<dyn Fn() -> usize + Send + Sync>,
}

impl Collector for Watched {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.gauge.set(i64::try_from((self.read)()).unwrap_or(i64::MAX));
        self.gauge.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

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
}
