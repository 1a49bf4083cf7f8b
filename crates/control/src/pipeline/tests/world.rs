//! One endpoint with a tiny service, and requests for it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use berth_aws_api::Unit;
use berth_aws_api::fixture as api;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::env::Env;
use crate::health::{Condition, Health};
use crate::metrics::Metrics;
use crate::pipeline::access::{AccessTable, Resource};
use crate::pipeline::authenticate::{
    Authenticator, OpenAuthenticator, SigV4Authenticator, StaticCredentials,
};
use crate::pipeline::throttle::{Category, RateLimits};
use crate::pipeline::websocket::{Close, Opening, Session, Socket, SocketRefusal};
use crate::pipeline::{
    AllowAll, Authorizer, Call, CommonError, Denied, Endpoint, EndpointBuilder, EndpointOptions,
    Failure, Peer, Question, ServiceBuilder, Stopping, query,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);
pub(crate) const KEY: (&str, &str) = ("AKIDADMIN", "admin-secret");
pub(crate) const AGENT_KEY: (&str, &str) = ("AKIDAGENT", "agent-secret");
pub(crate) const PEER: Peer = Peer::plain(IpAddr::V4(Ipv4Addr::LOCALHOST));

/// The service: what `PutText` does depends on the name that it is given.
pub(crate) struct Fixture {
    /// How often an operation ran.
    pub runs: AtomicUsize,
    /// `wait` says here that it has begun…
    pub begun: Semaphore,
    /// …and goes on when there is a permit here.
    pub gate: Semaphore,
}

pub(crate) struct World {
    pub endpoint: Endpoint,
    pub fixture: Arc<Fixture>,
    pub metrics: Metrics,
    pub health: Health,
}

/// Whether anyone wants a log line is found out once for the whole process. A test that reads the log must
/// not depend on whether another thread, where nobody reads it, came to that line first.
static LOG_LINES_ARE_WANTED: Once = Once::new();

impl World {
    /// Signatures are verified.
    pub fn enforcing() -> World {
        let keys = StaticCredentials::new().with_administrator(KEY.0, KEY.1).with_agent(
            "host-1",
            AGENT_KEY.0,
            AGENT_KEY.1,
        );
        World::with(SigV4Authenticator::new(keys), AllowAll)
    }

    pub fn open() -> World {
        World::with(OpenAuthenticator, AllowAll)
    }

    /// Signatures are verified, and every call is told to whoever has the other end.
    pub fn audited() -> (World, tokio::sync::mpsc::Receiver<crate::audit::Line>) {
        let (audit, lines) = crate::audit::Audit::channel();
        let keys = StaticCredentials::new().with_administrator(KEY.0, KEY.1);
        let off = RateLimits::Off;
        let world = World::telling(SigV4Authenticator::new(keys), AllowAll, Some(audit), off);
        (world, lines)
    }

    /// Audited, and nobody may call as often as they like.
    pub fn limited(limits: RateLimits) -> (World, tokio::sync::mpsc::Receiver<crate::audit::Line>) {
        let (audit, lines) = crate::audit::Audit::channel();
        let keys = StaticCredentials::new().with_administrator(KEY.0, KEY.1).with_agent(
            "host-1",
            AGENT_KEY.0,
            AGENT_KEY.1,
        );
        let authenticator = SigV4Authenticator::new(keys);
        (World::telling(authenticator, AllowAll, Some(audit), limits), lines)
    }

    pub fn with(authenticator: impl Authenticator, authorizer: impl Authorizer) -> World {
        World::telling(authenticator, authorizer, None, RateLimits::Off)
    }

    fn telling(
        authenticator: impl Authenticator,
        authorizer: impl Authorizer,
        audit: Option<crate::audit::Audit>,
        limits: RateLimits,
    ) -> World {
        LOG_LINES_ARE_WANTED.call_once(|| {
            tracing::subscriber::set_global_default(tracing_subscriber::registry())
                .expect("nothing else in these tests sets one");
        });
        let fixture = Arc::new(Fixture {
            runs: AtomicUsize::new(0),
            begun: Semaphore::new(0),
            gate: Semaphore::new(0),
        });
        let metrics = Metrics::new();
        let health = Health::starting("1.2.3", "enforce");
        health.set(Condition::Ready);
        let builder = EndpointBuilder::new(EndpointOptions {
            env: Env::seeded(7, NOW),
            account: "123456789012".parse().unwrap(),
            default_region: "home".parse().unwrap(),
            authenticator: Arc::new(authenticator),
            authorizer: Arc::new(authorizer),
            metrics: metrics.clone(),
        })
        .service(service(Arc::clone(&fixture)))
        .rate_limits(limits)
        .route(Method::GET, "/health", health.clone())
        .route(Method::GET, "/fixture/folder/", health.clone())
        .route(Method::GET, "/metrics", metrics.page([]));
        let builder = match audit {
            Some(audit) => builder.audit(audit),
            None => builder,
        };
        let endpoint = builder.build().unwrap();
        World { endpoint, fixture, metrics, health }
    }

    pub fn runs(&self) -> usize {
        self.fixture.runs.load(Ordering::SeqCst)
    }

    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.endpoint.handle(request, PEER).await
    }

    /// Calls `PutText` by JSON, signed by the administrator.
    pub async fn put_text(&self, name: &str, text: &str) -> Response<Bytes> {
        self.handle(signed(put_text(name, text))).await
    }
}

pub(crate) fn service(fixture: Arc<Fixture>) -> ServiceBuilder<Fixture> {
    ServiceBuilder::new(fixture, access_table())
        .rates(RATES)
        .operation::<api::ops::PutText, _, _>(do_put_text)
        .operation::<api::ops::Nothing, _, _>(do_nothing)
        .websocket("/fixture/ws", open_socket)
        .signed_route(Method::GET, "/fixture/who", who)
}

