//! SSM's operations for activations.

use std::time::Duration;

use berth_agent_protocol::hosts::HostType;
use serde_json::json;

use super::world::{Machine, START, World};
use crate::tables::Activation;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(start_paused = true)]
async fn an_activation_is_good_for_one_host_and_one_day_unless_it_says_otherwise() {
    let world = World::new().await;
    let (id, code) = world.activation(json!({})).await;
    assert_eq!(code.len(), 26);
    let shown = world.ask("DescribeActivations", json!({})).await;
    let start = START.as_millis() / 1000;
    assert_eq!(
        shown,
        json!({"ActivationList": [{
            "ActivationId": id, "IamRole": "hosts", "RegistrationLimit": 1, "RegistrationsCount": 0,
            "CreatedDate": start, "ExpirationDate": start + 86_400, "Expired": false,
        }]})
    );
    assert!(!shown.to_string().contains(&code), "a code is told once");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_is_kept_and_passed_on_to_hosts() {
    let world = World::new().await;
    let activation = world
        .activation(json!({
            "RegistrationLimit": 3, "Description": "rack 7", "DefaultInstanceName": "rack-7",
            "Tags": [{"Key": "rack", "Value": "7"}], "ExpirationDate": START.as_secs_f64() + 60.0,
        }))
        .await;
    let host = world.try_join(&Machine::new(), &activation, HostType::External).await.unwrap();
    let shown = world.ask("DescribeActivations", json!({})).await["ActivationList"][0].clone();
    assert_eq!((&shown["RegistrationsCount"], &shown["RegistrationLimit"]), (&json!(1), &json!(3)));
    assert_eq!(shown["Tags"], json!([{"Key": "rack", "Value": "7"}]));
    assert_eq!(shown["Description"], "rack 7");
    let by_tag = json!({"Filters": [{"Key": "tag:rack", "Values": ["6", "7"]}]});
    let hosts = world.ask("DescribeInstanceInformation", by_tag).await;
    assert_eq!(hosts["InstanceInformationList"][0]["InstanceId"], json!(host));
    assert_eq!(hosts["InstanceInformationList"][0]["Name"], "rack-7");
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_refused() {
    let world = World::new().await;
    let start = START.as_secs_f64();
    for (input, code, words) in [
        (json!({}), "ValidationException", "IamRole"),
        (json!({"IamRole": ""}), "InvalidParameters", "must name a role"),
        (json!({"IamRole": "r"}), "ValidationException", "Nonexistent role"),
        (
            json!({"IamRole": "r", "RegistrationLimit": 0}),
            "ValidationException",
            "registrationLimit",
        ),
        (
            json!({"IamRole": "r", "RegistrationLimit": 1001}),
            "ValidationException",
            "registrationLimit",
        ),
        (json!({"IamRole": "r", "ExpirationDate": start}), "InvalidParameters", "in the future"),
        (
            json!({"IamRole": "r", "ExpirationDate": start + 86_400.0 * 31.0}),
            "InvalidParameters",
            "30 days",
        ),
        (
            json!({"IamRole": "r", "Tags": [{"Key": "aws:x", "Value": ""}]}),
            "InvalidParameters",
            "aws:",
        ),
        (
            json!({"IamRole": "r", "RegistrationMetadata": [{"Key": "a", "Value": "b"}]}),
            "InvalidParameters",
            "RegistrationMetadata",
        ),
    ] {
        let (found, message) = world.refused("CreateActivation", input.clone()).await;
        assert_eq!(found, code, "{input}: {message}");
        assert!(message.to_lowercase().contains(&words.to_lowercase()), "{input}: {message}");
    }
    let unknown = json!({"ActivationId": "00000000-0000-0000-0000-000000000000"});
    assert_eq!(world.refused("DeleteActivation", unknown).await.0, "InvalidActivation");
}

#[tokio::test(start_paused = true)]
async fn a_role_is_named_with_its_path_and_must_be_there() {
    let world = World::new().await;
    world.activation(json!({"IamRole": "service-role/racks"})).await;
    for missing in ["racks", "arn:aws:iam::123456789012:role/hosts"] {
        let (code, message) =
            world.refused("CreateActivation", json!({ "IamRole": missing })).await;
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message,
            format!(
                "Nonexistent role or missing ssm service principal in trust policy: \
                 arn:aws:iam::123456789012:role/{missing}"
            )
        );
    }
    assert_eq!(world.hosts.cell.snapshot().table::<Activation>().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn pages_go_through_every_activation_once() {
    let world = World::new().await;
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(world.activation(json!({})).await.0);
    }
    made.sort();
    let (mut seen, mut token) = (Vec::new(), json!(null));
    loop {
        let mut input = json!({"MaxResults": 3});
        if !token.is_null() {
            input["NextToken"] = token;
        }
        let page = world.ask("DescribeActivations", input).await;
        let ids = page["ActivationList"].as_array().unwrap();
        assert!(ids.len() <= 3);
        seen.extend(ids.iter().map(|shown| shown["ActivationId"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, made);
    let filter = json!({"Filters": [{"FilterKey": "ActivationIds", "FilterValues": [made[3]]}]});
    let found = world.ask("DescribeActivations", filter).await;
    assert_eq!(found["ActivationList"].as_array().unwrap().len(), 1);
    let (code, _) = world.refused("DescribeActivations", json!({"NextToken": "x"})).await;
    assert_eq!(code, "InvalidNextToken");
}

#[tokio::test(start_paused = true)]
async fn an_expired_activation_is_shown_for_a_day_and_then_forgotten() {
    let world = World::new().await;
    world.activation(json!({})).await;
    tokio::time::sleep(DAY + Duration::from_secs(1)).await;
    world.reconcilers.settled().await;
    let shown = world.ask("DescribeActivations", json!({})).await;
    assert_eq!(shown["ActivationList"][0]["Expired"], true);
    tokio::time::sleep(DAY + Duration::from_secs(600)).await;
    world.reconcilers.settled().await;
    assert_eq!(world.hosts.cell.snapshot().table::<Activation>().len(), 0);
}
