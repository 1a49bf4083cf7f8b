//! The data key that seals keys and sessions is replaced, and nobody who has one notices.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::{iam, sts};
use berth_aws_protocol::sigv4::Credentials;
use berth_control::cell::Transaction;
use berth_control::reconcile::{Options, Reconcilers};
use berth_control::sealing::{DataKey, Rotation, RotationSettings, ask_for_another};
use berth_store::Store;

use super::sessions::signing;
use super::world::{Refusal, World, some};
use crate::sessions::LONGEST;
use crate::tables::AccessKey;

async fn who(world: &World, key: &Credentials) -> Result<String, Refusal> {
    let answer = world.try_ask_as::<sts::ops::GetCallerIdentity>(key, Default::default()).await?;
    Ok(answer.arn.expect("everybody has one"))
}

fn rotating(world: &World) -> Reconcilers {
    let (cell, env) = (world.identity.cell.clone(), world.identity.env.clone());
    let settings =
        RotationSettings { every: Duration::from_secs(90 * 24 * 60 * 60), longest: LONGEST };
    let sealer = world.identity.sealer.clone();
    let rotation = Rotation::new(sealer, cell.clone(), env.clone(), settings);
    let mut reconcilers = Reconcilers::new(cell, env);
    let options = Options { interval: Duration::from_secs(60 * 60), ..Options::default() };
    reconcilers.start(Arc::new(crate::register_sealed(rotation)), options);
    reconcilers
}

fn data_keys(world: &World) -> Vec<u32> {
    world.identity.cell.snapshot().table::<DataKey>().keys().copied().collect()
}

#[tokio::test(start_paused = true)]
async fn keys_and_sessions_outlive_the_data_key_that_sealed_them() {
    let world = World::new().await;
    let user = r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#;
    let ann = world.user_with("ann", user).await;
    let longest =
        sts::GetSessionTokenRequest { duration_seconds: Some(129_600), ..Default::default() };
    let given = world.try_ask_as::<sts::ops::GetSessionToken>(&ann, longest).await.expect("given");
    let session = signing(given.credentials.expect("credentials"));

    let reconcilers = rotating(&world);
    let ask = |tx: &mut Transaction| Ok::<_, Infallible>(ask_for_another(tx));
    assert_eq!(world.identity.cell.write(ask).await, Ok(Some(1)));
    reconcilers.settled().await;
    assert_eq!(data_keys(&world), [1, 2]);
    let row = world.identity.cell.snapshot().get::<AccessKey>(&ann.access_key_id).cloned();
    assert_eq!(row.expect("it is there").secret.key(), Some(2));
    for key in [&ann, &session] {
        assert_eq!(
            who(&world, key).await.expect("as before"),
            "arn:aws:iam::123456789012:user/ann"
        );
    }
    let loaded = world.store.load().await.expect("it is there");
    for plain in [&ann.secret_access_key, &session.secret_access_key] {
        let is_in = |bytes: &[u8]| bytes.windows(plain.len()).any(|part| part == plain.as_bytes());
        assert!(!loaded.records.iter().any(|(_, value)| is_in(value)));
    }

    reconcilers.shutdown().await;
    let world = world.restarted().await;
    let reconcilers = rotating(&world);
    tokio::time::sleep(LONGEST - Duration::from_secs(60)).await;
    who(&world, &session).await.expect("it has a minute left");
    tokio::time::sleep(Duration::from_secs(61)).await;
    reconcilers.settled().await;
    assert_eq!(data_keys(&world), [2]);
    who(&world, &session).await.expect_err("it is over");
    who(&world, &ann).await.expect("a user's key has no end");
    let gone = iam::UpdateAccessKeyRequest {
        user_name: some("ann"),
        access_key_id: Some(ann.access_key_id.clone()),
        status: Some(iam::StatusType::Inactive),
    };
    world.ask::<iam::ops::UpdateAccessKey>(gone).await;
    who(&world, &ann).await.expect_err("it is inactive");
}