pub(crate) static RATES: &[Category] = &[
    Category::new("Text actions", (3, 1), &["PutText", "Who", "Talk"]),
    Category::new("Other actions", (2, 1), &["Nothing"]),
];

fn access_table() -> AccessTable<Fixture> {
    AccessTable::new("fixture")
        .operation::<api::ops::PutText>(|ask, input| {
            let name = input.name.as_deref().unwrap_or("nameless");
            ask.wants.on(Resource::new(format_args!("arn:aws:fixture:::text/{name}")));
        })
        .operation::<api::ops::Nothing>(|ask, _| ask.wants.nothing())
        .path("/fixture/ws", "Talk", |ask, uri| {
            let name = query::parameters(uri).find(|(key, _)| key == "name");
            ask.wants.key_if("fixture:name", name.map(|(_, value)| value.into_owned()));
        })
        .path("/fixture/who", "Who", |_, _| {})
}

async fn who(
    fixture: Arc<Fixture>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    fixture.runs.fetch_add(1, Ordering::SeqCst);
    match request.uri().query() {
        Some("panic") => panic!("the fixture was told to"),
        Some("refuse") => Err(CommonError::Unreadable("What?".to_owned())),
        Some("wait") => {
            fixture.begun.add_permits(1);
            Stopping::of(&request).cancelled().await;
            Ok(Response::new("stopping".into()))
        }
        _ => Ok(Response::new(format!("{} in {}", call.principal, call.scope.region).into())),
    }
}

async fn do_put_text(
    fixture: Arc<Fixture>,
    call: Call,
    input: api::PutTextRequest,
) -> Result<api::PutTextResponse, Failure<api::Error>> {
    fixture.runs.fetch_add(1, Ordering::SeqCst);
    let text = match input.name.as_deref() {
        Some("who") => {
            Some(format!("{} in {} from {}", call.principal, call.scope.region, call.source))
        }
        Some("where") => Some(call.authority.map_or("nowhere".to_owned(), |at| at.to_string())),
        Some("panic") => panic!("the fixture was told to"),
        Some("missing") => {
            return Err(api::Error::thing_not_found("There is no such thing.").into());
        }
        Some("broken") => return Err(Failure::internal(anyhow::anyhow!("the disk is on fire"))),
        Some("wait") => {
            fixture.begun.add_permits(1);
            fixture.gate.acquire().await.unwrap().forget();
            input.text
        }
        _ => input.text,
    };
    Ok(api::PutTextResponse { text })
}

async fn do_nothing(fixture: Arc<Fixture>, _: Call, _: Unit) -> Result<Unit, Failure<api::Error>> {
    fixture.runs.fetch_add(1, Ordering::SeqCst);
    Ok(Unit::default())
}

/// Echoes, except for `close`, `panic` and `leave`; a client without a name is refused.
async fn open_socket(
    fixture: Arc<Fixture>,
    call: Call,
    opening: Opening,
) -> Result<Session, SocketRefusal> {
    fixture.runs.fetch_add(1, Ordering::SeqCst);
    let Some(name) = opening.parameter("name").map(|name| name.into_owned()) else {
        return Err(SocketRefusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidInstanceException",
            "Who are you?",
        ));
    };
    if name == "panic" {
        panic!("the fixture was told to");
    }
    let greeting = format!("hello {name}, {}", call.principal);
    Ok(Session::new(move |mut socket: Socket| async move {
        let _ = socket.outgoing.send(greeting).await;
        while let Some(text) = socket.incoming.recv().await {
            match text.as_str() {
                "close" => return socket.close(Close::new(4000, "as you wish")),
                "leave" => return,
                "panic" => panic!("the fixture was told to"),
                _ => socket.outgoing.send(text).await.unwrap(),
            }
        }
        fixture.begun.add_permits(1);
    }))
}

/// Allows nothing, and says what it was asked.
pub(crate) struct DenyAll;

impl Authorizer for DenyAll {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied> {
        let wanted: Vec<String> = question
            .wants()
            .questions()
            .iter()
            .map(|wanted| format!("{} on {}", wanted.action, wanted.resource.arn()))
            .collect();
        Err(Denied(format!("{} may not {}", call.principal, wanted.join(", "))))
    }
}

/// A JSON request for the fixture, not signed.
pub(crate) fn json(target: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post("http://localhost/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .body(body.into())
        .unwrap()
}

pub(crate) fn put_text(name: &str, text: &str) -> Request<Bytes> {
    let body = serde_json::json!({ "Name": name, "Text": text }).to_string();
    json("Fixture_20260131.PutText", body)
}

pub(crate) fn signed(request: Request<Bytes>) -> Request<Bytes> {
    signed_by(KEY, "eu-west-1", request)
}

pub(crate) fn signed_by(
    (id, secret): (&str, &str),
    region: &str,
    mut request: Request<Bytes>,
) -> Request<Bytes> {
    let credentials = Credentials::new(id, secret);
    Signer::new(&credentials, region, "fixture").sign(&mut request, NOW).unwrap();
    request
}

pub(crate) fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Status, bare code and message of a JSON error.
pub(crate) fn error(response: &Response<Bytes>) -> (u16, String, String) {
    let body = body(response);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = text(&body["__type"]);
    let code = code.rsplit('#').next().unwrap().to_owned();
    let message =
        if body["message"].is_null() { text(&body["Message"]) } else { text(&body["message"]) };
    (response.status().as_u16(), code, message)
}

/// The lines of a metric in Prometheus's format.
pub(crate) fn lines(metrics: &Metrics, name: &str) -> Vec<String> {
    let text = metrics.render();
    text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
}
