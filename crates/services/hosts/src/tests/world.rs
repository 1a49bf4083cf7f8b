//! One control plane with nothing but this service, and machines that want in.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_agent_protocol::hosts::{
    CREDENTIALS_PATH, CredentialsAnswer, CredentialsRequest, HostRefusalCode, HostType, JOIN_PATH,
    JoinAnswer, JoinRequest,
};
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
use berth_control::reconcile::Reconcilers;
use berth_control::tables::Schema;
use berth_model::Timestamp;
use berth_store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::{AGENT_ACTIONS, AgentAuthorizer, HostCredentials, Hosts, Settings};

pub const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

pub struct World {
    pub hosts: Arc<Hosts>,
    pub reconcilers: Reconcilers,
    pub endpoint: Endpoint,
    pub roles: Arc<Roles>,
    store: Arc<MemoryStore>,
    env: Env,
}

/// The roles that there are, by ARN. They trust SSM, and nobody else.
pub struct Roles(Mutex<BTreeSet<String>>);

impl Roles {
    pub fn delete(&self, name: &str) {
        self.0.lock().expect("no test panics there").remove(&Self::arn(name));
    }

    fn arn(name: &str) -> String {
        format!("arn:aws:iam::123456789012:role/{name}")
    }
}

impl RoleSessions for Roles {
    fn assume(&self, request: RoleRequest<'_>) -> Result<SessionCredentials, RoleRefusal> {
        self.check(&request)?;
        assert_eq!(request.source_arn.as_deref(), Some("arn:aws:ssm:us-east-1:123456789012:*"));
        let session = request.session_name;
        Ok(SessionCredentials {
            role_arn: request.role.to_owned(),
            access_key_id: format!("ASIA-{session}"),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
            expires_at: request.now + request.duration,
        })
    }

    fn check(&self, request: &RoleRequest<'_>) -> Result<(), RoleRefusal> {
        let role = request.role.to_owned();
        let is_there = self.0.lock().expect("no test panics there").contains(&role);
        match (is_there, request.service) {
            (false, _) => Err(RoleRefusal::NoSuchRole(role)),
            (true, "ssm.amazonaws.com") => Ok(()),
            (true, service) => Err(RoleRefusal::NotTrusted { role, service }),
        }
    }
}

/// A machine with a key of its own.
pub struct Machine(Ed25519KeyPair);

impl World {
    pub async fn new() -> Self {
        Self::on(Arc::new(MemoryStore::new()), Env::seeded(3, START)).await
    }

    /// A new control plane on what the old one made durable.
    pub async fn restarted(self) -> Self {
        let (store, env) = (self.store.clone(), self.env.clone());
        drop(self);
        Self::on(store, env).await
    }

