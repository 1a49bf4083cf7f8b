//! A small signed call by the account's own key, by a user and by a session: what deciding it by policies costs.
//!
//! All three are verified, decoded, answered and encoded; only users and sessions are looked up, unsealed and judged.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use berth_aws_api::{Operation, Structure, iam, sts};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::cell::Cell;
use berth_control::env::{Clock, Env, SystemClock, SystemIds};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::Schema;
use berth_identity::credentials::{AccessKeys, TemporaryKeys};
use berth_identity::{Identity, IdentityAuthorizer};
use berth_store::MemoryStore;
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{Request, Uri};

const PEER: Peer = Peer::plain(IpAddr::V4(Ipv4Addr::LOCALHOST));
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

async fn endpoint() -> Endpoint {
    let env = Env::system();
    let mut schema = Schema::new();
    schema.table::<DataKey>();
    berth_identity::register_tables(&mut schema);
    let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("it is empty");
    let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
    let sealer = Sealer::open(&cell, &keys, &env).await.expect("nothing is sealed yet");
    let identity = Identity::new(cell, env.clone(), sealer);
    let administrator = StaticCredentials::new().with_administrator("ADMIN", "secret");
    EndpointBuilder::new(EndpointOptions {
        env,
        account: "123456789012".parse().expect("twelve digits"),
        default_region: "us-east-1".parse().expect("a region"),
        authenticator: Arc::new(
            SigV4Authenticator::new(administrator)
                .or(AccessKeys::of(&identity))
                .or(TemporaryKeys::of(&identity)),
        ),
        authorizer: Arc::new(IdentityAuthorizer::new(&identity)),
        metrics: Metrics::new(),
    })
    .service(identity.iam())
    .service(identity.sts())
    .build()
    .expect("two services")
}

fn request<O: Operation>(key: &Credentials, input: &dyn Structure) -> Request<Bytes> {
    let uri = Uri::from_static("http://127.0.0.1:4566/");
    let request = Protocol::Query.encode_request(O::schema(), input, &uri);
    let mut request = request.expect("it can be written");
    request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
    Signer::new(key, "us-east-1", O::schema().service.signing_name)
        .sign(&mut request, SystemClock.now())
        .expect("it has a host");
    request
}

async fn ask<O: Operation>(endpoint: &Endpoint, key: &Credentials, input: O::Input) -> O::Output {
    let answer = endpoint.handle(request::<O>(key, &input), PEER).await;
    assert_eq!(answer.status(), 200, "{}: {answer:?}", O::NAME);
    let mut output = O::Output::default();
    Protocol::Query.decode_response(O::schema(), &answer, &mut output).expect("its answer");
    output
}

/// A user with three policies of four statements each, and a session of a role with one.
async fn people(endpoint: &Endpoint, root: &Credentials) -> (Credentials, Credentials) {
    let some = |text: &str| Some(text.to_owned());
    let statement = |service: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":["{service}:Get*","{service}:List*"],"Resource":"*"}}"#
        )
    };
    let policy = |services: &[&str]| {
        let statements: Vec<String> = services.iter().map(|service| statement(service)).collect();
        Some(format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")))
    };
    let user = iam::CreateUserRequest { user_name: some("ann"), ..Default::default() };
    ask::<iam::ops::CreateUser>(endpoint, root, user).await;
    for (name, services) in [
        ("one", ["ecs", "ec2", "logs", "ecr"]),
        ("two", ["s3", "sqs", "sns", "kms"]),
        ("three", ["iam", "sts", "ssm", "events"]),
    ] {
        let put = iam::PutUserPolicyRequest {
            user_name: some("ann"),
            policy_name: some(name),
            policy_document: policy(&services),
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
    let put = iam::PutRolePolicyRequest {
        role_name: some("role"),
        policy_name: some("one"),
        policy_document: policy(&["ecs", "iam", "sts", "logs"]),
    };
    ask::<iam::ops::PutRolePolicy>(endpoint, root, put).await;
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

fn authorise(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let endpoint = runtime.block_on(endpoint());
    let root = Credentials::new("ADMIN", "secret");
    let (user, session) = runtime.block_on(people(&endpoint, &root));
    let mut group = criterion.benchmark_group("authorise");
    group.throughput(Throughput::Elements(1));
    let input = sts::GetAccessKeyInfoRequest { access_key_id: Some(user.access_key_id.clone()) };
    for (name, key) in [("administrator", &root), ("user", &user), ("session", &session)] {
        let request = request::<sts::ops::GetAccessKeyInfo>(key, &input);
        let answer = runtime.block_on(endpoint.handle(request.clone(), PEER));
        assert_eq!(answer.status(), 200, "{answer:?}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(runtime.block_on(endpoint.handle(request.clone(), PEER))));
        });
    }
    group.finish();
}

criterion_group!(benches, authorise);
criterion_main!(benches);
