//! What is told about every request: one log line, one count, one duration, one line of the audit.
//!
//! Labels come from models only. A name that a client made up is logged and never becomes a label, or
//! anyone could fill the memory with time series.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use berth_aws_api::{Fault, OperationSchema, Structure};
use berth_model::Timestamp;
use bytes::Bytes;
use http::header::USER_AGENT;
use http::{Request, StatusCode};
use metrics::{Counter, Gauge, Histogram, Label};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::exchange::{Answer, Problem};
use super::{Call, Lender, Peer, Principal, PrincipalKind, RequestId};
use crate::audit::{self, Audit, Entry, Identity, Room};
use crate::metrics::{DURATION, IN_FLIGHT, Metrics, PANICS, REQUESTS};

/// The label for what no model has.
const UNKNOWN: &str = "unknown";
const OK: &str = "OK";
/// The client went away before there was an answer.
const ABANDONED: &str = "Abandoned";
/// What is no service of AWS.
const OURS: &str = "berth";
/// Clients may write there what they like.
const LONGEST_USER_AGENT: usize = 256;

/// Where requests are counted.
pub(super) struct Observer {
    metrics: Metrics,
    audit: Option<Audit>,
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
    told: Option<Told>,
    /// Counted, and nothing more.
    unheard: bool,
    finished: bool,
}

/// What the audit is told at the end.
struct Told {
    room: Room,
    at: Timestamp,
    peer: Peer,
    user_agent: Option<String>,
    region: Option<String>,
    identity: Option<Identity>,
    parameters: Parameters,
}

/// What was asked for, once it is decoded.
#[derive(Default)]
pub(super) struct Parameters(OnceLock<Box<RawValue>>);

impl Parameters {
    pub fn keep(&self, input: &dyn Structure) {
        if let Some(text) = audit::redacted(input) {
            // A request is decoded once.
            let _ = self.0.set(text);
        }
    }
}

impl Observer {
    pub fn new(metrics: Metrics, audit: Option<Audit>) -> Self {
        let in_flight = metrics.gauge(IN_FLIGHT, Vec::new());
        Observer { metrics, audit, in_flight }
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

    /// Waits for room in the audit, where there is one.
    pub async fn begin(
        &self,
        request_id: RequestId,
        request: &Request<Bytes>,
        peer: Peer,
        at: Timestamp,
    ) -> Observation<'_> {
        let told = match &self.audit {
            None => None,
            Some(audit) => audit.room().await.map(|room| Told {
                room,
                at,
                peer,
                user_agent: user_agent(request),
                region: None,
                identity: None,
                parameters: Parameters::default(),
            }),
        };
        self.in_flight.increment(1.0);
        Observation {
            observer: self,
            request_id,
            started_at: Instant::now(),
            service: UNKNOWN,
            operation: UNKNOWN,
            instruments: None,
            principal: None,
            told,
            unheard: false,
            finished: false,
        }
    }

    /// A path that belongs to no service and changes something: who calls it proves that in its own way.
    pub async fn tell_plain(
        &self,
        request_id: RequestId,
        request: &Request<Bytes>,
        peer: Peer,
        at: Timestamp,
        status: StatusCode,
    ) {
        let Some(audit) = &self.audit else { return };
        let Some(room) = audit.room().await else { return };
        let failed = !status.is_success();
        room.tell(&Entry {
            at,
            service: OURS,
            name: request.uri().path(),
            region: None,
            source: peer.address,
            user_agent: user_agent(request).as_deref(),
            identity: None,
            parameters: None,
            problem: failed.then(|| audit::Problem { code: status.as_str(), message: None }),
            request_id: request_id.as_str(),
        });
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

    pub fn is_by(&mut self, call: &Call) {
        self.principal = Some(call.principal.clone());
        if let Some(told) = &mut self.told {
            told.region = Some(call.scope.region.to_string());
            told.identity = identity(call);
        }
    }

    /// One of too many that prove nothing: it is counted, but fills neither the log nor the audit.
    pub fn is_unheard(&mut self) {
        self.unheard = true;
        self.told = None;
    }

    /// Where the request's input is to be kept for the audit; `None`: nobody audits.
    pub fn parameters(&self) -> Option<&Parameters> {
        self.told.as_ref().map(|told| &told.parameters)
    }

    /// Another server does it, and tells of it.
    pub fn pass_on(mut self) {
        self.finished = true;
        self.told = None;
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
        let problem = problem.as_ref();
        self.tell(problem.map(|problem| audit::Problem {
            code: &problem.code,
            message: problem.message.as_deref(),
        }));
        response
    }

    fn tell(&mut self, problem: Option<audit::Problem<'_>>) {
        let Some(told) = self.told.take() else { return };
        let Told { room, at, peer, user_agent, region, identity, parameters } = told;
        room.tell(&Entry {
            at,
            service: self.service,
            name: self.operation,
            region: region.as_deref(),
            source: peer.address,
            user_agent: user_agent.as_deref(),
            identity: identity.as_ref(),
            parameters: parameters.0.get().map(|text| &**text),
            problem,
            request_id: self.request_id.as_str(),
        });
    }

    /// Refusals are the client's business and told at the same level as successes; faults are ours.
    fn log(&self, status: u16, elapsed: Duration, problem: Option<&Problem>) {
        // Loggers write a u128 as text.
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let (service, operation, request_id) = (self.service, self.operation, &self.request_id);
        let principal = self.principal.as_ref().map(tracing::field::display);
        if self.unheard {
            return tracing::debug!(service, operation, status, micros, %request_id, "not told of");
        }
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
            self.tell(Some(audit::Problem { code: ABANDONED, message: None }));
        }
    }
}

fn user_agent(request: &Request<Bytes>) -> Option<String> {
    let header = request.headers().get(USER_AGENT)?.to_str().ok()?;
    Some(header.chars().take(LONGEST_USER_AGENT).collect())
}

/// AWS: CloudTrail's types of identities. A stranger has none, whatever key the request may claim to be signed with.
fn identity(call: &Call) -> Option<Identity> {
    let kind = match &call.principal.kind {
        PrincipalKind::Administrator => "Root",
        PrincipalKind::User(_) => "IAMUser",
        PrincipalKind::Session(session) => match session.lender {
            Lender::Role { .. } => "AssumedRole",
            Lender::FederatedBy { .. } | Lender::Root => "FederatedUser",
        },
        PrincipalKind::Agent { .. } => "AssumedRole",
        PrincipalKind::Anonymous => return None,
    };
    Some(Identity {
        kind,
        arn: call.principal_arn(),
        account_id: call.scope.account.to_string(),
        access_key_id: call.principal.access_key_id.as_deref().map(str::to_owned),
    })
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
