//! One control plane without sockets: a memory store, a clock that waits to be moved, ids from a seed.

use std::sync::Arc;
use std::time::Duration;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{Authorizer, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::reconcile::Reconcilers;
use berth_control::tables::Schema;
use berth_ecs::{Ecs, Limits, Patience, Ports};
use berth_model::Timestamp;
use berth_store::MemoryStore;
use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};
use serde_json::Value;

use super::lender::Lender;
use super::script::{Action, Answer, Script};

/// 2026-01-02T03:04:05Z: any instant would do.
const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
const TARGET: &str = "AmazonEC2ContainerServiceV20141113";

pub struct World {
    pub endpoint: Endpoint,
    reconcilers: Reconcilers,
}

impl World {
    pub async fn new(authorizer: impl Authorizer) -> Self {
        let env = Env::seeded(1, START);
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &env);
        let cell =
            Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("an empty store opens");
        let limits = Limits { clusters: 5, revisions_per_family: 4, ..Limits::default() };
        let patience = Patience { task_warm_up: Duration::ZERO, ..Patience::default() };
        let address = "http://127.0.0.1:4566";
        let (cell_of, env_of, lender) = (cell.clone(), env.clone(), Arc::new(Lender::default()));
        let ecs = Ecs::with_ports(
            cell_of,
            env_of,
            limits,
            patience,
            address,
            Ports { roles: lender, ..Ports::default() },
        );
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        ecs.start(&mut reconcilers);
        let options = EndpointOptions {
            env,
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(OpenAuthenticator),
            authorizer: Arc::new(authorizer),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(ecs.service())
            .build()
            .expect("one service alone");
        Self { endpoint, reconcilers }
    }

    pub async fn run(&self, script: &Script) -> Vec<Option<Answer>> {
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        for step in &script.steps {
            match &step.action {
                Action::Wait(time) => {
                    tokio::time::sleep(*time).await;
                    self.reconcilers.settled().await;
                    answers.push(None);
                    values.push(Value::Null);
                }
                Action::Call { operation, region, body } => {
                    let request = Request::post("/")
                        .header("content-type", "application/x-amz-json-1.1")
                        .header("x-amz-target", format!("{TARGET}.{operation}"));
                    let response = self.send(request, region, filled(body, &values)).await;
                    note(&response, &mut answers, &mut values);
                }
                Action::Get { path, region } => {
                    let request = Request::get(filled(path, &values));
                    let response = self.send(request, region, String::new()).await;
                    note(&response, &mut answers, &mut values);
                }
            }
        }
        answers
    }

    async fn send(&self, request: Builder, region: &str, body: String) -> Response<Bytes> {
        let scope = format!("Credential=GOLDEN/20260102/{region}/ecs/aws4_request");
        let request = request
            .header("host", "127.0.0.1:4566")
            .header("x-amz-date", "20260102T030405Z")
            .header("authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"))
            .body(Bytes::from(body))
            .expect("a request can be built");
        self.endpoint.handle(request, Peer::plain(std::net::Ipv4Addr::LOCALHOST.into())).await
    }
}

/// Keeps an answer, for the file and for later steps.
fn note(response: &Response<Bytes>, answers: &mut Vec<Option<Answer>>, values: &mut Vec<Value>) {
    let value: Value = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    answers.push(Some(answer(response, &value)));
    values.push(value);
}

fn answer(response: &Response<Bytes>, value: &Value) -> Answer {
    let error = value
        .get("__type")
        .and_then(Value::as_str)
        .map(|code| format!(" {code}"))
        .unwrap_or_default();
    let body = serde_json::to_string_pretty(value).expect("a value can be written");
    Answer { head: format!("{}{error}", response.status().as_u16()), body }
}

/// The body with `{{STEP/json/pointer}}` replaced by text from earlier answers. Steps count from 1.
fn filled(body: &str, values: &[Value]) -> String {
    let mut parts = body.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a reference ends with }}");
        let (step, pointer) = name.split_once('/').expect("a reference is STEP/pointer");
        let step: usize = step.parse().expect("a step's number");
        let value = values[step - 1].pointer(&format!("/{pointer}"));
        let value = value.and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {name}"));
        filled.push_str(value);
        filled.push_str(rest);
    }
    filled
}
