//! Joining, and coming by credentials.

use std::time::Duration;

use berth_agent_protocol::hosts::{
    CREDENTIALS_PATH, CredentialsRequest, HostRefusalCode, HostType, JOIN_PATH,
};
use serde_json::json;

use super::world::{Machine, World};
use crate::tables::HostCredential;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn an_activation_lets_in_as_many_as_it_says_and_whoever_asks_twice_is_one() {
    let world = World::new().await;
    let activation = world.activation(json!({"RegistrationLimit": 2})).await;
    let (one, two, three) = (Machine::new(), Machine::new(), Machine::new());
    let first = world.try_join(&one, &activation, HostType::Ec2).await.unwrap();
    assert!(first.starts_with("i-") && first.len() == 19, "{first}");
    assert_eq!(world.try_join(&one, &activation, HostType::Ec2).await.unwrap(), first);
    let second = world.try_join(&two, &activation, HostType::External).await.unwrap();
    assert!(second.starts_with("mi-") && second.len() == 20, "{second}");
    let refusal = world.try_join(&three, &activation, HostType::Ec2).await.unwrap_err();
    assert_eq!(refusal.0, HostRefusalCode::InvalidActivation);
    assert!(refusal.1.contains("used up"), "{}", refusal.1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_and_a_wrong_id_look_the_same() {
    let world = World::new().await;
    let (id, code) = world.activation(json!({})).await;
    let deleted = world.activation(json!({})).await;
    world.ask("DeleteActivation", json!({"ActivationId": deleted.0})).await;
    let mut refusals = Vec::new();
    for shown in [(id.clone(), "x".repeat(26)), ("nonsense".to_owned(), code.clone()), deleted] {
        refusals.push(world.try_join(&Machine::new(), &shown, HostType::Ec2).await.unwrap_err());
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].0, HostRefusalCode::InvalidActivation);
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    let late = world.try_join(&Machine::new(), &(id, code), HostType::Ec2).await.unwrap_err();
    assert!(late.1.contains("expired"), "{}", late.1);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_the_same_until_half_of_their_life_is_over() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    let first = world.credentials(&machine, &host).await;
    assert_eq!((first.expires_in_ms, first.renew_in_ms), (3_600_000, 1_800_000));
    tokio::time::advance(29 * MINUTE).await;
    let again = world.credentials(&machine, &host).await;
    assert_eq!(again.access_key_id, first.access_key_id);
    assert!(again.renew_in_ms <= 60_000);
    tokio::time::advance(MINUTE).await;
    let second = world.credentials(&machine, &host).await;
    assert_ne!(second.access_key_id, first.access_key_id);
    let world = world.restarted().await;
    assert_eq!(world.credentials(&machine, &host).await.access_key_id, second.access_key_id);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_good_once_and_now() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    let now = world.now();
    let request = machine.request(&host, now);
    assert!(world.send_credentials_request(&request).await.is_ok());
    let replay = world.send_credentials_request(&request).await.err().unwrap();
    assert_eq!(replay.0, HostRefusalCode::StaleRequest);
    for (asked_at, is_good) in [
        (now - MINUTE, false),
        (now + 6 * MINUTE, false),
        (now + 4 * MINUTE, true),
        (now + MINUTE, false),
    ] {
        let given = world.try_credentials(&machine, &host, asked_at).await;
        assert_eq!(given.is_ok(), is_good, "{asked_at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_host_s_own_key_gets_credentials() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    let (other, others_id) = world.host(HostType::Ec2).await;
    let now = world.now();
    let mut moved = machine.request(&host, now);
    moved.host_id = others_id;
    let mut later = machine.request(&host, now);
    later.asked_at += 1;
    let garbled =
        CredentialsRequest { signature: "no base 64!".into(), ..machine.request(&host, now) };
    for request in [other.request(&host, now), moved, later, garbled] {
        let refusal = world.send_credentials_request(&request).await.err().unwrap();
        assert_eq!(refusal.0, HostRefusalCode::InvalidSignature);
    }
    let unknown = world.try_credentials(&machine, "i-00000000000000000", now).await.err().unwrap();
    assert_eq!(unknown.0, HostRefusalCode::UnknownHost);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_is_refused_with_a_word() {
    let world = World::new().await;
    for path in [JOIN_PATH, CREDENTIALS_PATH] {
        for body in ["", "{", "[]", "{}", r#"{"hostId": 7}"#, "\u{0}"] {
            let (status, answer) = world.post(path, body.as_bytes().to_vec()).await;
            assert_eq!((status, &answer["code"]), (400, &json!("BadRequest")), "{path} {body}");
        }
    }
    let short =
        json!({"activationId": "a", "activationCode": "b", "publicKey": "AAAA", "hostType": "EC2"});
    let (status, answer) = world.post(JOIN_PATH, short.to_string().into_bytes()).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("publicKey"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_over_are_forgotten() {
    let world = World::new().await;
    let (machine, host) = world.host(HostType::Ec2).await;
    world.credentials(&machine, &host).await;
    let held = || world.hosts.cell.snapshot().table::<HostCredential>().len();
    assert_eq!(held(), 1);
    tokio::time::sleep(2 * 60 * MINUTE).await;
    world.reconcilers.settled().await;
    assert_eq!(held(), 0);
    let after = world.credentials(&machine, &host).await;
    assert_eq!(after.expires_in_ms, 3_600_000, "a host that was away gets new ones");
}
