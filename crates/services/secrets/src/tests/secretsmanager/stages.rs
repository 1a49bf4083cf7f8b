//! Versions and their labels, as AWS moves them.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;

use super::super::world::{World, some};
use super::{put, token};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Versions with their labels, oldest first: the number of the token, then the labels.
async fn versions(world: &World, with_deprecated: bool) -> Vec<String> {
    let input = api::ListSecretVersionIdsRequest {
        secret_id: some("db"),
        include_deprecated: Some(with_deprecated),
        ..Default::default()
    };
    let listed = world.ask::<ops::ListSecretVersionIds>(input).await.versions.unwrap_or_default();
    let told = |version: api::SecretVersionsListEntry| {
        assert_eq!(version.kms_key_ids, Some(vec!["DefaultEncryptionKey".into()]));
        let id = version.version_id.expect("it has an id");
        let number = id.rsplit('-').next().expect("it is a token").trim_start_matches('0');
        let labels = version.version_stages.unwrap_or_default();
        format!("{number}: {}", labels.join(" ")).trim().to_owned()
    };
    listed.into_iter().map(told).collect()
}

fn shift(label: &str, from: Option<u32>, to: Option<u32>) -> api::UpdateSecretVersionStageRequest {
    api::UpdateSecretVersionStageRequest {
        secret_id: some("db"),
        version_stage: some(label),
        remove_from_version_id: from.map(token),
        move_to_version_id: to.map(token),
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_by_hand_goes_through_its_labels() {
    let world = World::new().await;
    world.secret("db", "one").await;
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &["AWSPENDING", "mine"])).await;
    assert_eq!(versions(&world, false).await, ["1: AWSCURRENT", "2: AWSPENDING mine"]);
    assert_eq!(world.value("db").await.as_deref(), Some("one"));
    world.ask::<ops::UpdateSecretVersionStage>(shift("AWSCURRENT", Some(1), Some(2))).await;
    assert_eq!(versions(&world, false).await, ["1: AWSPREVIOUS", "2: AWSCURRENT AWSPENDING mine"]);
    assert_eq!(world.value("db").await.as_deref(), Some("two"));
    world.ask::<ops::PutSecretValue>(put("db", 3, "three", &[])).await;
    assert_eq!(versions(&world, false).await, ["2: AWSPREVIOUS mine", "3: AWSCURRENT"]);
    assert_eq!(versions(&world, true).await, ["1:", "2: AWSPREVIOUS mine", "3: AWSCURRENT"]);
    world.ask::<ops::UpdateSecretVersionStage>(shift("mine", Some(2), None)).await;
    assert_eq!(versions(&world, false).await, ["2: AWSPREVIOUS", "3: AWSCURRENT"]);
}

#[tokio::test(start_paused = true)]
async fn a_label_moves_only_from_where_it_is() {
    let world = World::new().await;
    world.secret("db", "one").await;
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &["mine"])).await;
    let refused = async |input| world.refused::<ops::UpdateSecretVersionStage>(input).await;
    let words = format!(
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version {}, \
         so you must explicitly reference that version in RemoveFromVersionId.",
        token(1)
    );
    let refusal = refused(shift("AWSCURRENT", None, Some(2))).await;
    assert_eq!(refusal, ("InvalidParameterException", words.as_str()));
    let wrong = refused(shift("AWSCURRENT", Some(2), Some(2))).await;
    assert!(wrong.message.contains("isn't currently attached to version"), "{wrong:?}");
    let words = "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely \
                 removed.";
    let refusal = refused(shift("AWSCURRENT", Some(1), None)).await;
    assert_eq!(refusal, ("InvalidParameterException", words));
    assert_eq!(refused(shift("new", None, Some(9))).await.code, "ResourceNotFoundException");
    assert_eq!(refused(shift("mine", None, None)).await.code, "InvalidParameterException");
    assert_eq!(versions(&world, false).await, ["1: AWSCURRENT", "2: mine"]);
    world.ask::<ops::UpdateSecretVersionStage>(shift("new", None, Some(1))).await;
    assert_eq!(versions(&world, false).await, ["1: AWSCURRENT new", "2: mine"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_has_twenty_labels_at_most() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let labels: Vec<String> = (0..20).map(|number| format!("label-{number}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &labels)).await;
    let more = shift("more", None, Some(2));
    let refusal = world.refused::<ops::UpdateSecretVersionStage>(more).await;
    assert_eq!(refusal.code, "LimitExceededException");
}

#[tokio::test(start_paused = true)]
async fn old_versions_without_labels_make_room() {
    let world = World::new().await;
    world.secret("db", "one").await;
    for number in 2..=100 {
        world.ask::<ops::PutSecretValue>(put("db", number, "more", &[])).await;
    }
    let refusal = world.refused::<ops::PutSecretValue>(put("db", 101, "more", &[])).await;
    assert_eq!(refusal.code, "LimitExceededException", "all are younger than a day");
    tokio::time::advance(DAY).await;
    world.ask::<ops::PutSecretValue>(put("db", 101, "more", &[])).await;
    let left = versions(&world, true).await;
    assert_eq!((left.len(), left[0].as_str()), (100, "2:"));
    assert_eq!(&left[98..], ["100: AWSPREVIOUS", "101: AWSCURRENT"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_brings_a_version_only_with_a_value() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let described = api::UpdateSecretRequest {
        secret_id: some("db"),
        description: some("the database"),
        ..Default::default()
    };
    assert_eq!(world.ask::<ops::UpdateSecret>(described).await.version_id, None);
    let valued = api::UpdateSecretRequest {
        secret_id: some("db"),
        client_request_token: Some(token(2)),
        secret_string: some("two"),
        ..Default::default()
    };
    assert_eq!(world.ask::<ops::UpdateSecret>(valued).await.version_id, Some(token(2)));
    assert_eq!(versions(&world, false).await, ["1: AWSPREVIOUS", "2: AWSCURRENT"]);
    assert_eq!(world.described("db").await.description.as_deref(), Some("the database"));
}

#[tokio::test(start_paused = true)]
async fn versions_are_listed_page_by_page() {
    let world = World::new().await;
    world.secret("db", "one").await;
    for number in 2..=5 {
        let label = format!("label-{number}");
        world.ask::<ops::PutSecretValue>(put("db", number, "more", &[&label])).await;
    }
    let (mut seen, mut next_token) = (Vec::new(), None);
    loop {
        let input = api::ListSecretVersionIdsRequest {
            secret_id: some("db"),
            max_results: Some(2),
            next_token,
            ..Default::default()
        };
        let page = world.ask::<ops::ListSecretVersionIds>(input).await;
        seen.extend(page.versions.into_iter().flatten().filter_map(|version| version.version_id));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=5).map(token).collect::<Vec<_>>());
}
