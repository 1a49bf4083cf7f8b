//! A control plane that can be restarted on the store that it had.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_aws_api::Operation;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::Claim;
use berth_balancing::{Balancing, Neighbours};
use berth_control::cell::Cell;
use berth_control::env::{Env, SystemIds};
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{
    Authenticated, AuthenticationError, Authenticator, Expected,
};
use berth_control::pipeline::{
    AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer, Principal, PrincipalKind,
};
use berth_control::ports::LoadBalancing;
use berth_control::reconcile::Reconcilers;
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::Schema;
use berth_ecs::{Ecs, InstanceAddresses, Limits, Patience, Ports};
use berth_model::Timestamp;
use berth_store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::agent::Agent;
use super::balancers::Balancers;
use super::lender::Lender;

const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
const TARGET: &str = "AmazonEC2ContainerServiceV20141113";
/// 32 bytes that are no secret.
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
pub const PEER: Peer = Peer::plain(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST));
/// Whoever signs with this key may do everything.
pub const ADMINISTRATOR: &str = "ADMIN";

pub struct World {
    pub ecs: Arc<Ecs>,
    pub endpoint: Endpoint,
    pub reconcilers: Reconcilers,
    pub lender: Arc<Lender>,
    /// ELB's service, in worlds that have one.
    pub balancing: Option<Arc<Balancing>>,
    /// What stands for it in the others.
    pub balancers: Arc<Balancers>,
    store: Arc<MemoryStore>,
    env: Env,
}

/// Believes the access key: every key but the administrator's is a host's.
struct ByKey;

#[async_trait]
impl Authenticator for ByKey {
    async fn authenticate(
        &self,
        request: &Request<Bytes>,
        _: Expected,
        _: Timestamp,
    ) -> Result<Authenticated, AuthenticationError> {
        let key = Claim::of(request)?.credential.access_key_id;
        let kind = match key.as_str() {
            ADMINISTRATOR => PrincipalKind::Administrator,
            host => PrincipalKind::Agent { host: host.into() },
        };
        let principal = Principal { kind, access_key_id: Some(key.into()) };
        Ok(Authenticated { principal, region: None, body: None })
    }
}

impl World {
    pub async fn new() -> Self {
        // What runs counts at once: that tasks have to warm up is shown in the stories of `deployment`.
        let patience = Patience { task_warm_up: Duration::ZERO, ..Patience::default() };
        Self::with_patience(patience).await
    }

    pub async fn with_patience(patience: Patience) -> Self {
        Self::empty(patience, Limits::default()).await
    }

    /// With load balancers.
    pub async fn balanced() -> Self {
        let patience = Patience { task_warm_up: Duration::ZERO, ..Patience::default() };
        let (store, env) = (Arc::new(MemoryStore::new()), Env::seeded(7, START));
        Self::on(store, env, patience, Limits::default(), true).await.founded().await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        Self::empty(Patience { task_warm_up: Duration::ZERO, ..Patience::default() }, limits).await
    }

    async fn empty(patience: Patience, limits: Limits) -> Self {
        let (store, env) = (Arc::new(MemoryStore::new()), Env::seeded(7, START));
        Self::on(store, env, patience, limits, false).await.founded().await
    }

    async fn founded(self) -> Self {
        self.ask("CreateCluster", json!({"clusterName": "web"})).await;
        self
    }

    /// A new control plane on what the old one made durable, as after `kill -9`.
    pub async fn restarted(self) -> Self {
        let (store, env) = (self.store.clone(), self.env.clone());
        let (patience, limits) = (self.ecs.patience.clone(), self.ecs.limits.clone());
        let is_balanced = self.balancing.is_some();
        drop(self);
        Self::on(store, env, patience, limits, is_balanced).await
    }

    /// From here on nothing happens by itself.
    pub async fn stand_still(&mut self) {
        let none = Reconcilers::new(self.ecs.cell.clone(), self.env.clone());
        std::mem::replace(&mut self.reconcilers, none).shutdown().await;
    }

