//! New material for old keys.

use std::time::Duration;

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use bytes::Bytes;

use super::world::{START, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn rotations(world: &World, key: &Option<String>, all: bool) -> Vec<api::RotationsListEntry> {
    let input = api::ListKeyRotationsRequest {
        key_id: key.clone(),
        include_key_material: all.then_some(api::IncludeKeyMaterial::AllKeyMaterial),
        ..Default::default()
    };
    world.ask::<ops::ListKeyRotations>(input).await.rotations.expect("a list")
}

#[tokio::test(start_paused = true)]
async fn a_rotated_key_opens_what_it_always_did() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let encrypt = || api::EncryptRequest {
        key_id: key.clone(),
        plaintext: Some(Bytes::from_static(b"old")),
        ..Default::default()
    };
    let old = world.ask::<ops::Encrypt>(encrypt()).await.ciphertext_blob;
    let enable =
        api::EnableKeyRotationRequest { key_id: key.clone(), rotation_period_in_days: Some(90) };
    world.ask::<ops::EnableKeyRotation>(enable.clone()).await;
    let status = api::GetKeyRotationStatusRequest { key_id: key.clone() };
    let shown = world.ask::<ops::GetKeyRotationStatus>(status.clone()).await;
    assert_eq!(shown.next_rotation_date, Some(START + DAY * 90));
    assert_eq!(rotations(&world, &key, false).await, []);

    world.later(91).await;
    let shown = world.ask::<ops::GetKeyRotationStatus>(status).await;
    assert!(shown.next_rotation_date > Some(START + DAY * 180), "{shown:?}");
    world
        .ask::<ops::RotateKeyOnDemand>(api::RotateKeyOnDemandRequest { key_id: key.clone() })
        .await;
    let told: Vec<_> =
        rotations(&world, &key, false).await.into_iter().map(|entry| entry.rotation_type).collect();
    assert_eq!(told, [Some(api::RotationType::Automatic), Some(api::RotationType::OnDemand)]);
    let states: Vec<_> = rotations(&world, &key, true)
        .await
        .into_iter()
        .map(|entry| entry.key_material_state)
        .collect();
    let (before, now) = (api::KeyMaterialState::NonCurrent, api::KeyMaterialState::Current);
    assert_eq!(states, [Some(before.clone()), Some(before), Some(now)]);

    let world = world.restarted().await;
    let new = world.ask::<ops::Encrypt>(encrypt()).await.ciphertext_blob;
    let mut materials = Vec::new();
    for ciphertext_blob in [old, new] {
        let input = api::DecryptRequest { ciphertext_blob, ..Default::default() };
        let opened = world.ask::<ops::Decrypt>(input).await;
        assert_eq!(opened.plaintext.as_deref(), Some(&b"old"[..]));
        materials.push(opened.key_material_id);
    }
    assert_ne!(materials[0], materials[1]);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_key_is_rotated_once_it_is_enabled_again() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let enable = api::EnableKeyRotationRequest { key_id: key.clone(), ..Default::default() };
    world.ask::<ops::EnableKeyRotation>(enable).await;
    world.ask::<ops::DisableKey>(api::DisableKeyRequest { key_id: key.clone() }).await;
    world.later(400).await;
    assert_eq!(rotations(&world, &key, false).await, []);
    world.ask::<ops::EnableKey>(api::EnableKeyRequest { key_id: key.clone() }).await;
    world.reconcilers.settled().await;
    assert_eq!(rotations(&world, &key, false).await.len(), 1);
    world
        .ask::<ops::DisableKeyRotation>(api::DisableKeyRotationRequest { key_id: key.clone() })
        .await;
    world.later(800).await;
    assert_eq!(rotations(&world, &key, false).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_rotated_on_demand_so_often_and_no_more() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let rotate = || api::RotateKeyOnDemandRequest { key_id: key.clone() };
    for _ in 0..25 {
        world.ask::<ops::RotateKeyOnDemand>(rotate()).await;
    }
    let refusal = world.refused::<ops::RotateKeyOnDemand>(rotate()).await;
    assert_eq!(refusal.code, "LimitExceededException");
}
