//! Policies of secrets.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;

use super::super::world::{World, some};

fn allowing(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"}}]}}"#
    )
}

const FRIEND: &str = r#"{"AWS":"arn:aws:iam::210987654321:root"}"#;

fn put(policy: &str, block: Option<bool>) -> api::PutResourcePolicyRequest {
    api::PutResourcePolicyRequest {
        secret_id: some("db"),
        resource_policy: some(policy),
        block_public_policy: block,
        policy_name: None,
    }
}

async fn policy(world: &World) -> Option<String> {
    let input = api::GetResourcePolicyRequest { secret_id: some("db"), policy_name: None };
    world.ask::<ops::GetResourcePolicy>(input).await.resource_policy
}

async fn names(world: &World) -> Vec<String> {
    let input = api::ListResourcePoliciesRequest { secret_id: some("db"), ..Default::default() };
    let listed = world.ask::<ops::ListResourcePolicies>(input).await.resource_policies;
    listed.into_iter().flatten().filter_map(|summary| summary.policy_name).collect()
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_kept_as_it_was_written() {
    let world = World::new().await;
    world.secret("db", "one").await;
    assert_eq!((policy(&world).await, names(&world).await.len()), (None, 0));
    world.ask::<ops::PutResourcePolicy>(put(&allowing(FRIEND), None)).await;
    let world = world.restarted().await;
    assert_eq!(policy(&world).await, Some(allowing(FRIEND)));
    assert_eq!(names(&world).await, ["default"]);
    let input = api::DeleteResourcePolicyRequest { secret_id: some("db"), policy_name: None };
    world.ask::<ops::DeleteResourcePolicy>(input).await;
    assert_eq!(policy(&world).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_policy_or_lets_everybody_in_is_refused() {
    let world = World::new().await;
    world.secret("db", "one").await;
    for bad in ["{}", "no JSON", &allowing(FRIEND).replace("Principal", "Prinzipal")] {
        let refusal = world.refused::<ops::PutResourcePolicy>(put(bad, None)).await;
        assert_eq!(refusal.code, "MalformedPolicyDocumentException", "{bad}");
    }
    let public = allowing(r#""*""#);
    let refusal = world.refused::<ops::PutResourcePolicy>(put(&public, Some(true))).await;
    assert_eq!(refusal.code, "PublicPolicyException");
    assert_eq!(policy(&world).await, None);
    world.ask::<ops::PutResourcePolicy>(put(&public, None)).await;
    assert_eq!(policy(&world).await, Some(public));
    let other = put(&allowing(FRIEND), None);
    let named = api::PutResourcePolicyRequest { policy_name: some("other"), ..other };
    let refusal = world.refused::<ops::PutResourcePolicy>(named).await;
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_tried_without_being_put() {
    let world = World::new().await;
    let input = |text: &str, id: Option<&str>| api::ValidateResourcePolicyRequest {
        resource_policy: some(text),
        secret_id: id.map(str::to_owned),
    };
    for (text, errors) in [(allowing(FRIEND), 0), (allowing(r#""*""#), 1)] {
        let answer = world.ask::<ops::ValidateResourcePolicy>(input(&text, None)).await;
        assert_eq!(answer.policy_validation_passed, Some(errors == 0), "{text}");
        assert_eq!(answer.validation_errors.map(|errors| errors.len()), Some(errors), "{text}");
    }
    let of_none = input(&allowing(FRIEND), Some("db"));
    let refusal = world.refused::<ops::ValidateResourcePolicy>(of_none).await;
    assert_eq!(refusal.code, "ResourceNotFoundException");
}
