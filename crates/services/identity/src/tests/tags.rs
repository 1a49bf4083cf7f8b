//! Tags: keys differ by more than case.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, some};

fn tag(key: &str, value: &str) -> api::Tag {
    api::Tag { key: some(key), value: some(value) }
}

fn add(tags: Vec<api::Tag>) -> api::TagUserRequest {
    api::TagUserRequest { user_name: some("Alice"), tags: Some(tags) }
}

async fn listed(world: &World) -> Vec<api::Tag> {
    let input = api::ListUserTagsRequest { user_name: some("Alice"), ..Default::default() };
    world.ask::<ops::ListUserTags>(input).await.tags.unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_key_in_another_case_replaces_the_tag() {
    let world = World::new().await;
    world.user("Alice").await;
    world.ask::<ops::TagUser>(add(vec![tag("team", "web"), tag("stage", "test")])).await;
    world.ask::<ops::TagUser>(add(vec![tag("Team", "shop")])).await;
    let world = world.restarted().await;
    assert_eq!(listed(&world).await, [tag("Team", "shop"), tag("stage", "test")]);
    let input = api::UntagUserRequest {
        user_name: some("Alice"),
        tag_keys: Some(vec!["TEAM".to_owned(), "none".to_owned()]),
    };
    world.ask::<ops::UntagUser>(input).await;
    assert_eq!(listed(&world).await, [tag("stage", "test")]);
}

#[tokio::test(start_paused = true)]
async fn bad_tags_are_refused_and_change_nothing() {
    let world = World::new().await;
    world.user("Alice").await;
    let refusal = world.refused::<ops::TagUser>(add(vec![tag("a", ""), tag("A", "")])).await;
    assert_eq!(
        refusal,
        (
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    );
    assert_eq!(
        world.refused::<ops::TagUser>(add(vec![tag("aws:a", "")])).await.code,
        "InvalidInput"
    );
    let fifty = (0..50).map(|number| tag(&format!("k{number}"), "")).collect();
    world.ask::<ops::TagUser>(add(fifty)).await;
    let refusal = world.refused::<ops::TagUser>(add(vec![tag("one more", "")])).await;
    assert_eq!(refusal.code, "LimitExceeded");
    assert_eq!(listed(&world).await.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_policy_has_tags_as_well() {
    let world = World::new().await;
    let arn = world.policy("deploy", "ecs:*").await;
    let input = api::TagPolicyRequest { policy_arn: some(&arn), tags: Some(vec![tag("a", "b")]) };
    world.ask::<ops::TagPolicy>(input).await;
    let input = api::GetPolicyRequest { policy_arn: some(&arn) };
    let policy = world.ask::<ops::GetPolicy>(input).await.policy.unwrap();
    assert_eq!(policy.tags, Some(vec![tag("a", "b")]));
    let input =
        api::UntagPolicyRequest { policy_arn: some(&arn), tag_keys: Some(vec!["a".to_owned()]) };
    world.ask::<ops::UntagPolicy>(input).await;
    let input = api::ListPolicyTagsRequest { policy_arn: some(&arn), ..Default::default() };
    assert_eq!(world.ask::<ops::ListPolicyTags>(input).await.tags, Some(vec![]));
}
