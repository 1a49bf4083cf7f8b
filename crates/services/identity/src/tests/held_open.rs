//! What somebody holds open ends with what it was allowed by.

use std::sync::Arc;

use berth_aws_api::iam::ops;
use berth_aws_api::{iam, sts};
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::env::Env;
use berth_control::pipeline::access::AccessTable;
use berth_control::pipeline::authenticate::SigV4Authenticator;
use berth_control::pipeline::throttle::Category;
use berth_control::pipeline::websocket::{Ended, Session, Socket};
use berth_control::pipeline::{
    CommonError, Endpoint, EndpointBuilder, EndpointOptions, Failure, ServiceBuilder,
};
use berth_control::reconcile::Reconcilers;
use bytes::Bytes;
use http::Request;
use tokio::sync::oneshot;

use super::sessions::signing;
use super::world::{PEER, World, allowing, some, trusting};
use crate::IdentityAuthorizer;
use crate::credentials::{AccessKeys, TemporaryKeys};

/// Somewhere to talk, for those who may `sts:Talk`.
fn talking(world: &World, env: Env) -> Endpoint {
    static RATES: &[Category] =
        &[Category::new("Talk", (1, 1), &["Talk", "GetDelegatedAccessToken"])];
    let access = AccessTable::new("sts")
        .operation::<sts::ops::GetDelegatedAccessToken>(|_, _| {})
        .path("/talk", "Talk", |_, _| {});
    let service = ServiceBuilder::new(Arc::new(()), access)
        .rates(RATES)
        .operation::<sts::ops::GetDelegatedAccessToken, _, _>(async |_, _, _| {
            Err(Failure::common(CommonError::Unsupported("It only talks.".to_owned())))
        })
        .websocket("/talk", async |_, _, _| {
            Ok(Session::new(|mut socket: Socket| async move {
                while socket.incoming.recv().await.is_some() {}
                assert_eq!(socket.ended(), Some(&Ended::Revoked));
            }))
        });
    let identity = &world.identity;
    EndpointBuilder::new(EndpointOptions {
        env,
        account: "123456789012".parse().expect("an account"),
        default_region: "us-east-1".parse().expect("a region"),
        authenticator: Arc::new(
            SigV4Authenticator::new(AccessKeys::of(identity)).or(TemporaryKeys::of(identity)),
        ),
        authorizer: Arc::new(IdentityAuthorizer::new(identity)),
        metrics: world.endpoint.metrics().clone(),
    })
    .service(service)
    .build()
    .expect("one socket")
}

struct Open {
    world: World,
    reconcilers: Reconcilers,
    endpoint: Endpoint,
    ann: Credentials,
}

