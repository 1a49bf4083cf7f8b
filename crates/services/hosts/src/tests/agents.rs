//! What a host's credentials are good for, and when they stop.

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::hosts::{HostRefusalCode, HostType, ROLE_PATH, SELF_PATH};
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::authenticate::CredentialSource;
use serde_json::json;

use super::world::{Machine, World, administrator, error, of_agent};
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
async fn an_agent_gets_credentials_of_its_own_host_s_role_while_there_is_one() {
    let world = World::new().await;
    let machine = Machine::new();
    let tags = json!([{"Key": "rack", "Value": "7"}]);
    let activation = world.activation(json!({ "Tags": tags })).await;
    let host = world.try_join(&machine, &activation, HostType::Ec2).await.unwrap();
    let key = of_agent(&world.credentials(&machine, &host).await);

    let (status, given) = world.get_as(&key, ROLE_PATH).await;
    assert_eq!(
        (status, given),
        (
            200,
            json!({
                "roleArn": "arn:aws:iam::123456789012:role/hosts", "accessKeyId": format!("ASIA-{host}"),
                "secretAccessKey": "secret", "sessionToken": "token",
                "expiresInMs": 21_600_000, "renewInMs": 10_800_000,
            })
        )
    );
    let described = || world.get_as(&key, SELF_PATH);
    let (status, shown) = described().await;
    assert_eq!((status, &shown["hostId"], &shown["role"]), (200, &json!(host), &json!("hosts")));
    assert_eq!((&shown["accountId"], &shown["partition"]), (&json!("123456789012"), &json!("aws")));
    assert_eq!(shown["tags"], json!({"rack": "7"}));

    for path in [SELF_PATH, ROLE_PATH] {
        let (status, answer) = world.get_as(&administrator(), path).await;
        assert_eq!((status, error(&answer).0.as_str()), (400, "AccessDeniedException"));
    }
    world.roles.delete("hosts");
    let (status, answer) = world.get_as(&key, ROLE_PATH).await;
    assert_eq!(status, 400, "{answer}");
    let (code, message) = error(&answer);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("there is no role arn:aws:iam::123456789012:role/hosts"), "{message}");
    assert_eq!(described().await.0, 200, "the host is as good as before");

    world.ask("DeregisterManagedInstance", json!({"InstanceId": host})).await;
    assert_ne!(world.get_as(&key, ROLE_PATH).await.0, 200);
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
