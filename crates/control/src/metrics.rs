//! Counters and histograms of one control plane, and how Prometheus reads them.
//!
//! A [`Metrics`] is a value, not a global: two control planes in one process (the simulator, tests) count
//! apart. A program that runs one makes it global too ([`Metrics::install`]), for code that uses the
//! `metrics` macros. Names begin with `berth_`, times are in seconds; `page.rs` adds what is read when somebody asks.

mod page;
mod process;

use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

pub use page::{Collector, Family, MetricsPage, Readings};

/// From a lookup in memory to the slowest commit worth telling apart.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// How often samples are sorted into buckets when nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// What a control plane counts. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        let handle = recorder.handle();
        let metrics = Metrics { recorder: Arc::new(recorder), handle };
        metrics.describe();
        metrics
    }

    /// Lets the whole process count here. Fails when it already counts somewhere.
    pub fn install(&self) -> Result<(), AlreadyInstalled> {
        metrics::set_global_recorder(Arc::clone(&self.recorder)).map_err(|_| AlreadyInstalled)
    }

    pub fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    pub fn gauge(&self, name: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    pub fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }

    /// All that was counted, in Prometheus's text format.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// What is served at `GET /metrics`.
    pub fn page(&self, collectors: impl IntoIterator<Item = Arc<dyn Collector>>) -> MetricsPage {
        MetricsPage { metrics: self.clone(), collectors: collectors.into_iter().collect() }
    }

    /// Keeps samples from piling up while nobody reads them. Never returns; the server runs it.
    pub async fn keep_up(&self) {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            self.handle.run_upkeep();
        }
    }

    fn describe(&self) {
        let counter = |name: &'static str, text: &'static str| {
            self.recorder.describe_counter(name.into(), Some(Unit::Count), text.into());
        };
        counter(REQUESTS, "API requests by service, operation and error code (OK for success)");
        counter(
            THROTTLED,
            "Requests refused or not told of for their rate, by service and category",
        );
        counter(TLS_HANDSHAKES, "TLS handshakes by outcome: ok, failed, timeout");
        counter(PLAIN_HTTP_REFUSED, "Requests without TLS from where they are not taken");
        counter(
            FORWARDED,
            "Requests passed on to the leader by outcome: answered, not-done, unknown",
        );
        counter(PANICS, "Requests that ended in a panic: bugs");
        counter(SOCKET_PANICS, "Sessions on web sockets that ended in a panic: bugs");
        self.recorder.describe_histogram(
            DURATION.into(),
            Some(Unit::Seconds),
            "Time from a whole request to its response, by service and operation".into(),
        );
        self.recorder.describe_gauge(
            IN_FLIGHT.into(),
            Some(Unit::Count),
            "Requests being worked on".into(),
        );
        self.recorder.describe_gauge(SOCKETS.into(), Some(Unit::Count), "Open web sockets".into());
        self.recorder.describe_gauge(
            CONNECTIONS.into(),
            Some(Unit::Count),
            "Open client connections".into(),
        );
    }
}

pub(crate) const REQUESTS: &str = "berth_requests_total";
pub(crate) const THROTTLED: &str = "berth_throttled_requests_total";
pub(crate) const TLS_HANDSHAKES: &str = "berth_tls_handshakes_total";
pub(crate) const PLAIN_HTTP_REFUSED: &str = "berth_plain_http_refused_total";
pub(crate) const FORWARDED: &str = "berth_forwarded_requests_total";
pub(crate) const PANICS: &str = "berth_request_panics_total";
pub(crate) const SOCKET_PANICS: &str = "berth_websocket_panics_total";
pub(crate) const DURATION: &str = "berth_request_duration_seconds";
pub(crate) const IN_FLIGHT: &str = "berth_requests_in_flight";
pub(crate) const SOCKETS: &str = "berth_websockets_open";
pub(crate) const CONNECTIONS: &str = "berth_connections_open";

static METADATA: Metadata<'static> =
    Metadata::new("berth_control", Level::INFO, Some("berth_control"));

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this process already has a recorder of metrics")]
pub struct AlreadyInstalled;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_control_planes_count_apart() {
        let (one, other) = (Metrics::new(), Metrics::new());
        let label = || vec![Label::new("service", "ecs")];
        one.counter(REQUESTS, label()).increment(2);
        other.counter(REQUESTS, label()).increment(1);
        assert!(
            one.render().contains("berth_requests_total{service=\"ecs\"} 2"),
            "{}",
            one.render()
        );
        assert!(
            other.render().contains("berth_requests_total{service=\"ecs\"} 1"),
            "{}",
            other.render()
        );
    }

    #[test]
    fn durations_fall_into_buckets() {
        let metrics = Metrics::new();
        metrics.histogram(DURATION, Vec::new()).record(0.004);
        let text = metrics.render();
        assert!(text.contains("berth_request_duration_seconds_bucket{le=\"0.0025\"} 0"), "{text}");
        assert!(text.contains("berth_request_duration_seconds_bucket{le=\"0.005\"} 1"), "{text}");
    }
}
