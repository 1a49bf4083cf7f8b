//! What a key does in each state, and how it ends.

use std::time::Duration;

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use bytes::Bytes;

use super::world::{START, World, some};

fn encrypt(key: &Option<String>) -> api::EncryptRequest {
    let plaintext = Some(Bytes::from_static(b"secret"));
    api::EncryptRequest { key_id: key.clone(), plaintext, ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn a_disabled_key_does_nothing_until_it_is_enabled() {
    let world = World::new().await;
    let key = world.key().await;
    let blob = world.ask::<ops::Encrypt>(encrypt(&key.key_id)).await.ciphertext_blob;
    let decrypt = || api::DecryptRequest { ciphertext_blob: blob.clone(), ..Default::default() };
    world.ask::<ops::DisableKey>(api::DisableKeyRequest { key_id: key.key_id.clone() }).await;
    let words = format!("{} is disabled.", key.arn.as_deref().unwrap());
    let disabled = ("DisabledException", words.as_str());
    assert_eq!(world.refused::<ops::Decrypt>(decrypt()).await, disabled);
    assert_eq!(world.refused::<ops::Encrypt>(encrypt(&key.key_id)).await, disabled);
    let input = api::EnableKeyRotationRequest { key_id: key.key_id.clone(), ..Default::default() };
    assert_eq!(world.refused::<ops::EnableKeyRotation>(input).await, disabled);
    world.ask::<ops::EnableKey>(api::EnableKeyRequest { key_id: key.key_id.clone() }).await;
    world.ask::<ops::Decrypt>(decrypt()).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_to_go_can_be_kept_and_is_gone_when_its_time_has_come() {
    let world = World::new().await;
    let key = world.key().await;
    let alias =
        api::CreateAliasRequest { alias_name: some("alias/it"), target_key_id: key.key_id.clone() };
    world.ask::<ops::CreateAlias>(alias).await;
    let blob = world.ask::<ops::Encrypt>(encrypt(&key.key_id)).await.ciphertext_blob;
    let schedule = |days| api::ScheduleKeyDeletionRequest {
        key_id: key.key_id.clone(),
        pending_window_in_days: Some(days),
    };
    for days in [6, 31] {
        let refusal = world.refused::<ops::ScheduleKeyDeletion>(schedule(days)).await;
        assert_eq!(refusal.code, "ValidationException");
    }
    let scheduled = world.ask::<ops::ScheduleKeyDeletion>(schedule(7)).await;
    assert_eq!(scheduled.deletion_date, Some(START + Duration::from_secs(7 * 24 * 60 * 60)));
    let words = format!("{} is pending deletion.", key.arn.as_deref().unwrap());
    let pending = ("KMSInvalidStateException", words.as_str());
    assert_eq!(world.refused::<ops::ScheduleKeyDeletion>(schedule(7)).await, pending);
    assert_eq!(world.refused::<ops::Encrypt>(encrypt(&key.key_id)).await, pending);

    let cancel = api::CancelKeyDeletionRequest { key_id: key.key_id.clone() };
    world.ask::<ops::CancelKeyDeletion>(cancel.clone()).await;
    let refusal = world.refused::<ops::CancelKeyDeletion>(cancel).await;
    assert_eq!(refusal.code, "KMSInvalidStateException");
    let describe = api::DescribeKeyRequest { key_id: key.key_id.clone(), ..Default::default() };
    let shown = world.ask::<ops::DescribeKey>(describe.clone()).await.key_metadata.unwrap();
    assert_eq!(shown.key_state, Some(api::KeyState::Disabled));

    world.ask::<ops::ScheduleKeyDeletion>(schedule(30)).await;
    world.later(29).await;
    world.ask::<ops::DescribeKey>(describe.clone()).await;
    world.later(2).await;
    assert_eq!(world.refused::<ops::DescribeKey>(describe).await.code, "NotFoundException");
    assert_eq!(world.ask::<ops::ListAliases>(Default::default()).await.aliases, Some(vec![]));
    let decrypt = api::DecryptRequest { ciphertext_blob: blob, ..Default::default() };
    let refusal = world.refused::<ops::Decrypt>(decrypt).await;
    assert_eq!(refusal.code, "InvalidCiphertextException");
}

#[tokio::test(start_paused = true)]
async fn aws_s_own_keys_are_made_when_named_and_changed_by_nobody() {
    let world = World::new().await;
    let describe =
        || api::DescribeKeyRequest { key_id: some("alias/aws/ssm"), ..Default::default() };
    let key = world.ask::<ops::DescribeKey>(describe()).await.key_metadata.unwrap();
    assert_eq!(key.key_manager, Some(api::KeyManagerType::Aws));
    let again = world.ask::<ops::DescribeKey>(describe()).await.key_metadata.unwrap();
    assert_eq!(again, key);
    let disable = api::DisableKeyRequest { key_id: key.key_id.clone() };
    assert_eq!(world.refused::<ops::DisableKey>(disable).await.code, "AccessDeniedException");
    let input = api::GetKeyRotationStatusRequest { key_id: key.key_id };
    let status = world.ask::<ops::GetKeyRotationStatus>(input).await;
    assert_eq!(
        (status.key_rotation_enabled, status.rotation_period_in_days),
        (Some(true), Some(365))
    );
}
