//! One control plane with nothing but this service, and typed calls to it through the wire.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;
use berth_aws_api::{Operation, OperationSchema};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::cell::Cell;
use berth_control::env::{Env, SystemIds};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::Schema;
use berth_model::Timestamp;
use berth_store::MemoryStore;
use bytes::Bytes;
use http::{Response, Uri};

use super::issuer;
use crate::credentials::{AccessKeys, TemporaryKeys};
use crate::web_identity::KeyFiles;
use crate::{Identity, IdentityAuthorizer};

pub const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
pub const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

/// 32 bytes that are no secret.
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct World {
    pub identity: Arc<Identity>,
    pub endpoint: Endpoint,
    /// Who calls.
    pub peer: Peer,
    pub store: Arc<MemoryStore>,
    env: Env,
}

/// What a client learns of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl World {
    pub async fn new() -> Self {
        Self::on(Arc::new(MemoryStore::new()), Env::seeded(3, START)).await
    }

    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// An access key of a user.
    pub async fn key_of(&self, user: &str) -> Credentials {
        let input = api::CreateAccessKeyRequest { user_name: some(user) };
        let key = self.ask::<ops::CreateAccessKey>(input).await.access_key.expect("it is shown");
        let (id, secret) = (key.access_key_id, key.secret_access_key);
        Credentials::new(id.expect("an id"), secret.expect("a secret"))
    }

    /// A user with a policy of these statements, and an access key of it.
    pub async fn user_with(&self, name: &str, statements: &str) -> Credentials {
        self.user(name).await;
        let policy = api::PutUserPolicyRequest {
            user_name: some(name),
            policy_name: some("it"),
            policy_document: Some(format!(
                r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
            )),
        };
        self.ask::<ops::PutUserPolicy>(policy).await;
        self.key_of(name).await
    }

    /// A new control plane on what the old one made durable.
    pub async fn restarted(self) -> Self {
        let (store, env) = (self.store.clone(), self.env.clone());
        drop(self);
        Self::on(store, env).await
    }

    async fn on(store: Arc<MemoryStore>, env: Env) -> Self {
        let mut schema = Schema::new();
        schema.table::<DataKey>();
        crate::register_tables(&mut schema);
        let cell = Cell::open(store.clone(), schema).await.expect("the store opens");
        let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
        let sealer = Sealer::open(&cell, Arc::new(keys), &env).await.expect("what is sealed opens");
        let key_files = KeyFiles::new([("https://ci.example".to_owned(), issuer::key_file())]);
        let identity = Identity::with_key_files(cell, env.clone(), sealer, key_files);
        let administrator = StaticCredentials::new().with_administrator("ADMIN", "secret");
        let options = EndpointOptions {
            env: env.clone(),
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(
                SigV4Authenticator::new(administrator)
                    .or(AccessKeys::of(&identity))
                    .or(TemporaryKeys::of(&identity)),
            ),
            authorizer: Arc::new(IdentityAuthorizer::new(&identity)),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(identity.iam())
            .service(identity.sts())
            .build()
            .expect("one service alone");
        Self { identity, endpoint, peer: PEER, store, env }
    }

    /// The answer to the administrator, which must succeed.
    pub async fn ask<O: Operation>(&self, input: O::Input) -> O::Output {
        let answer = self.try_ask::<O>(input).await;
        answer.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", O::NAME))
    }

    pub async fn refused<O: Operation>(&self, input: O::Input) -> Refusal {
        self.try_ask::<O>(input).await.expect_err(O::NAME)
    }

    pub async fn try_ask<O: Operation>(&self, input: O::Input) -> Result<O::Output, Refusal> {
        self.try_ask_as::<O>(&administrator(), input).await
    }

    /// The answer to somebody else.
    pub async fn try_ask_as<O: Operation>(
        &self,
        key: &Credentials,
        input: O::Input,
    ) -> Result<O::Output, Refusal> {
        let answer = self.answer_to(key, O::schema(), &input, "us-east-1").await;
        if answer.status() != 200 {
            let error = Protocol::Query.decode_error(&answer);
            return Err(Refusal { code: error.code, message: error.message.unwrap_or_default() });
        }
        let mut output = O::Output::default();
        Protocol::Query
            .decode_response(O::schema(), &answer, &mut output)
            .expect("an answer of this operation");
        Ok(output)
    }

    /// The answer to the administrator as it is on the wire.
    pub async fn answer(
        &self,
        operation: &OperationSchema,
        input: &dyn berth_aws_api::Structure,
        region: &str,
    ) -> Response<Bytes> {
        self.answer_to(&administrator(), operation, input, region).await
    }

    async fn answer_to(
        &self,
        key: &Credentials,
        operation: &OperationSchema,
        input: &dyn berth_aws_api::Structure,
        region: &str,
    ) -> Response<Bytes> {
        let uri = Uri::from_static("http://127.0.0.1:4566/");
        let mut request =
            Protocol::Query.encode_request(operation, input, &uri).expect("it can be written");
        request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
        if !operation.unsigned {
            let service = operation.service.signing_name;
            Signer::new(key, region, service)
                .sign(&mut request, self.now())
                .expect("it has a host");
        }
        self.endpoint.handle(request, self.peer).await
    }
}

pub fn administrator() -> Credentials {
    Credentials::new("ADMIN", "secret")
}

/// The code and the words of a refusal, to be compared at once.
impl PartialEq<(&str, &str)> for Refusal {
    fn eq(&self, (code, message): &(&str, &str)) -> bool {
        self.code == *code && self.message == *message
    }
}

/// A policy that allows one action on everything.
pub fn allowing(action: &str) -> Option<String> {
    Some(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    ))
}

/// A trust policy for this principal, written as JSON.
pub fn trusting(principal: &str) -> Option<String> {
    Some(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
    ))
}

/// What a URL-encoded policy says.
pub fn decoded(policy: &Option<String>) -> String {
    let policy = policy.as_deref().expect("a policy is shown");
    percent_encoding::percent_decode_str(policy).decode_utf8().expect("it is text").into_owned()
}

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Those whom everybody makes.
impl World {
    pub async fn user(&self, name: &str) -> api::User {
        let input = api::CreateUserRequest { user_name: some(name), ..Default::default() };
        self.ask::<ops::CreateUser>(input).await.user.expect("it is shown")
    }

    pub async fn group(&self, name: &str) -> api::Group {
        let input = api::CreateGroupRequest { group_name: some(name), ..Default::default() };
        self.ask::<ops::CreateGroup>(input).await.group.expect("it is shown")
    }

    /// A role for tasks.
    pub async fn role(&self, name: &str) -> api::Role {
        let input = api::CreateRoleRequest {
            role_name: some(name),
            assume_role_policy_document: trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#),
            ..Default::default()
        };
        self.ask::<ops::CreateRole>(input).await.role.expect("it is shown")
    }

    /// A managed policy that allows one action on everything; its ARN.
    pub async fn policy(&self, name: &str, action: &str) -> String {
        let input = api::CreatePolicyRequest {
            policy_name: some(name),
            policy_document: allowing(action),
            ..Default::default()
        };
        let policy = self.ask::<ops::CreatePolicy>(input).await.policy;
        policy.and_then(|policy| policy.arn).expect("it has an ARN")
    }
}