impl Open {
    /// A user `ann`, who may talk, and a role `talker` that may as well.
    async fn new() -> Open {
        let world = World::new().await;
        let env = world.identity.env.clone();
        world.user("ann").await;
        let put = iam::PutUserPolicyRequest {
            user_name: some("ann"),
            policy_name: some("talk"),
            policy_document: allowing("sts:*"),
        };
        world.ask::<ops::PutUserPolicy>(put).await;
        let role = iam::CreateRoleRequest {
            role_name: some("talker"),
            assume_role_policy_document: trusting(r#"{"AWS":"123456789012"}"#),
            ..Default::default()
        };
        world.ask::<ops::CreateRole>(role).await;
        let put = iam::PutRolePolicyRequest {
            role_name: some("talker"),
            policy_name: some("talk"),
            policy_document: allowing("sts:Talk"),
        };
        world.ask::<ops::PutRolePolicy>(put).await;
        let ann = world.key_of("ann").await;
        let mut reconcilers = Reconcilers::new(world.identity.cell.clone(), env.clone());
        world.identity.start(&mut reconcilers);
        let endpoint = talking(&world, env);
        Open { world, reconcilers, endpoint, ann }
    }

    async fn session(&self) -> Credentials {
        let input = sts::AssumeRoleRequest {
            role_arn: some("arn:aws:iam::123456789012:role/talker"),
            role_session_name: some("session"),
            ..Default::default()
        };
        let answer = self.world.try_ask_as::<sts::ops::AssumeRole>(&self.ann, input).await;
        signing(answer.expect("she may").credentials.expect("they are what it is about"))
    }

    /// A socket that is open; the end of it that hears how it is going.
    async fn talk(&self, key: &Credentials) -> oneshot::Receiver<()> {
        let mut request: Request<Bytes> =
            Request::get("http://localhost/talk").body(Bytes::new()).expect("constant parts");
        let now = self.world.now();
        Signer::new(key, "us-east-1", "sts").sign(&mut request, now).expect("it has a host");
        let session = self.endpoint.open_socket(&request, PEER).await;
        let session = session.unwrap_or_else(|refused| panic!("{refused:?}"));
        let (socket, wire) = Socket::pair(4);
        let (ended, heard) = oneshot::channel();
        tokio::spawn(async move {
            session.run(socket).await;
            drop(wire);
            let _ = ended.send(());
        });
        heard
    }

    /// Everything that changes so has been looked at.
    async fn settled(&self) {
        self.reconcilers.settled().await;
    }
}

fn is_open(socket: &mut oneshot::Receiver<()>) -> bool {
    socket.try_recv() == Err(oneshot::error::TryRecvError::Empty)
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_with_the_key_that_opened_it() {
    let open = Open::new().await;
    let other = open.world.key_of("ann").await;
    let (mut by_key, mut by_other) = (open.talk(&open.ann).await, open.talk(&other).await);
    open.world.user("bob").await;
    open.settled().await;
    assert!(is_open(&mut by_key) && is_open(&mut by_other), "nothing of hers has changed");

    let inactive = iam::UpdateAccessKeyRequest {
        user_name: some("ann"),
        access_key_id: Some(open.ann.access_key_id.clone()),
        status: Some(iam::StatusType::Inactive),
    };
    open.world.ask::<ops::UpdateAccessKey>(inactive).await;
    by_key.await.expect("it ends by itself");
    assert!(is_open(&mut by_other));

    let delete = iam::DeleteAccessKeyRequest {
        user_name: some("ann"),
        access_key_id: Some(other.access_key_id),
    };
    open.world.ask::<ops::DeleteAccessKey>(delete).await;
    by_other.await.expect("it ends by itself");
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_with_the_policy_that_allowed_it() {
    let open = Open::new().await;
    let socket = open.talk(&open.ann).await;
    let delete = iam::DeleteUserPolicyRequest { user_name: some("ann"), policy_name: some("talk") };
    open.world.ask::<ops::DeleteUserPolicy>(delete).await;
    socket.await.expect("it ends by itself");
}

/// AWS: how sessions are revoked is a policy that denies all that were begun before.
#[tokio::test(start_paused = true)]
async fn a_revoked_session_ends_and_its_next_call_is_denied() {
    let open = Open::new().await;
    let key = open.session().await;
    let socket = open.talk(&key).await;
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let put = iam::PutRolePolicyRequest {
        role_name: some("talker"),
        policy_name: some("AWSRevokeOlderSessions"),
        policy_document: Some(format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*",
                "Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}}}]}}"#,
            open.world.now()
        )),
    };
    open.world.ask::<ops::PutRolePolicy>(put).await;
    socket.await.expect("it ends by itself");
    let info = sts::GetAccessKeyInfoRequest { access_key_id: Some(key.access_key_id.clone()) };
    let refusal = open.world.try_ask_as::<sts::ops::GetAccessKeyInfo>(&key, info).await;
    assert_eq!(refusal.expect_err("it is denied").code, "AccessDenied");

    let newer = open.session().await;
    let mut socket = open.talk(&newer).await;
    open.settled().await;
    assert!(is_open(&mut socket), "a session that was begun afterwards is not meant");
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_with_the_role() {
    let open = Open::new().await;
    let by_session = open.talk(&open.session().await).await;
    let delete =
        iam::DeleteRolePolicyRequest { role_name: some("talker"), policy_name: some("talk") };
    open.world.ask::<ops::DeleteRolePolicy>(delete).await;
    open.world.ask::<ops::DeleteRole>(iam::DeleteRoleRequest { role_name: some("talker") }).await;
    by_session.await.expect("it ends by itself");
}
