//! The counters for the operator's monitoring, by operation and status, never by person, practice or address.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounter, Registry, TextEncoder};

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
        Ok(Self { registry, requests, unknown_clients })
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
