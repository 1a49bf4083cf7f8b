//! A cluster, and a user and a session that may do with it what most may.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use berth_aws_api::{Operation, Structure, ecs, iam, sts};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::audit::{Audit, Files, FilesOptions};
use berth_control::cell::Cell;
use berth_control::env::{Clock, Env, SystemClock, SystemIds};
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{
    AllowAll, Authorizer, Endpoint, EndpointBuilder, EndpointOptions, Peer,
};
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::Schema;
use berth_ecs::{Ecs, Limits};
use berth_identity::credentials::{AccessKeys, TemporaryKeys};
use berth_identity::{Identity, IdentityAuthorizer};
use berth_store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response, Uri};
use tempfile::TempDir;

pub const PEER: Peer = Peer::plain(IpAddr::V4(Ipv4Addr::LOCALHOST));
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ADMINISTRATOR: &str = "AKIAADMINISTRATOR000";
const INSTANCES: usize = 100;

/// What runs and shows tasks of one cluster.
const RUNNER: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ecs:RunTask","ecs:StopTask","ecs:Describe*"],
     "Resource":["arn:aws:ecs:us-east-1:123456789012:task-definition/web:*",
                 "arn:aws:ecs:us-east-1:123456789012:task/default/*"],
     "Condition":{"ArnEquals":{"ecs:cluster":"arn:aws:ecs:us-east-1:123456789012:cluster/default"}}}]}"#;

