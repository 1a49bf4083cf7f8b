//! One control plane without sockets: a memory store, a clock that waits to be moved, ids from a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_balancing::{Balancing, Limits};
use berth_control::cell::Cell;
use berth_control::env::{Env, SystemIds};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::reconcile::Reconcilers;
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::Schema;
use berth_model::Timestamp;
use berth_store::MemoryStore;
use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};

use super::neighbours::neighbours;
use super::script::{Action, Answer, Script};

/// 2026-01-02T03:04:05Z: any instant would do.
const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
/// 32 bytes that are no secret.
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct World {
    endpoint: Endpoint,
    reconcilers: Reconcilers,
}

impl World {
    pub async fn new() -> Self {
        let env = Env::seeded(1, START);
        let mut schema = Schema::new();
        schema.table::<DataKey>();
        berth_balancing::register_tables(&mut schema);
        let cell =
            Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("an empty store opens");
        let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
        let sealer = Sealer::open(&cell, Arc::new(keys), &env).await.expect("a new store opens");
        let limits = Limits { targets_per_group: 3, rules_per_balancer: 4, ..Limits::default() };
        let (cell_of, env_of) = (cell.clone(), env.clone());
        let balancing = Balancing::new(cell_of, env_of, limits, sealer, neighbours());
        let mut reconcilers = Reconcilers::new(cell, env.clone());
        balancing.start(&mut reconcilers);
        let options = EndpointOptions {
            env,
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(OpenAuthenticator),
            authorizer: Arc::new(AllowAll),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(balancing.elbv2())
            .build()
            .expect("each operation once, each with a row");
        Self { endpoint, reconcilers }
    }

    pub async fn run(&self, script: &Script) -> Vec<Option<Answer>> {
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let mut named: BTreeMap<String, String> = BTreeMap::new();
        for step in &script.steps {
            let answer = match &step.action {
                Action::Wait(time) => {
                    tokio::time::sleep(*time).await;
                    self.reconcilers.settled().await;
                    answers.push(None);
                    continue;
                }
                Action::Call(operation, parameters) => {
                    let head = [("Action", operation.as_str()), ("Version", "2015-12-01")];
                    let head = head.map(|(name, value)| format!("{name}={value}"));
                    let own = parameters.iter().map(|(name, value)| {
                        let value = filled(value, &named);
                        format!("{name}={}", encoded(&value))
                    });
                    let body: Vec<String> = head.into_iter().chain(own).collect();
                    let request = Request::post("/")
                        .header("content-type", "application/x-www-form-urlencoded");
                    self.send(request, body.join("&")).await
                }
                Action::Get(path) => {
                    self.send(Request::get(filled(path, &named)), String::new()).await
                }
                Action::Post(path, body) => {
                    self.send(Request::post(path.as_str()), filled(body, &named)).await
                }
            };
            let text = String::from_utf8(answer.body().to_vec()).expect("answers are text");
            if let Some(name) = &step.name {
                named.insert(name.clone(), text.clone());
            }
            answers.push(Some(Answer { status: answer.status().as_u16(), body: shown(&text) }));
        }
        answers
    }

    async fn send(&self, request: Builder, body: String) -> Response<Bytes> {
        let scope = "Credential=GOLDEN/20260102/us-east-1/elasticloadbalancing/aws4_request";
        let request = request
            .header("host", "127.0.0.1:4566")
            .header("x-amz-date", "20260102T030405Z")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host;x-amz-date, Signature=00"),
            )
            .body(Bytes::from(body))
            .expect("a request can be built");
        self.endpoint.handle(request, Peer::plain(std::net::Ipv4Addr::LOCALHOST.into())).await
    }
}

fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The text with `{{STEP.Element}}` replaced by what earlier answers have.
fn filled(text: &str, named: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, rest) = part.split_once("}}").expect("a reference ends with }}");
        let (step, element) = reference.split_once('.').expect("a reference is STEP.Element");
        let answer = named.get(step).unwrap_or_else(|| panic!("no step is called {step}"));
        filled.push_str(value(answer, element));
        filled.push_str(rest);
    }
    filled
}

/// Of XML the text of the first such element, of JSON the first such number.
fn value<'a>(answer: &'a str, element: &str) -> &'a str {
    let of_xml = || Some(answer.split_once(&format!("<{element}>"))?.1.split_once('<')?.0);
    let of_json = || answer.split_once(&format!("\"{element}\":"))?.1.split(',').next();
    of_xml().or_else(of_json).unwrap_or_else(|| panic!("no {element} in {answer}"))
}

/// Keys that targets verify claims with are by chance, and so is the revision of what has one.
fn hide_chance(value: &mut serde_json::Value) {
    let balancers = value.get_mut("balancers").and_then(|balancers| balancers.as_array_mut());
    let mut is_by_chance = false;
    for balancer in balancers.into_iter().flatten() {
        if let Some(key) = balancer.pointer_mut("/authentication/signingKey") {
            *key = "(by chance)".into();
            is_by_chance = true;
        }
    }
    if is_by_chance {
        value["revision"] = "(by chance)".into();
    }
}

/// What differs by operation: without the envelope, a line for each element; JSON as it is read.
fn shown(text: &str) -> String {
    if let Ok(mut value) = serde_json::from_str::<serde_json::Value>(text) {
        hide_chance(&mut value);
        return serde_json::to_string_pretty(&value).expect("a value can be written");
    }
    let of = |element: &str| {
        let inner = text.split_once(&format!("<{element}>"))?.1;
        Some(inner.split_once(&format!("</{element}>"))?.0)
    };
    if let (Some(code), Some(message)) = (of("Code"), of("Message"))
        && text.contains("<ErrorResponse")
    {
        return format!("{code}: {message}");
    }
    let Some((_, inner)) = text.split_once("Result>") else { return String::new() };
    let inner = inner.rsplit_once("Result>").map_or(inner, |(inner, _)| inner);
    let inner = inner.rsplit_once("</").map_or(inner, |(inner, _)| inner);
    let mut depth = 0_usize;
    let mut lines = Vec::new();
    for line in inner.replace("><", ">\n<").lines() {
        if line.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else {
            lines.push(format!("{}{line}", "  ".repeat(depth)));
            if !line.contains("</") && !line.ends_with("/>") {
                depth += 1;
            }
        }
    }
    lines.join("\n")
}
