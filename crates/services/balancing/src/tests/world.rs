//! One control plane with nothing but this service.

use std::sync::Arc;

use berth_aws_api::Operation;
use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::cell::{Cell, Snapshot};
use berth_control::env::{Env, SystemIds};
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{
    AllowAll, Authorizer, Endpoint, EndpointBuilder, EndpointOptions, Peer,
};
use berth_control::ports::{Certificate, Certificates};
use berth_control::sealing::{DataKey, LocalRootKeys, Sealer};
use berth_control::tables::{Change, Schema};
use berth_model::{Scope, Timestamp};
use berth_store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::{Balancing, Limits, Neighbours};

pub const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

/// 32 bytes that are no secret.
const ROOT_KEY: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
pub const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/one";

pub struct World {
    pub balancing: Arc<Balancing>,
    pub endpoint: Endpoint,
    pub env: Env,
}

impl World {
    pub async fn new() -> Self {
        Self::judged_by(AllowAll).await
    }

    /// With somebody who decides what calls may do.
    pub async fn judged_by(authorizer: impl Authorizer) -> Self {
        let env = Env::seeded(3, Timestamp::from_millis(1_767_323_045_000));
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        schema.table::<DataKey>();
        crate::register_tables(&mut schema);
        let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("it opens");
        let keys = LocalRootKeys::parse(ROOT_KEY, SystemIds).expect("a root key");
        let sealer = Sealer::open(&cell, Arc::new(keys), &env).await.expect("it opens");
        let neighbours = Neighbours {
            certificates: Arc::new(One),
            issuer: super::certificates::issuer(env.now()),
            networks: berth_compute::Compute::new(),
            ..Neighbours::default()
        };
        let limits = Limits::default();
        let balancing = Balancing::new(cell, env.clone(), limits, sealer, neighbours);
        let credentials = StaticCredentials::new()
            .with_administrator("ADMIN", "secret")
            .with_agent("mi-1", "HOST", "secret");
        let options = EndpointOptions {
            env: env.clone(),
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(SigV4Authenticator::new(credentials)),
            authorizer: Arc::new(authorizer),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(balancing.acm())
            .service(balancing.elbv2())
            .build()
            .expect("each operation once, each with a row");
        Self { balancing, endpoint, env }
    }

    /// The answer to the administrator, which must succeed.
    pub async fn ask<O: Operation>(&self, input: O::Input) -> O::Output {
        let uri = Uri::from_static("http://127.0.0.1:4566/");
        let request = Protocol::Query.encode_request(O::schema(), &input, &uri);
        let answer = self.send("ADMIN", request.expect("it can be written"), PEER).await;
        let body = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), 200, "{}: {body}", O::NAME);
        let mut output = O::Output::default();
        let decoded = Protocol::Query.decode_response(O::schema(), &answer, &mut output);
        decoded.expect("an answer of this operation");
        output
    }

    /// The error that the administrator is answered.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> String {
        let uri = Uri::from_static("http://127.0.0.1:4566/");
        let request = Protocol::Query.encode_request(O::schema(), &input, &uri);
        let answer = self.send("ADMIN", request.expect("it can be written"), PEER).await;
        assert_ne!(answer.status(), 200, "{} is done", O::NAME);
        let error = Protocol::Query.decode_error(&answer);
        format!("{}: {}", error.code, error.message.unwrap_or_default())
    }

    /// The answer to whoever has a key.
    pub async fn send(&self, key: &str, request: Request<Bytes>, peer: Peer) -> Response<Bytes> {
        self.endpoint.handle(self.signed(key, request), peer).await
    }

    pub fn signed(&self, key: &str, request: Request<Bytes>) -> Request<Bytes> {
        self.signed_for("elasticloadbalancing", key, request)
    }

    pub fn signed_for(
        &self,
        service: &str,
        key: &str,
        mut request: Request<Bytes>,
    ) -> Request<Bytes> {
        request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
        let key = Credentials::new(key, "secret");
        Signer::new(&key, "us-east-1", service)
            .sign(&mut request, self.env.now())
            .expect("it has a host");
        request
    }

    /// A balancer's ARN.
    pub async fn balancer(&self, name: &str) -> String {
        let input = api::CreateLoadBalancerInput {
            name: some(name),
            subnets: Some(vec![
                "subnet-3ab81c0130a18d772".to_owned(),
                "subnet-ab7afd2a2e8cc6156".to_owned(),
            ]),
            tags: Some(vec![api::Tag { key: some("team"), value: some("shop") }]),
            ..Default::default()
        };
        let made = self.ask::<ops::CreateLoadBalancer>(input).await.load_balancers;
        let made = made.and_then(|mut made| made.pop()).expect("it is shown");
        made.load_balancer_arn.expect("it has an ARN")
    }
}

/// There is one certificate, beside those of ACM.
struct One;

impl Certificates for One {
    fn good_until(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Timestamp> {
        if arn == CERTIFICATE {
            return Some(Timestamp::from_millis(i64::MAX));
        }
        let found = crate::certificates::find::find(view, scope, arn)?;
        crate::certificates::details::Details::parse(&found.certificate).ok().map(|it| it.not_after)
    }

    fn find(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Certificate> {
        self.good_until(view, scope, arn).map(|_| Certificate {
            chain: String::new(),
            private_key: String::new().into(),
            names: Vec::new(),
        })
    }

    fn concerns(&self, _: &Change) -> bool {
        false
    }
}

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