    async fn on(store: Arc<MemoryStore>, env: Env) -> Self {
        let mut schema = Schema::new();
        crate::register_tables(&mut schema);
        let cell = Cell::open(store.clone(), schema).await.expect("the store opens");
        let roles = BTreeSet::from(["hosts", "service-role/racks"].map(Roles::arn));
        let roles = Arc::new(Roles(Mutex::new(roles)));
        let hosts = Hosts::new(cell.clone(), env.clone(), Settings::default(), roles.clone());
        let mut reconcilers = Reconcilers::new(cell, env.clone());
        hosts.start(&mut reconcilers);
        let administrator = StaticCredentials::new().with_administrator("ADMIN", "secret");
        let keys = SigV4Authenticator::new(administrator).or(HostCredentials::of(&hosts));
        let options = EndpointOptions {
            env: env.clone(),
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(keys),
            authorizer: Arc::new(
                AgentAuthorizer::before(AllowAll)
                    .allow("ssm", &["DescribeActivations"])
                    .allow("ssm", AGENT_ACTIONS),
            ),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(hosts.service())
            .build()
            .expect("one service alone");
        Self { hosts, reconcilers, endpoint, roles, store, env }
    }

    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// The answer of an operation to the administrator, which must succeed.
    pub async fn ask(&self, operation: &str, input: Value) -> Value {
        let (status, answer) = self.ask_as(&administrator(), operation, input).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code and the words of an error to the administrator.
    pub async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let (status, answer) = self.ask_as(&administrator(), operation, input).await;
        assert_eq!(status, 400, "{operation}: {answer}");
        error(&answer)
    }

    pub async fn ask_as(&self, key: &Credentials, operation: &str, input: Value) -> (u16, Value) {
        let mut request = Request::post("http://127.0.0.1:4566/")
            .header("host", "127.0.0.1:4566")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AmazonSSM.{operation}"))
            .body(Bytes::from(input.to_string()))
            .expect("a request can be built");
        Signer::new(key, "us-east-1", "ssm").sign(&mut request, self.now()).expect("it has a host");
        parsed(&self.endpoint.handle(request, PEER).await)
    }

    /// What a path of ours answers to whoever signs with this key.
    pub async fn get_as(&self, key: &Credentials, path: &str) -> (u16, Value) {
        let mut request = Request::get(format!("http://127.0.0.1:4566{path}"))
            .header("host", "127.0.0.1:4566")
            .body(Bytes::new())
            .expect("a request can be built");
        Signer::new(key, "us-east-1", "ssm").sign(&mut request, self.now()).expect("it has a host");
        parsed(&self.endpoint.handle(request, PEER).await)
    }

    /// An activation's id and code.
    pub async fn activation(&self, input: Value) -> (String, String) {
        let mut wanted = json!({"IamRole": "hosts"});
        wanted
            .as_object_mut()
            .expect("it is one")
            .extend(input.as_object().cloned().into_iter().flatten());
        let answer = self.ask("CreateActivation", wanted).await;
        (text(&answer, "ActivationId"), text(&answer, "ActivationCode"))
    }

    pub async fn post(&self, path: &str, body: Vec<u8>) -> (u16, Value) {
        let request = Request::post(path).body(Bytes::from(body)).expect("a request can be built");
        parsed(&self.endpoint.handle(request, PEER).await)
    }

    pub async fn try_join(
        &self,
        machine: &Machine,
        (id, code): &(String, String),
        host_type: HostType,
    ) -> Result<String, (HostRefusalCode, String)> {
        let request = JoinRequest {
            activation_id: id.clone(),
            activation_code: code.clone(),
            public_key: machine.public_key(),
            host_type,
            name: Some("machine".to_owned()),
        };
        let body = serde_json::to_vec(&request).expect("it can be written");
        let answer: JoinAnswer = outcome(self.post(JOIN_PATH, body).await)?;
        Ok(answer.host_id)
    }

    /// A machine that has joined, and its id.
    pub async fn host(&self, host_type: HostType) -> (Machine, String) {
        let machine = Machine::new();
        let activation = self.activation(json!({})).await;
        let id = self.try_join(&machine, &activation, host_type).await;
        (machine, id.expect("the activation is good"))
    }

    pub async fn try_credentials(
        &self,
        machine: &Machine,
        host_id: &str,
        asked_at: Timestamp,
    ) -> Result<CredentialsAnswer, (HostRefusalCode, String)> {
        let request = machine.request(host_id, asked_at);
        self.send_credentials_request(&request).await
    }

    pub async fn send_credentials_request(
        &self,
        request: &CredentialsRequest,
    ) -> Result<CredentialsAnswer, (HostRefusalCode, String)> {
        let body = serde_json::to_vec(request).expect("it can be written");
        outcome(self.post(CREDENTIALS_PATH, body).await)
    }

    /// Credentials asked for a millisecond from now, so that each request is later than the last.
    pub async fn credentials(&self, machine: &Machine, host_id: &str) -> CredentialsAnswer {
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        let given = self.try_credentials(machine, host_id, self.now()).await;
        given.unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }
}

impl Machine {
    pub fn new() -> Self {
        let random = ring::rand::SystemRandom::new();
        let key = Ed25519KeyPair::generate_pkcs8(&random).expect("there is randomness");
        Self(Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("it was just made"))
    }

    pub fn public_key(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }

    pub fn request(&self, host_id: &str, asked_at: Timestamp) -> CredentialsRequest {
        let asked_at = asked_at.as_millis();
        let text = CredentialsRequest::signed_text(host_id, asked_at);
        let signature = STANDARD.encode(self.0.sign(text.as_bytes()));
        CredentialsRequest { host_id: host_id.to_owned(), asked_at, signature }
    }
}

pub fn administrator() -> Credentials {
    Credentials::new("ADMIN", "secret")
}

pub fn of_agent(given: &CredentialsAnswer) -> Credentials {
    Credentials {
        access_key_id: given.access_key_id.clone(),
        secret_access_key: given.secret_access_key.clone(),
        session_token: Some(given.session_token.clone()),
    }
}

pub fn error(answer: &Value) -> (String, String) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
    (code, text("message") + &text("Message"))
}

pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}")).to_owned()
}

fn parsed(response: &Response<Bytes>) -> (u16, Value) {
    let answer = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), answer)
}

fn outcome<T: serde::de::DeserializeOwned>(
    (status, answer): (u16, Value),
) -> Result<T, (HostRefusalCode, String)> {
    if status == 200 {
        return Ok(serde_json::from_value(answer).expect("the answer of this call"));
    }
    let code = serde_json::from_value(answer["code"].clone()).expect("a refusal has a code");
    Err((code, text(&answer, "message")))
}
