//! What a caller may do to everything somewhere is found once, and again when its policies change.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_aws_api::iam::ops;
use berth_aws_api::{Operation, iam, sts};
use berth_aws_protocol::Protocol;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::pipeline::access::{AccessTable, Asking, Keys, Realm, Resource};
use berth_control::pipeline::authenticate::SigV4Authenticator;
use berth_control::pipeline::throttle::Category;
use berth_control::pipeline::{Endpoint, EndpointBuilder, EndpointOptions, ServiceBuilder};
use http::Uri;

use super::world::{PEER, World, some};
use crate::IdentityAuthorizer;
use crate::credentials::AccessKeys;

const TOP: &str = "arn:aws:sts:us-east-1:123456789012:shelf/top/";

/// Things that may be taken, and how often anybody had to look which one it is.
struct Shelf {
    realm: Arc<Realm>,
    looked: AtomicUsize,
}

type Take = sts::ops::GetDelegatedAccessToken;

fn take(ask: &mut Asking<'_, Shelf>, input: &sts::GetDelegatedAccessTokenRequest) {
    let shelf = ask.service;
    if ask.may_all(&shelf.realm) {
        return;
    }
    shelf.looked.fetch_add(1, Ordering::Relaxed);
    ask.wants.key("sts:Shelf", "top");
    let thing = input.trade_in_token.as_deref().unwrap_or_default();
    ask.wants.on(Resource::named(format!("{TOP}{thing}")));
}

struct Taking {
    world: World,
    shelf: Arc<Shelf>,
    endpoint: Endpoint,
    ann: Credentials,
}

impl Taking {
    /// A user `ann` with these statements.
    async fn with(statements: &str) -> Self {
        static RATES: &[Category] = &[Category::new("Take", (1_000, 1_000), &[Take::NAME])];
        let world = World::new().await;
        let ann = world.user_with("ann", statements).await;
        let keys = Keys::new().with("sts:Shelf", "top");
        let realm = Arc::new(Realm::new(TOP.to_owned(), keys));
        let shelf = Arc::new(Shelf { realm, looked: AtomicUsize::new(0) });
        let access = AccessTable::new("sts").operation::<Take>(take);
        let service = ServiceBuilder::new(shelf.clone(), access)
            .rates(RATES)
            .operation::<Take, _, _>(async |_, _, _| Ok(Default::default()));
        let endpoint = EndpointBuilder::new(EndpointOptions {
            env: world.identity.env.clone(),
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(SigV4Authenticator::new(AccessKeys::of(&world.identity))),
            authorizer: Arc::new(IdentityAuthorizer::new(&world.identity)),
            metrics: world.endpoint.metrics().clone(),
        });
        let endpoint = endpoint.service(service).build().expect("one operation");
        Taking { world, shelf, endpoint, ann }
    }

    /// Whether she may take it, and whether anybody looked which it is.
    async fn take(&self, thing: &str) -> (bool, bool) {
        let input = sts::GetDelegatedAccessTokenRequest { trade_in_token: some(thing) };
        let uri = Uri::from_static("http://127.0.0.1:4566/");
        let request = Protocol::Query.encode_request(Take::schema(), &input, &uri);
        let mut request = request.expect("it can be written");
        request.headers_mut().insert("host", "127.0.0.1:4566".parse().expect("a host"));
        let signer = Signer::new(&self.ann, "us-east-1", "sts");
        signer.sign(&mut request, self.world.now()).expect("it has a host");
        let before = self.shelf.looked.load(Ordering::Relaxed);
        let answer = self.endpoint.handle(request, PEER).await;
        (answer.status() == 200, self.shelf.looked.load(Ordering::Relaxed) > before)
    }

    /// She has one more policy.
    async fn put(&self, name: &str, statements: &str) {
        let put = iam::PutUserPolicyRequest {
            user_name: some("ann"),
            policy_name: some(name),
            policy_document: Some(format!(
                r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
            )),
        };
        self.world.ask::<ops::PutUserPolicy>(put).await;
    }
}

fn statement(effect: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"sts:GetDelegated*",{rest}}}"#)
}

const ALLOWED: (bool, bool) = (true, false);
const ALLOWED_BY_ITSELF: (bool, bool) = (true, true);
const DENIED: (bool, bool) = (false, true);

#[tokio::test(start_paused = true)]
async fn who_may_take_everything_is_not_asked_what_until_a_policy_changes() {
    let all = statement("Allow", &format!(r#""Resource":"{TOP}*""#));
    let taking = Taking::with(&all).await;
    assert_eq!(taking.take("a").await, ALLOWED);
    assert_eq!(taking.take("b").await, ALLOWED);
    taking.put("but", &statement("Deny", &format!(r#""Resource":"{TOP}b""#))).await;
    assert_eq!(taking.take("a").await, ALLOWED_BY_ITSELF);
    assert_eq!(taking.take("b").await, DENIED);
    taking.put("but", &statement("Allow", &format!(r#""Resource":"{TOP}b""#))).await;
    assert_eq!(taking.take("b").await, ALLOWED);
    taking.put("it", &statement("Allow", &format!(r#""Resource":"{TOP}c""#))).await;
    assert_eq!(taking.take("a").await, DENIED);
    assert_eq!(taking.take("b").await, ALLOWED_BY_ITSELF);
}

#[tokio::test(start_paused = true)]
async fn what_a_condition_asks_beyond_the_realm_is_asked_of_each_call() {
    let of_shelf = r#""Resource":"*","Condition":{"StringEquals":{"sts:Shelf":"top"}}"#;
    let taking = Taking::with(&statement("Allow", of_shelf)).await;
    assert_eq!(taking.take("a").await, ALLOWED);
    let from = |address: &str| {
        format!(
            r#""Resource":"*","Condition":{{"StringEquals":{{"sts:Shelf":"top"}},"IpAddress":{{"aws:SourceIp":"{address}"}}}}"#
        )
    };
    taking.put("it", &statement("Allow", &from("127.0.0.1/32"))).await;
    assert_eq!(taking.take("a").await, ALLOWED_BY_ITSELF);
    taking.put("it", &statement("Allow", &from("203.0.113.7/32"))).await;
    assert_eq!(taking.take("a").await, DENIED);
}
