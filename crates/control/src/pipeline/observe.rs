//! What is told about every request: one log line, one count, one duration.
//!
//! Labels come from models only. A name that a client made up is logged and never becomes a label, or
//! anyone could fill the memory with time series.

use std::borrow::Cow;
use std::time::Duration;

use berth_aws_api::{Fault, OperationSchema};
use metrics::{Counter, Gauge, Histogram, Label};
use tokio::time::Instant;

use super::exchange::{Answer, Problem};
use super::{Principal, RequestId};
use crate::metrics::{DURATION, IN_FLIGHT, Metrics, PANICS, REQUESTS};

/// The label for what no model has.
const UNKNOWN: &str = "unknown";
const OK: &str = "OK";
/// The client went away before there was an answer.
const ABANDONED: &str = "Abandoned";

/// Where requests are counted.
pub(super) struct Observer {
    metrics: Metrics,
    in_flight: Gauge,
}

/// The instruments of one operation, looked up once at start: counting a success allocates nothing.
pub(super) struct Instruments {
    succeeded: Counter,
    duration: Histogram,
}

/// One request being worked on. Dropped unfinished, it tells that the client went away.
pub(super) struct Observation<'a> {
    observer: &'a Observer,
    request_id: RequestId,
    started_at: Instant,
    service: &'static str,
    operation: &'static str,
    instruments: Option<&'a Instruments>,
    principal: Option<Principal>,
    finished: bool,
}

impl Observer {
    pub fn new(metrics: Metrics) -> Self {
        let in_flight = metrics.gauge(IN_FLIGHT, Vec::new());
        Observer { metrics, in_flight }
    }

    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub fn instruments(&self, operation: &OperationSchema) -> Instruments {
        let (service, operation) = (operation.service.name, operation.name);
        Instruments {
            succeeded: self.metrics.counter(REQUESTS, labels(service, operation, OK.into())),
            duration: self.metrics.histogram(DURATION, subject(service, operation)),
        }
    }

    pub fn begin(&self, request_id: RequestId) -> Observation<'_> {
        self.in_flight.increment(1.0);
        Observation {
            observer: self,
            request_id,
            started_at: Instant::now(),
            service: UNKNOWN,
            operation: UNKNOWN,
            instruments: None,
            principal: None,
            finished: false,
        }
    }

    fn count(&self, service: &'static str, operation: &'static str, code: Cow<'static, str>) {
        self.metrics.counter(REQUESTS, labels(service, operation, code)).increment(1);
    }
}

impl<'a> Observation<'a> {
    pub fn is_for(
        &mut self,
        operation: &'static OperationSchema,
        instruments: Option<&'a Instruments>,
    ) {
        self.service = operation.service.name;
        self.operation = operation.name;
        self.instruments = instruments;
    }

    /// A web socket or a path of ours: `what` is the path of the one, the action of the other.
    pub fn is_for_path(&mut self, service: &'static str, what: &'static str) {
        self.service = service;
        self.operation = what;
    }

    pub fn is_by(&mut self, principal: &Principal) {
        self.principal = Some(principal.clone());
    }

    pub fn panicked(&self) {
        let labels = subject(self.service, self.operation);
        self.observer.metrics.counter(PANICS, labels).increment(1);
    }

    /// Logs and counts the answer, and gives its response.
    pub fn finish(mut self, answer: Answer) -> http::Response<bytes::Bytes> {
        self.finished = true;
        let Answer { response, problem } = answer;
        let elapsed = self.started_at.elapsed();
        if let Some(instruments) = self.instruments {
            instruments.duration.record(elapsed);
        }
        match (&problem, self.instruments) {
            (None, Some(instruments)) => instruments.succeeded.increment(1),
            (None, None) => self.observer.count(self.service, self.operation, OK.into()),
            (Some(problem), _) => {
                self.observer.count(self.service, self.operation, problem.code.clone())
            }
        }
        self.log(response.status().as_u16(), elapsed, problem.as_ref());
        response
    }

    /// Refusals are the client's business and told at the same level as successes; faults are ours.
    fn log(&self, status: u16, elapsed: Duration, problem: Option<&Problem>) {
        // Loggers write a u128 as text.
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let (service, operation, request_id) = (self.service, self.operation, &self.request_id);
        let principal = self.principal.as_ref().map(tracing::field::display);
        match problem {
            None => {
                tracing::info!(service, operation, status, micros, %request_id, principal, "served");
            }
            Some(Problem { code, fault: Fault::Client, message, cause }) => {
                let cause = cause.as_ref().map(tracing::field::debug);
                tracing::info!(service, operation, status, %code, error = message, cause, micros, %request_id, principal, "refused");
            }
            Some(Problem { code, fault: Fault::Server, message, cause }) => {
                let cause = cause.as_ref().map(tracing::field::debug);
                tracing::error!(service, operation, status, %code, error = message, cause, micros, %request_id, principal, "failed");
            }
        }
    }
}

impl Drop for Observation<'_> {
    fn drop(&mut self) {
        self.observer.in_flight.decrement(1.0);
        if !self.finished {
            self.observer.count(self.service, self.operation, ABANDONED.into());
            let (service, operation, request_id) = (self.service, self.operation, &self.request_id);
            tracing::info!(service, operation, %request_id, "abandoned by the client");
        }
    }
}

fn subject(service: &'static str, operation: &'static str) -> Vec<Label> {
    vec![Label::new("service", service), Label::new("operation", operation)]
}

fn labels(service: &'static str, operation: &'static str, code: Cow<'static, str>) -> Vec<Label> {
    let mut labels = subject(service, operation);
    labels.push(match code {
        Cow::Borrowed(code) => Label::from_static_parts("code", code),
        Cow::Owned(code) => Label::new("code", code),
    });
    labels
}
