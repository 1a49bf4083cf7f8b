//! What seals the material of keys is replaced, on request, and the keys open what they have encrypted.

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::sealing::DataKey;
use bytes::Bytes;
use http::{Request, StatusCode};

use super::world::{PEER, World, some};
use crate::data_key::PATH;
use crate::tables::Key;

const SECRET: &[u8] = b"correct horse battery staple";

/// The answer to somebody who asks for another data key.
async fn rotate(world: &World, key: &Credentials) -> (StatusCode, serde_json::Value) {
    let uri = format!("http://127.0.0.1:4566{PATH}");
    let mut request = Request::post(uri).body(Bytes::new()).expect("constant parts");
    Signer::new(key, "us-east-1", "kms").sign(&mut request, world.env.now()).expect("a host");
    let answer = world.endpoint.handle(request, PEER).await;
    world.reconcilers.settled().await;
    (answer.status(), serde_json::from_slice(answer.body()).expect("JSON"))
}

/// Which data keys there are, and which of them the material of all keys is under.
fn data_keys(world: &World) -> (Vec<u32>, Vec<Option<u32>>) {
    let view = world.secrets.cell.snapshot();
    let all = view.table::<DataKey>().keys().copied().collect();
    let of_key = |key: &Key| key.material.iter().map(|one| one.sealed.key()).collect::<Vec<_>>();
    (all, view.table::<Key>().iter().flat_map(of_key).collect())
}

#[tokio::test(start_paused = true)]
async fn keys_open_what_they_encrypted_under_any_data_key() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let input = api::RotateKeyOnDemandRequest { key_id: key.clone() };
    world.ask::<ops::RotateKeyOnDemand>(input).await;
    let input = api::EncryptRequest {
        key_id: key,
        plaintext: Some(Bytes::from_static(SECRET)),
        ..Default::default()
    };
    let blob = world.ask::<ops::Encrypt>(input).await.ciphertext_blob;
    assert_eq!(data_keys(&world), (vec![1], vec![Some(1), Some(1)]));

    let stranger = Credentials::new("ADMIN", "guessed");
    assert_eq!(rotate(&world, &stranger).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(data_keys(&world).0, [1]);
    let (status, answer) = rotate(&world, &Credentials::new("ADMIN", "secret")).await;
    assert_eq!((status, &answer["Replaced"]), (StatusCode::OK, &1.into()));
    assert_eq!(data_keys(&world), (vec![1, 2], vec![Some(2), Some(2)]));

    let decrypt = api::DecryptRequest { ciphertext_blob: blob, ..Default::default() };
    let opened = world.ask::<ops::Decrypt>(decrypt.clone()).await.plaintext;
    assert_eq!(opened.as_deref(), Some(SECRET));
    let world = world.restarted().await;
    world.later(2).await;
    assert_eq!(data_keys(&world), (vec![2], vec![Some(2), Some(2)]));
    let opened = world.ask::<ops::Decrypt>(decrypt).await.plaintext;
    assert_eq!(opened.as_deref(), Some(SECRET));
    world
        .ask::<ops::CreateAlias>(api::CreateAliasRequest {
            alias_name: some("alias/later"),
            target_key_id: world.key().await.key_id,
        })
        .await;
    assert_eq!(data_keys(&world).1, [Some(2); 3]);
}
