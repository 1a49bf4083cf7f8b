//! The keys that values are under.

use std::convert::Infallible;

use berth_aws_api::kms::ops as kms;
use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::cell::Transaction;

use super::super::world::{World, some};
use super::{get, put, text, token};
use crate::tables::{Key, KeyState};

/// A key of the caller's own; its ARN.
async fn key(world: &World) -> String {
    let made = world.ask::<kms::CreateKey>(Default::default()).await.key_metadata;
    made.and_then(|key| key.arn).expect("it has an ARN")
}

fn moving(key: &str) -> api::UpdateSecretRequest {
    api::UpdateSecretRequest { secret_id: some("db"), kms_key_id: some(key), ..Default::default() }
}

/// Of each version, oldest first.
async fn keys(world: &World) -> Vec<String> {
    let input = api::ListSecretVersionIdsRequest {
        secret_id: some("db"),
        include_deprecated: Some(true),
        ..Default::default()
    };
    let listed = world.ask::<ops::ListSecretVersionIds>(input).await.versions;
    let versions = listed.into_iter().flatten();
    versions.flat_map(|version| version.kms_key_ids.unwrap_or_default()).collect()
}

async fn set(world: &World, arn: &str, state: KeyState) {
    let arn = arn.to_owned();
    let write = move |tx: &mut Transaction| {
        let found = tx.table::<Key>().iter().find(|key| key.arn() == arn).cloned();
        let key = found.expect("the key is there");
        tx.put(Key { state, ..key });
        Ok::<_, Infallible>(())
    };
    world.secrets.cell.write(write).await.expect("the cell is there");
}

#[tokio::test(start_paused = true)]
async fn what_may_come_in_force_moves_to_the_key_that_the_secret_names() {
    let world = World::new().await;
    let arn = key(&world).await;
    world.secret("db", "one").await;
    for (number, value) in [(2, "two"), (3, "three")] {
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        world.ask::<ops::PutSecretValue>(put("db", number, value, &[])).await;
    }
    let own = || "DefaultEncryptionKey".to_owned();
    assert_eq!(keys(&world).await, [own(), own(), own()]);
    world.ask::<ops::UpdateSecret>(moving(&arn)).await;
    assert_eq!(keys(&world).await, [own(), arn.clone(), arn.clone()], "the oldest has no label");
    assert_eq!(world.described("db").await.kms_key_id, Some(arn));
    assert_eq!(world.value("db").await.as_deref(), Some("three"));
    let input = api::GetSecretValueRequest { version_id: Some(token(1)), ..get("db") };
    let oldest = world.ask::<ops::GetSecretValue>(input).await.secret_string;
    assert_eq!(oldest.as_deref(), Some("one"));
    world.ask::<ops::UpdateSecret>(moving("")).await;
    assert_eq!(keys(&world).await, [own(), own(), own()]);
    assert_eq!(world.described("db").await.kms_key_id, None);
}

#[tokio::test(start_paused = true)]
async fn without_its_key_a_secret_is_closed() {
    let world = World::new().await;
    let arn = key(&world).await;
    let input = api::CreateSecretRequest { kms_key_id: some(&arn), ..text("db", 1, "hunter2") };
    world.ask::<ops::CreateSecret>(input).await;
    assert_eq!(world.value("db").await.as_deref(), Some("hunter2"));
    set(&world, &arn, KeyState::Disabled).await;
    assert_eq!(world.refused::<ops::GetSecretValue>(get("db")).await.code, "DecryptionFailure");
    let refusal = world.refused::<ops::PutSecretValue>(put("db", 2, "two", &[])).await;
    assert_eq!(refusal.code, "EncryptionFailure");
    assert_eq!(world.refused::<ops::UpdateSecret>(moving("")).await.code, "DecryptionFailure");
    assert!(world.described("db").await.kms_key_id.is_some(), "only the value is closed");
    set(&world, &arn, KeyState::Enabled).await;
    assert_eq!(world.value("db").await.as_deref(), Some("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_there_is_refused_and_nothing_is_made() {
    let world = World::new().await;
    let input = api::CreateSecretRequest { kms_key_id: some("alias/none"), ..text("db", 1, "x") };
    let refusal = world.refused::<ops::CreateSecret>(input).await;
    assert_eq!(refusal.code, "InvalidParameterException");
    let refusal = world.refused::<ops::GetSecretValue>(get("db")).await;
    assert_eq!(refusal.code, "ResourceNotFoundException");
}