pub struct World {
    pub decided: Endpoint,
    pub undecided: Endpoint,
    /// The account's own key, about which no policy is asked; a user with four policies of thirteen statements; a session
    /// of a role with two of five, whose token tells who it is.
    pub callers: [(&'static str, Credentials); 3],
    pub task: String,
    root: Credentials,
    _folder: TempDir,
}

impl World {
    pub async fn new() -> Self {
        let env = Env::system();
        let folder = TempDir::new().expect("a folder can be made");
        log_to(folder.path());
        let mut schema = Schema::new();
        schema.table::<DataKey>();
        schema.table::<ClientToken>();
        berth_identity::register_tables(&mut schema);
        berth_ecs::register_tables(&mut schema, &env);
        let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("it is empty");
        let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
        let sealer =
            Sealer::open(&cell, Arc::new(keys), &env).await.expect("nothing is sealed yet");
        let ecs = Ecs::new(cell.clone(), env.clone(), Limits::default(), "http://127.0.0.1:4566");
        let identity = Identity::new(cell, env.clone(), sealer);
        let authenticator = Arc::new(
            SigV4Authenticator::new(
                StaticCredentials::new().with_administrator(ADMINISTRATOR, "secret"),
            )
            .or(AccessKeys::of(&identity))
            .or(TemporaryKeys::of(&identity)),
        );
        let endpoint = |audit: Audit, authorizer: Arc<dyn Authorizer>| {
            EndpointBuilder::new(EndpointOptions {
                env: env.clone(),
                account: "123456789012".parse().expect("twelve digits"),
                default_region: "us-east-1".parse().expect("a region"),
                authenticator: authenticator.clone(),
                authorizer,
                metrics: Metrics::new(),
            })
            .service(identity.iam())
            .service(identity.sts())
            .service(ecs.service())
            .audit(audit)
            .build()
            .expect("three services")
        };
        let audit = |name| audit(folder.path().join(name), &env);
        let decided = endpoint(audit("decided"), Arc::new(IdentityAuthorizer::new(&identity)));
        let undecided = endpoint(audit("undecided"), Arc::new(AllowAll));
        let root = Credentials::new(ADMINISTRATOR, "secret");
        let task = furnish(&decided, &root).await;
        let (user, session) = people(&decided, &root).await;
        let callers = [("the account", root.clone()), ("a user", user), ("a session", session)];
        World { decided, undecided, callers, task, root, _folder: folder }
    }

    /// Ends the tasks of an answer of RunTask.
    pub async fn end(&self, answer: &Response<Bytes>) {
        let mut output = ecs::RunTaskResponse::default();
        let schema = ecs::ops::RunTask::schema();
        Protocol::AwsJson11.decode_response(schema, answer, &mut output).expect("its answer");
        for task in output.tasks.into_iter().flatten() {
            let input = ecs::SubmitTaskStateChangeRequest {
                task: task.task_arn,
                status: Some("STOPPED".to_owned()),
                ..Default::default()
            };
            ask::<ecs::ops::SubmitTaskStateChange>(&self.undecided, &self.root, input).await;
        }
    }
}

/// Each call is a line of the log, as the program has it when nobody says otherwise.
fn log_to(folder: &Path) {
    let log = File::create(folder.join("log")).expect("a file can be made");
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .init();
}

/// Each call is a line of an audit, too.
fn audit(folder: PathBuf, env: &Env) -> Audit {
    let options = FilesOptions { folder, file_bytes: 64 << 20, kept_bytes: 256 << 20 };
    let (audit, _) = Files::start(options, env.clock.clone()).expect("it can be written");
    audit
}

/// Signed anew, for a call that is made many times.
pub fn request<O: Operation>(
    protocol: Protocol,
    key: &Credentials,
    input: &dyn Structure,
) -> Request<Bytes> {
    let uri = Uri::from_static("http://127.0.0.1:4566/");
    let request = protocol.encode_request(O::schema(), input, &uri);
    let mut request = request.expect("it can be written");
    request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
    Signer::new(key, "us-east-1", O::schema().service.signing_name)
        .sign(&mut request, SystemClock.now())
        .expect("it has a host");
    request
}

async fn ask<O: Operation>(endpoint: &Endpoint, key: &Credentials, input: O::Input) -> O::Output {
    let protocol = match O::schema().service.signing_name {
        "ecs" => Protocol::AwsJson11,
        _ => Protocol::Query,
    };
    let answer = endpoint.handle(request::<O>(protocol, key, &input), PEER).await;
    assert_eq!(answer.status(), 200, "{}: {answer:?}", O::NAME);
    let mut output = O::Output::default();
    protocol.decode_response(O::schema(), &answer, &mut output).expect("its answer");
    output
}

/// Instances with room, and a task that runs on one of them.
async fn furnish(endpoint: &Endpoint, root: &Credentials) -> String {
    ask::<ecs::ops::CreateCluster>(endpoint, root, Default::default()).await;
    let container = ecs::ContainerDefinition {
        name: some("main"),
        image: some("busybox"),
        memory: Some(64),
        ..Default::default()
    };
    let definition = ecs::RegisterTaskDefinitionRequest {
        family: some("web"),
        container_definitions: Some(vec![container]),
        ..Default::default()
    };
    ask::<ecs::ops::RegisterTaskDefinition>(endpoint, root, definition).await;
    for _ in 0..INSTANCES {
        let resource = |name| ecs::Resource {
            name: some(name),
            r#type: some("INTEGER"),
            integer_value: Some(65_536),
            ..Default::default()
        };
        let instance = ecs::RegisterContainerInstanceRequest {
            total_resources: Some(vec![resource("CPU"), resource("MEMORY")]),
            ..Default::default()
        };
        ask::<ecs::ops::RegisterContainerInstance>(endpoint, root, instance).await;
    }
    let run = ecs::RunTaskRequest { task_definition: some("web"), ..Default::default() };
    let task = ask::<ecs::ops::RunTask>(endpoint, root, run).await.tasks;
    let task = task.and_then(|tasks| tasks.into_iter().next()?.task_arn);
    task.expect("there is room")
}

async fn people(endpoint: &Endpoint, root: &Credentials) -> (Credentials, Credentials) {
    let statement = |service: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":["{service}:Get*","{service}:List*"],"Resource":"*"}}"#
        )
    };
    let policy = |services: &[&str]| {
        let statements: Vec<String> = services.iter().map(|service| statement(service)).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    };
    let user = iam::CreateUserRequest { user_name: some("ann"), ..Default::default() };
    ask::<iam::ops::CreateUser>(endpoint, root, user).await;
    for (name, document) in [
        ("one", policy(&["ecs", "ec2", "logs", "ecr"])),
        ("two", policy(&["s3", "sqs", "sns", "kms"])),
        ("three", policy(&["iam", "sts", "ssm", "events"])),
        ("tasks", RUNNER.to_owned()),
    ] {
        let put = iam::PutUserPolicyRequest {
            user_name: some("ann"),
            policy_name: some(name),
            policy_document: Some(document),
        };
        ask::<iam::ops::PutUserPolicy>(endpoint, root, put).await;
    }
    let key = iam::CreateAccessKeyRequest { user_name: some("ann") };
    let key = ask::<iam::ops::CreateAccessKey>(endpoint, root, key).await.access_key;
    let key = key.expect("a key");
    let user = Credentials::new(
        key.access_key_id.expect("an id"),
        key.secret_access_key.expect("a secret"),
    );
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"}}]}"#;
    let role = iam::CreateRoleRequest {
        role_name: some("role"),
        assume_role_policy_document: some(trust),
        ..Default::default()
    };
    ask::<iam::ops::CreateRole>(endpoint, root, role).await;
    for (name, document) in
        [("one", policy(&["ecs", "iam", "sts", "logs"])), ("tasks", RUNNER.to_owned())]
    {
        let put = iam::PutRolePolicyRequest {
            role_name: some("role"),
            policy_name: some(name),
            policy_document: Some(document),
        };
        ask::<iam::ops::PutRolePolicy>(endpoint, root, put).await;
    }
    let assume = sts::AssumeRoleRequest {
        role_arn: some("arn:aws:iam::123456789012:role/role"),
        role_session_name: some("bench"),
        ..Default::default()
    };
    let given = ask::<sts::ops::AssumeRole>(endpoint, &user, assume).await.credentials;
    let given = given.expect("credentials");
    let session = Credentials {
        access_key_id: given.access_key_id.expect("an id"),
        secret_access_key: given.secret_access_key.expect("a secret"),
        session_token: given.session_token,
    };
    (user, session)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
