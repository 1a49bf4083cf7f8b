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
    fn collect(&self, gauges: &mut Gauges);
}

/// What Prometheus reads.
pub struct MetricsPage {
    pub(super) metrics: Metrics,
    pub(super) collectors: Vec<Arc<dyn Collector>>,
}

/// Gauges in Prometheus's text format.
#[derive(Debug, Default)]
pub struct Gauges {
    text: String,
}

/// One gauge, of which there is a sample for each set of labels.
pub struct Gauge<'a> {
    name: &'static str,
    text: &'a mut String,
}

/// A label's value, with what the format wants escaped.
struct Escaped<'a>(&'a str);

impl Gauges {
    pub fn gauge(&mut self, name: &'static str, help: &'static str) -> Gauge<'_> {
        let begun = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
        begun.expect("a string takes everything");
        Gauge { name, text: &mut self.text }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Gauge<'_> {
    pub fn sample(&mut self, labels: &[(&'static str, &str)], value: impl Display) {
        self.write(labels, value).expect("a string takes everything");
    }

    fn write(&mut self, labels: &[(&'static str, &str)], value: impl Display) -> fmt::Result {
        self.text.push_str(self.name);
        for (index, (name, value)) in labels.iter().enumerate() {
            let opening = if index == 0 { '{' } else { ',' };
            write!(self.text, "{opening}{name}=\"{}\"", Escaped(value))?;
        }
        let closing = if labels.is_empty() { "" } else { "}" };
        writeln!(self.text, "{closing} {value}")
    }
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
        let mut gauges = Gauges::default();
        self.collectors.iter().for_each(|collector| collector.collect(&mut gauges));
        let page = format!("{}{}{}", self.metrics.render(), Process::now(), gauges.text);
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
        fn collect(&self, gauges: &mut Gauges) {
            let mut heat = gauges.gauge("test_heat_celsius", "How hot it is");
            heat.sample(&[("place", "a \"hot\" one\\\n"), ("floor", "2")], 21.5);
            gauges.gauge("test_clouds", "How many there are").sample(&[], 3);
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
            "\n# HELP test_clouds How many there are\n# TYPE test_clouds gauge\ntest_clouds 3\n",
        );
        assert!(text.ends_with(collected), "{text}");
    }
}
