//! One control plane with nothing but this service, and typed calls to it through the wire.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::{Operation, kms};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::cell::Cell;
use berth_control::env::{Env, SystemIds};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{
    AllowAll, Authorizer, Endpoint, EndpointBuilder, EndpointOptions, Peer,
};
use berth_control::ports::{NoTasks, TaskRuns};
use berth_control::reconcile::{Options, Reconcilers};
use berth_control::sealing::{DataKey, LocalRootKeys, Rotation, RotationSettings, Sealer};
use berth_control::tables::Schema;
use berth_model::{Scope, Timestamp};
use berth_store::MemoryStore;
use http::Uri;

use crate::{Neighbours, Secrets};

use super::people::People;

pub const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);
pub const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

/// 32 bytes that are no secret.
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Replaced when a test asks for it.
const DATA_KEYS: RotationSettings =
    RotationSettings { every: YEARS, longest: Duration::from_secs(36 * 60 * 60) };
const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

pub struct World {
    pub secrets: Arc<Secrets>,
    pub endpoint: Endpoint,
    pub reconcilers: Reconcilers,
    pub env: Env,
    pub store: Arc<MemoryStore>,
    tasks: Arc<dyn TaskRuns>,
}

/// What a client learns of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl World {
    pub async fn new() -> Self {
        Self::with_tasks(Arc::new(NoTasks)).await
    }

    /// With somebody who runs tasks.
    pub async fn with_tasks(tasks: Arc<dyn TaskRuns>) -> Self {
        Self::on(Arc::new(MemoryStore::new()), Env::seeded(3, START), tasks).await
    }

    /// A new control plane on what the old one made durable.
    pub async fn restarted(self) -> Self {
        let (store, env, tasks) = (self.store.clone(), self.env.clone(), self.tasks.clone());
        drop(self);
        Self::on(store, env, tasks).await
    }

    async fn on(store: Arc<MemoryStore>, env: Env, tasks: Arc<dyn TaskRuns>) -> Self {
        let mut schema = Schema::new();
        schema.table::<DataKey>();
        crate::register_tables(&mut schema);
        let cell = Cell::open(store.clone(), schema).await.expect("the store opens");
        let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
        let sealer = Sealer::open(&cell, Arc::new(keys), &env).await.expect("what is sealed opens");
        let neighbours = Neighbours { tasks: tasks.clone(), principals: Arc::new(People) };
        let secrets = Secrets::among(neighbours, cell.clone(), env.clone(), sealer.clone());
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        secrets.start(&mut reconcilers);
        let data_keys = Rotation::new(sealer, cell, env.clone(), DATA_KEYS);
        reconcilers.start(Arc::new(crate::register_sealed(data_keys)), Options::default());
        let endpoint = endpoint(&secrets, Arc::new(AllowAll));
        Self { secrets, endpoint, reconcilers, env, store, tasks }
    }

    /// The same with somebody who decides what calls may do.
    pub fn judged_by(self, authorizer: impl Authorizer) -> Self {
        Self { endpoint: endpoint(&self.secrets, Arc::new(authorizer)), ..self }
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
        self.try_ask_in::<O>("us-east-1", input).await
    }

    pub async fn try_ask_in<O: Operation>(
        &self,
        region: &str,
        input: O::Input,
    ) -> Result<O::Output, Refusal> {
        let uri = Uri::from_static("http://127.0.0.1:4566/");
        let encoded = Protocol::AwsJson11.encode_request(O::schema(), &input, &uri);
        let mut request = encoded.expect("it can be written");
        request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
        let (key, service) = (Credentials::new("ADMIN", "secret"), O::schema().service.name);
        Signer::new(&key, region, service)
            .sign(&mut request, self.env.now())
            .expect("it has a host");
        let answer = self.endpoint.handle(request, PEER).await;
        if answer.status() != 200 {
            let error = Protocol::AwsJson11.decode_error(&answer);
            return Err(Refusal { code: error.code, message: error.message.unwrap_or_default() });
        }
        let mut output = O::Output::default();
        Protocol::AwsJson11
            .decode_response(O::schema(), &answer, &mut output)
            .expect("an answer of this operation");
        Ok(output)
    }

    /// The world that the administrator's calls are about.
    pub fn scope(&self) -> Scope {
        Scope::new(
            "123456789012".parse().expect("an account"),
            "us-east-1".parse().expect("a region"),
        )
    }
}

fn endpoint(secrets: &Arc<Secrets>, authorizer: Arc<dyn Authorizer>) -> Endpoint {
    let administrator = StaticCredentials::new().with_administrator("ADMIN", "secret");
    let options = EndpointOptions {
        env: secrets.env.clone(),
        account: "123456789012".parse().expect("an account"),
        default_region: "us-east-1".parse().expect("a region"),
        authenticator: Arc::new(SigV4Authenticator::new(administrator)),
        authorizer,
        metrics: Metrics::new(),
    };
    EndpointBuilder::new(options)
        .service(secrets.kms())
        .service(secrets.secretsmanager())
        .service(secrets.parameter_store())
        .build()
        .expect("each operation once, each with a row")
}

/// What everybody does.
impl World {
    /// A new key's metadata.
    pub async fn key(&self) -> kms::KeyMetadata {
        let made = self.ask::<kms::ops::CreateKey>(Default::default()).await;
        made.key_metadata.expect("it is shown")
    }

    /// Time passes, and what is due by then has happened.
    pub async fn later(&self, days: u64) {
        tokio::time::advance(Duration::from_secs(days * 24 * 60 * 60)).await;
        // The driver's timer first, then what it has woken.
        tokio::task::yield_now().await;
        self.reconcilers.settled().await;
    }
}

/// The code and the words of a refusal, to be compared at once.
impl PartialEq<(&str, &str)> for Refusal {
    fn eq(&self, (code, message): &(&str, &str)) -> bool {
        self.code == *code && self.message == *message
    }
}

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
