//! `GET /metrics`: all that was counted, what the process uses, and what others read when somebody asks.

use std::fmt::{self, Display, Write};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};

use super::Metrics;
use super::process::Process;
use crate::pipeline::{Peer, Route};

/// Tells how things stand, rather than how often something happened: read at each visit, so that it costs nothing otherwise.
pub trait Collector: Send + Sync + 'static {
    fn collect(&self, readings: &mut Readings);
}

/// What Prometheus reads.
pub struct MetricsPage {
    pub(super) metrics: Metrics,
    pub(super) collectors: Vec<Arc<dyn Collector>>,
}

/// What was read, in Prometheus's text format.
#[derive(Debug, Default)]
pub struct Readings {
    text: String,
}

/// One metric, of which there is a sample for each set of labels.
pub struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

type Label<'a> = (&'static str, &'a str);

/// A label's value, with what the format wants escaped.
struct Escaped<'a>(&'a str);

impl Readings {
    pub fn gauge(&mut self, name: &'static str, help: &'static str) -> Family<'_> {
        self.family(name, "gauge", help)
    }

    /// Of numbers that only grow.
    pub fn counter(&mut self, name: &'static str, help: &'static str) -> Family<'_> {
        self.family(name, "counter", help)
    }

    /// Its samples are given by [`Family::distribution`].
    pub fn histogram(&mut self, name: &'static str, help: &'static str) -> Family<'_> {
        self.family(name, "histogram", help)
    }

    fn family(&mut self, name: &'static str, kind: &str, help: &'static str) -> Family<'_> {
        let begun = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        begun.expect("a string takes everything");
        Family { name, text: &mut self.text }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Family<'_> {
    pub fn sample(&mut self, labels: &[Label], value: impl Display) {
        self.write("", labels, value).expect("a string takes everything");
    }

    /// How many were no more than each of these bounds, how many there were, and their sum.
    pub fn distribution(&mut self, labels: &[Label], bounds: &[(f64, u64)], count: u64, sum: f64) {
        let mut write = |part, labels: &[Label], value: &dyn Display| {
            self.write(part, labels, value).expect("a string takes everything");
        };
        for (bound, count) in bounds {
            write("_bucket", &within(labels, &bound.to_string()), count);
        }
        write("_bucket", &within(labels, "+Inf"), &count);
        write("_sum", labels, &sum);
        write("_count", labels, &count);
    }

    fn write(&mut self, part: &str, labels: &[Label], value: impl Display) -> fmt::Result {
        self.text.push_str(self.name);
        self.text.push_str(part);
        for (index, (name, value)) in labels.iter().enumerate() {
            let opening = if index == 0 { '{' } else { ',' };
            write!(self.text, "{opening}{name}=\"{}\"", Escaped(value))?;
        }
        let closing = if labels.is_empty() { "" } else { "}" };
        writeln!(self.text, "{closing} {value}")
    }
}

fn within<'a>(labels: &[Label<'a>], bound: &'a str) -> Vec<Label<'a>> {
    labels.iter().copied().chain([("le", bound)]).collect()
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|one| match one {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            other => f.write_char(other),
        })
    }
}

#[async_trait]
impl Route for MetricsPage {
    async fn answer(&self, _: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        let mut readings = Readings::default();
        self.collectors.iter().for_each(|collector| collector.collect(&mut readings));
        let page = format!("{}{}{}", self.metrics.render(), Process::now(), readings.text);
        let mut response = Response::new(page.into());
        let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    struct Weather;

    impl Collector for Weather {
        fn collect(&self, readings: &mut Readings) {
            let mut heat = readings.gauge("test_heat_celsius", "How hot it is");
            heat.sample(&[("place", "a \"hot\" one\\\n"), ("floor", "2")], 21.5);
            readings.counter("test_clouds_total", "How many there were").sample(&[], 3);
            let mut rain = readings.histogram("test_rain_seconds", "How long it rained");
            rain.distribution(&[("floor", "2")], &[(0.5, 1), (10.0, 3)], 4, 25.5);
        }
    }

    #[tokio::test]
    async fn what_is_collected_is_on_the_page() {
        let page = Metrics::new().page([Arc::new(Weather) as Arc<dyn Collector>]);
        let request = Request::get("/metrics").body(Bytes::new()).unwrap();
        let answer = page.answer(&request, Peer::plain(IpAddr::V4(Ipv4Addr::LOCALHOST))).await;
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        assert!(text.contains("process_cpu_seconds_total"), "{text}");
        let collected = concat!(
            "# HELP test_heat_celsius How hot it is\n# TYPE test_heat_celsius gauge\n",
            r#"test_heat_celsius{place="a \"hot\" one\\\n",floor="2"} 21.5"#,
            "\n# HELP test_clouds_total How many there were\n# TYPE test_clouds_total counter\n",
            "test_clouds_total 3\n",
            "# HELP test_rain_seconds How long it rained\n# TYPE test_rain_seconds histogram\n",
            "test_rain_seconds_bucket{floor=\"2\",le=\"0.5\"} 1\n",
            "test_rain_seconds_bucket{floor=\"2\",le=\"10\"} 3\n",
            "test_rain_seconds_bucket{floor=\"2\",le=\"+Inf\"} 4\n",
            "test_rain_seconds_sum{floor=\"2\"} 25.5\ntest_rain_seconds_count{floor=\"2\"} 4\n",
        );
        assert!(text.ends_with(collected), "{text}");
    }
}
