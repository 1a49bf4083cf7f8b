//! Policies that are about how a request came.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;
use berth_control::pipeline::Peer;

use super::world::{World, some};

const BY_TLS_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iam:*","Resource":"*"},
    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;

#[tokio::test(start_paused = true)]
async fn a_request_without_tls_can_be_denied() {
    let mut world = World::new().await;
    world.user("ann").await;
    let key = world.key_of("ann").await;
    let policy = api::PutUserPolicyRequest {
        user_name: some("ann"),
        policy_name: some("by-tls-only"),
        policy_document: some(BY_TLS_ONLY),
    };
    world.ask::<ops::PutUserPolicy>(policy).await;
    let asked = || api::GetUserRequest { user_name: some("ann") };

    let refusal = world.try_ask_as::<ops::GetUser>(&key, asked()).await.expect_err("it is denied");
    assert_eq!(refusal.code, "AccessDenied");
    assert!(refusal.message.contains("with an explicit deny"), "{refusal:?}");
    world.peer = Peer::secure(world.peer.address);
    let answer = world.try_ask_as::<ops::GetUser>(&key, asked()).await.expect("it came by TLS");
    assert_eq!(answer.user.and_then(|user| user.user_name), some("ann"));
}
