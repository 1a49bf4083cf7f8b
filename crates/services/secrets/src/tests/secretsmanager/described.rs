//! What is shown of a secret, its tags, and what is refused by name.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;

use super::super::world::{START, World, some};
use super::{text, token};

fn tag(key: &str, value: &str) -> api::Tag {
    api::Tag { key: some(key), value: some(value) }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_shown_as_it_was_made() {
    let world = World::new().await;
    let input = api::CreateSecretRequest {
        description: some("the database"),
        tags: Some(vec![tag("team", "web")]),
        ..text("db", 1, "hunter2")
    };
    let made = world.ask::<ops::CreateSecret>(input).await;
    let expected = api::DescribeSecretResponse {
        arn: made.arn,
        name: some("db"),
        description: some("the database"),
        created_date: Some(START),
        last_changed_date: Some(START),
        tags: Some(vec![tag("team", "web")]),
        version_ids_to_stages: Some([(token(1), vec!["AWSCURRENT".to_owned()])].into()),
        ..Default::default()
    };
    assert_eq!(world.described("db").await, expected);
}

#[tokio::test(start_paused = true)]
async fn tags_are_added_and_taken_away() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let add = |tags| api::TagResourceRequest { secret_id: some("db"), tags: Some(tags) };
    world.ask::<ops::TagResource>(add(vec![tag("team", "web"), tag("stage", "test")])).await;
    let keys = Some(vec!["team".into(), "missing".into()]);
    let input = api::UntagResourceRequest { secret_id: some("db"), tag_keys: keys };
    world.ask::<ops::UntagResource>(input).await;
    assert_eq!(world.described("db").await.tags, Some(vec![tag("stage", "test")]));
    let refusal = world.refused::<ops::TagResource>(add(vec![tag("aws:mine", "x")])).await;
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_done_is_refused_by_name() {
    let world = World::new().await;
    let replica = api::ReplicaRegionType { region: some("eu-west-1"), ..Default::default() };
    let replicas = Some(vec![replica]);
    let new = || text("db", 1, "x");
    for (input, name) in [
        (api::CreateSecretRequest { add_replica_regions: replicas, ..new() }, "AddReplicaRegions"),
        (
            api::CreateSecretRequest { force_overwrite_replica_secret: Some(true), ..new() },
            "ForceOverwriteReplicaSecret",
        ),
        (api::CreateSecretRequest { r#type: some("Salesforce"), ..new() }, "Type"),
    ] {
        let refusal = world.refused::<ops::CreateSecret>(input).await;
        assert_eq!(refusal.code, "InvalidParameterException");
        assert!(refusal.message.starts_with(name), "{refusal:?}");
    }
    let input = api::StopReplicationToReplicaRequest { secret_id: some("db") };
    let refusal = world.refused::<ops::StopReplicationToReplica>(input).await;
    assert!(refusal.message.contains("StopReplicationToReplica"), "{refusal:?}");
}