    async fn on(
        store: Arc<MemoryStore>,
        env: Env,
        patience: Patience,
        limits: Limits,
        is_balanced: bool,
    ) -> Self {
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &env);
        if is_balanced {
            schema.table::<DataKey>();
            berth_balancing::register_tables(&mut schema);
        }
        let cell = Cell::open(store.clone(), schema).await.expect("the store opens");
        let address = "http://127.0.0.1:4566";
        let lender = Arc::new(Lender::default());
        let balancing = if is_balanced { Some(balancing(&cell, &env).await) } else { None };
        let balancers = Arc::new(Balancers::default());
        let mut ports = Ports { roles: lender.clone(), balancing: balancers.clone() };
        if let Some(balancing) = &balancing {
            ports.balancing = balancing.clone() as Arc<dyn LoadBalancing>;
        }
        let (cell_of, env_of) = (cell.clone(), env.clone());
        let ecs = Ecs::with_ports(cell_of, env_of, limits, patience, address, ports);
        let mut reconcilers = Reconcilers::new(cell, env.clone());
        ecs.start(&mut reconcilers);
        if let Some(balancing) = &balancing {
            balancing.start(&mut reconcilers);
        }
        let options = EndpointOptions {
            env: env.clone(),
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(ByKey),
            authorizer: Arc::new(AllowAll),
            metrics: Metrics::new(),
        };
        let mut builder = EndpointBuilder::new(options).service(ecs.service());
        if let Some(balancing) = &balancing {
            builder = builder.service(balancing.elbv2());
        }
        let endpoint = builder.build().expect("each operation once");
        Self { ecs, endpoint, reconcilers, lender, balancing, balancers, store, env }
    }

    /// The answer of an operation, which must succeed.
    pub async fn ask(&self, operation: &str, input: Value) -> Value {
        let (status, answer) = self.ask_as(ADMINISTRATOR, operation, input).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    pub async fn ask_as(&self, key: &str, operation: &str, input: Value) -> (u16, Value) {
        let request = signed(Request::post("/"), key)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("{TARGET}.{operation}"))
            .body(input.to_string().into())
            .expect("a request can be built");
        let response = self.endpoint.handle(request, PEER).await;
        let answer = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), answer)
    }

    /// The answer of one of ELB's operations, which must succeed.
    pub async fn ask_elb<O: Operation>(&self, input: O::Input) -> O::Output {
        let uri = http::Uri::from_static("http://127.0.0.1:4566/");
        let request = Protocol::Query.encode_request(O::schema(), &input, &uri);
        let (parts, body) = request.expect("it can be written").into_parts();
        let mut request = signed_for("elasticloadbalancing", Request::post("/"), ADMINISTRATOR);
        for (name, value) in &parts.headers {
            request = request.header(name, value);
        }
        let request = request.body(body).expect("a request can be built");
        let answer = self.endpoint.handle(request, PEER).await;
        let text = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), 200, "{}: {text}", O::NAME);
        let mut output = O::Output::default();
        let decoded = Protocol::Query.decode_response(O::schema(), &answer, &mut output);
        decoded.expect("an answer of this operation");
        output
    }

    /// The answer of a path that is no operation.
    pub async fn get(&self, path: &str) -> Value {
        let request = signed(Request::get(path), ADMINISTRATOR).body(Bytes::new());
        let response = self.endpoint.handle(request.expect("a request can be built"), PEER).await;
        assert_eq!(response.status(), 200, "{path}: {:?}", response.body());
        serde_json::from_slice(response.body()).expect("the answer is JSON")
    }

    /// Registers a host and answers its ARN. The host signs with its name as its key.
    pub async fn register(&self, host: &str) -> String {
        self.register_with(host, "us-east-1a").await
    }

    /// The same, in this availability zone.
    pub async fn register_with(&self, host: &str, zone: &str) -> String {
        let input = json!({"cluster": "web", "totalResources": [
            {"name": "CPU", "type": "INTEGER", "integerValue": 4096},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192},
        ], "attributes": [
            {"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
            {"name": "com.amazonaws.ecs.capability.docker-remote-api.1.24"},
            {"name": "ecs.capability.container-health-check"},
            {"name": "ecs.os-type", "value": "linux"},
            {"name": "ecs.availability-zone", "value": zone},
        ]});
        let (status, answer) = self.ask_as(host, "RegisterContainerInstance", input).await;
        assert_eq!(status, 200, "{answer}");
        text(&answer, "/containerInstance/containerInstanceArn")
    }

    /// A host that is registered and connected, past its first manifest.
    pub async fn agent(&self, host: &str) -> Agent {
        let instance = self.register(host).await;
        let mut agent = self.connect(host, &instance).await;
        agent.next("TaskManifestMessage").await;
        agent
    }

    pub async fn connect(&self, host: &str, instance: &str) -> Agent {
        let opened = self.open(host, "acs", instance).await;
        Agent::new(instance, opened.unwrap_or_else(|refusal| panic!("{:?}", refusal.body())))
    }

    pub async fn connect_telemetry(&self, host: &str, instance: &str) -> Agent {
        let opened = self.open(host, "tcs", instance).await;
        Agent::new(instance, opened.unwrap_or_else(|refusal| panic!("{:?}", refusal.body())))
    }

    pub async fn open(
        &self,
        host: &str,
        socket: &str,
        instance: &str,
    ) -> Result<berth_control::pipeline::websocket::Session, Response<Bytes>> {
        let (cluster_key, instance_key) = match socket {
            "acs" => ("clusterArn", "containerInstanceArn"),
            _ => ("cluster", "containerInstance"),
        };
        let instance = instance.replace(':', "%3A").replace('/', "%2F");
        let path = format!(
            "/{socket}/ws?agentHash=abc&agentVersion=1.105.1&{cluster_key}=web&{instance_key}={instance}\
             &dockerVersion=DockerVersion%3A+27.0.0&protocolVersion=2&sendCredentials=true&seqNum=1"
        );
        let request =
            signed(Request::get(path), host).body(Bytes::new()).expect("a request can be built");
        self.endpoint.open_socket(&request, PEER).await
    }

    /// Starts one task of the simplest kind and answers its ARN.
    pub async fn run_task(&self) -> String {
        self.register_task_definition().await;
        let answer =
            self.ask("RunTask", json!({"cluster": "web", "taskDefinition": "sleep"})).await;
        text(&answer, "/tasks/0/taskArn")
    }

    pub async fn register_task_definition(&self) {
        let input = json!({"family": "sleep", "containerDefinitions": [
            {"name": "main", "image": "busybox", "memory": 16, "command": ["sleep", "1"]},
        ]});
        self.ask("RegisterTaskDefinition", input).await;
    }

    pub async fn task(&self, arn: &str) -> Value {
        let answer = self.ask("DescribeTasks", json!({"cluster": "web", "tasks": [arn]})).await;
        answer["tasks"][0].clone()
    }

    pub async fn instance(&self, arn: &str) -> Value {
        let input = json!({
            "cluster": "web", "containerInstances": [arn], "include": ["CONTAINER_INSTANCE_HEALTH"],
        });
        self.ask("DescribeContainerInstances", input).await["containerInstances"][0].clone()
    }
}

/// ELB's service on the same tables.
async fn balancing(cell: &Cell, env: &Env) -> Arc<Balancing> {
    let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
    let sealer = Sealer::open(cell, Arc::new(keys), env).await.expect("it opens");
    let neighbours = Neighbours {
        networks: berth_compute::Compute::new(),
        hosts: Arc::new(InstanceAddresses),
        ..Neighbours::default()
    };
    let limits = berth_balancing::Limits::default();
    Balancing::new(cell.clone(), env.clone(), limits, sealer, neighbours)
}

pub fn signed(request: http::request::Builder, key: &str) -> http::request::Builder {
    signed_for("ecs", request, key)
}

fn signed_for(service: &str, request: http::request::Builder, key: &str) -> http::request::Builder {
    let credential = format!("Credential={key}/20260102/us-east-1/{service}/aws4_request");
    request.header("host", "127.0.0.1:4566").header("x-amz-date", "20260102T030405Z").header(
        "authorization",
        format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"),
    )
}

/// The text at this place of a document.
pub fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value}")).to_owned()
}
