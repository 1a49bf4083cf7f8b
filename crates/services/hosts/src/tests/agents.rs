//! What a host's credentials are good for, and when they stop.

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::hosts::{HostRefusalCode, HostType};
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::authenticate::CredentialSource;
use serde_json::json;

use super::world::{World, error, of_agent};
use crate::HostCredentials;

#[tokio::test(start_paused = true)]
async fn an_agent_may_do_what_it_is_allowed_and_nothing_else() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::External).await;
    let key = of_agent(&world.credentials(&machine, &host).await);
    let (status, _) = world.ask_as(&key, "DescribeActivations", json!({})).await;
    assert_eq!(status, 200);
    let (status, answer) = world.ask_as(&key, "CreateActivation", json!({"IamRole": "r"})).await;
    assert_eq!(status, 400);
    let expected = format!(
        "User: arn:aws:sts::123456789012:assumed-role/berth-container-instance/{host} is not authorized to \
         perform: ssm:CreateActivation on resource: * because no identity-based policy allows the \
         ssm:CreateActivation action"
    );
    assert_eq!(error(&answer), ("AccessDeniedException".to_owned(), expected));
}

#[tokio::test(start_paused = true)]
async fn old_credentials_stay_good_until_their_own_end() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    let old = of_agent(&world.credentials(&machine, &host).await);
    tokio::time::advance(Duration::from_secs(40 * 60)).await;
    let new = of_agent(&world.credentials(&machine, &host).await);
    for key in [&old, &new] {
        assert_eq!(world.ask_as(key, "DescribeActivations", json!({})).await.0, 200);
    }
    let without_token =
        berth_aws_protocol::sigv4::Credentials { session_token: None, ..new.clone() };
    let (status, answer) = world.ask_as(&without_token, "DescribeActivations", json!({})).await;
    assert_ne!(status, 200, "{answer}");
    tokio::time::advance(Duration::from_secs(20 * 60)).await;
    let (status, answer) = world.ask_as(&old, "DescribeActivations", json!({})).await;
    assert_eq!((status, error(&answer).0.as_str()), (400, "ExpiredTokenException"));
    assert_eq!(world.ask_as(&new, "DescribeActivations", json!({})).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_host_is_out_at_once() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    let key = of_agent(&world.credentials(&machine, &host).await);
    let holder = PrincipalKind::Agent { host: Arc::from(host.as_str()) };
    let keys = HostCredentials::of(&world.hosts);
    let open = keys.revocation(&holder).expect("a host can be deregistered");
    assert!(!open.is_cancelled());

    world.ask("DeregisterManagedInstance", json!({"InstanceId": host})).await;
    assert!(open.is_cancelled());
    assert!(keys.revocation(&holder).expect("it may come too late").is_cancelled());
    let (status, answer) = world.ask_as(&key, "DescribeActivations", json!({})).await;
    assert_ne!(status, 200, "{answer}");
    tokio::time::advance(Duration::from_millis(1)).await;
    let refusal = world.try_credentials(&machine, &host, world.now()).await.err().unwrap();
    assert_eq!(refusal.0, HostRefusalCode::UnknownHost);
    let (code, _) = world.refused("DeregisterManagedInstance", json!({"InstanceId": host})).await;
    assert_eq!(code, "InvalidInstanceId");
}
