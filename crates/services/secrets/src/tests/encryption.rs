//! Encrypt and Decrypt: with any context, and nothing that was touched.

use std::collections::BTreeMap;

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use bytes::Bytes;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::world::{World, some};
use crate::keys::{EncryptionContext, KeyRefusal, default_policy, new_key};
use crate::tables::{Key, Manager};

const SECRET: &[u8] = b"correct horse battery staple";

async fn encrypt(world: &World, key: Option<String>, context: &[(&str, &str)]) -> Bytes {
    let input = api::EncryptRequest {
        key_id: key,
        plaintext: Some(Bytes::from_static(SECRET)),
        encryption_context: of(context),
        ..Default::default()
    };
    world.ask::<ops::Encrypt>(input).await.ciphertext_blob.expect("a ciphertext")
}

fn decrypt(blob: &Bytes, context: &[(&str, &str)]) -> api::DecryptRequest {
    api::DecryptRequest {
        ciphertext_blob: Some(blob.clone()),
        encryption_context: of(context),
        ..Default::default()
    }
}

fn of(context: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    Some(context.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

#[tokio::test(start_paused = true)]
async fn a_ciphertext_says_itself_which_key_opens_it() {
    let world = World::new().await;
    let key = world.key().await;
    let blob = encrypt(&world, key.key_id.clone(), &[("app", "shop")]).await;
    assert!(!blob.windows(8).any(|part| SECRET.starts_with(part)));
    let world = world.restarted().await;
    let opened = world.ask::<ops::Decrypt>(decrypt(&blob, &[("app", "shop")])).await;
    assert_eq!(opened.plaintext.as_deref(), Some(SECRET));
    assert_eq!(opened.key_id, key.arn);
    assert_eq!(opened.key_material_id, key.current_key_material_id);
    for context in [&[("app", "bank")][..], &[], &[("app", "shop"), ("more", "")]] {
        let refusal = world.refused::<ops::Decrypt>(decrypt(&blob, context)).await;
        assert_eq!(refusal.code, "InvalidCiphertextException");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_insists_on_a_key_gets_no_other() {
    let world = World::new().await;
    let (key, other) = (world.key().await, world.key().await);
    let blob = encrypt(&world, key.key_id.clone(), &[]).await;
    let with = |key_id| api::DecryptRequest { key_id, ..decrypt(&blob, &[]) };
    world.ask::<ops::Decrypt>(with(key.arn)).await;
    let refusal = world.refused::<ops::Decrypt>(with(other.arn)).await;
    assert_eq!(refusal.code, "IncorrectKeyException");
    let elsewhere = world.try_ask_in::<ops::Decrypt>("eu-west-1", decrypt(&blob, &[])).await;
    assert_eq!(
        elsewhere.err().map(|refusal| refusal.code).as_deref(),
        Some("InvalidCiphertextException")
    );
}

#[tokio::test(start_paused = true)]
async fn re_encryption_changes_key_and_context_and_nothing_else() {
    let world = World::new().await;
    let (from, to) = (world.key().await, world.key().await);
    let blob = encrypt(&world, from.key_id.clone(), &[("a", "1")]).await;
    let input = api::ReEncryptRequest {
        ciphertext_blob: Some(blob),
        source_encryption_context: of(&[("a", "1")]),
        destination_key_id: to.key_id,
        destination_encryption_context: of(&[("b", "2")]),
        ..Default::default()
    };
    let answer = world.ask::<ops::ReEncrypt>(input).await;
    assert_eq!((answer.source_key_id, &answer.key_id), (from.arn, &to.arn));
    let blob = answer.ciphertext_blob.expect("a ciphertext");
    let opened = world.ask::<ops::Decrypt>(decrypt(&blob, &[("b", "2")])).await;
    assert_eq!((opened.plaintext.as_deref(), opened.key_id), (Some(SECRET), to.arn));
}

#[tokio::test(start_paused = true)]
async fn data_keys_are_as_long_as_asked_and_come_back() {
    let world = World::new().await;
    let key = world.key().await;
    let ask = |spec, number_of_bytes| api::GenerateDataKeyRequest {
        key_id: key.key_id.clone(),
        key_spec: spec,
        number_of_bytes,
        ..Default::default()
    };
    for (spec, bytes, length) in [
        (Some(api::DataKeySpec::Aes256), None, 32),
        (Some(api::DataKeySpec::Aes128), None, 16),
        (None, Some(100), 100),
    ] {
        let made = world.ask::<ops::GenerateDataKey>(ask(spec, bytes)).await;
        let plaintext = made.plaintext.expect("it is told");
        assert_eq!(plaintext.len(), length);
        let opened = world.ask::<ops::Decrypt>(decrypt(&made.ciphertext_blob.unwrap(), &[])).await;
        assert_eq!(opened.plaintext, Some(plaintext));
    }
    for (spec, bytes) in [(None, None), (Some(api::DataKeySpec::Aes256), Some(32))] {
        let refusal = world.refused::<ops::GenerateDataKey>(ask(spec, bytes)).await;
        assert_eq!(refusal.code, "ValidationException");
    }
    let input = api::GenerateDataKeyWithoutPlaintextRequest {
        key_id: key.key_id.clone(),
        key_spec: Some(api::DataKeySpec::Aes256),
        ..Default::default()
    };
    let made = world.ask::<ops::GenerateDataKeyWithoutPlaintext>(input).await;
    let opened = world.ask::<ops::Decrypt>(decrypt(&made.ciphertext_blob.unwrap(), &[])).await;
    assert_eq!(opened.plaintext.map(|key| key.len()), Some(32));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_done_is_refused_by_name() {
    let world = World::new().await;
    let key = world.key().await;
    let ask = || api::EncryptRequest {
        key_id: key.key_id.clone(),
        plaintext: Some(Bytes::from_static(SECRET)),
        ..Default::default()
    };
    let long = Some(Bytes::from(vec![0; 4097]));
    let grants = Some(vec!["token".to_owned()]);
    let rsa = Some(api::EncryptionAlgorithmSpec::RsaesOaepSha256);
    for (input, code) in [
        (api::EncryptRequest { plaintext: long, ..ask() }, "ValidationException"),
        (api::EncryptRequest { grant_tokens: grants, ..ask() }, "InvalidGrantTokenException"),
        (api::EncryptRequest { encryption_algorithm: rsa, ..ask() }, "InvalidKeyUsageException"),
        (api::EncryptRequest { dry_run: Some(true), ..ask() }, "DryRunOperationException"),
        (api::EncryptRequest { key_id: some("alias/none"), ..ask() }, "NotFoundException"),
    ] {
        assert_eq!(world.refused::<ops::Encrypt>(input).await.code, code);
    }
    let input = api::GenerateRandomRequest { number_of_bytes: Some(64), ..Default::default() };
    let random = world.ask::<ops::GenerateRandom>(input).await.plaintext.expect("bytes");
    assert!(random.len() == 64 && random.iter().any(|byte| *byte != 0));
}

fn pairs() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[ab\\PC]{0,3}", "[ab\\PC]{0,3}", 0..4)
}

/// A key in the table of a world.
async fn stored(world: &World) -> Key {
    let scope = world.scope();
    let policy = default_policy(&scope);
    let (vault, env) = (&world.secrets.vault, &world.env);
    let tags = Default::default();
    let key = new_key(vault, env, scope, Manager::Customer, String::new(), policy, tags);
    let row = key.clone();
    let written = world.secrets.cell.write(move |tx| {
        tx.put(row);
        Ok::<_, std::convert::Infallible>(())
    });
    written.await.expect("it is written");
    key
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_encrypted_opens_with_its_own_context_only_and_untouched_only(
        plaintext in vec(any::<u8>(), 0..200),
        (context, other) in (pairs(), pairs()),
        (at, bit) in (any::<prop::sample::Index>(), 0..8_u8),
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.start_paused(true).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let world = World::new().await;
            let (key, vault) = (stored(&world).await, &world.secrets.vault);
            let (view, scope) = (world.secrets.cell.snapshot(), world.scope());
            let is_same = context == other;
            let [context, other] = [context, other].map(|pairs| EncryptionContext::from(Some(pairs)));
            let sealed = vault.seal_under(&key, &context, &plaintext).expect("the key is enabled");
            let opened = vault.open(&view, &scope, &sealed, &context).map(|opened| opened.plaintext.to_vec());
            prop_assert_eq!(opened, Ok(plaintext));
            if !is_same {
                let opened = vault.open(&view, &scope, &sealed, &other).err();
                prop_assert_eq!(opened, Some(KeyRefusal::InvalidCiphertext));
            }
            let mut touched = sealed.clone();
            touched[at.index(sealed.len())] ^= 1 << bit;
            let opened = vault.open(&view, &scope, &touched, &context).err();
            prop_assert_eq!(opened, Some(KeyRefusal::InvalidCiphertext));
            let cut = &sealed[..at.index(sealed.len())];
            prop_assert_eq!(vault.open(&view, &scope, cut, &context).err(), Some(KeyRefusal::InvalidCiphertext));
            Ok(())
        })?;
    }
}
