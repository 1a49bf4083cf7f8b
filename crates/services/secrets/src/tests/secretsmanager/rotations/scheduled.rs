//! Rotations that begin by themselves.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_model::Timestamp;

use super::{days, expression, rotate, rotating};
use crate::tests::secretsmanager::put;
use crate::tests::world::{START, World, some};

async fn next(world: &World) -> Option<Timestamp> {
    world.described("db").await.next_rotation_date
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().expect("a date"))
}

/// START is 2026-01-02T03:04:05Z.
#[tokio::test(start_paused = true)]
async fn a_secret_is_rotated_again_and_again() {
    let (mut world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest { rotation_rules: days(10), ..rotate("db") };
    world.rotates(input).await;
    world.rotation(&tasks, "first").await;
    assert_eq!(next(&world).await, at("2026-01-12T23:59:59Z"));
    world.later(9).await;
    assert_eq!(tasks.steps().len(), 4);
    // A server that was not there when the window opened begins late.
    world = world.restarted().await;
    world.later(2).await;
    assert_eq!(tasks.steps().len(), 5);
    world.rotation(&tasks, "second").await;
    assert_eq!(world.value("db").await.as_deref(), Some("second"));
    assert_eq!(next(&world).await, at("2026-01-23T23:59:59Z"));
    let versions = world.ask::<ops::ListSecretVersionIds>(api::ListSecretVersionIdsRequest {
        secret_id: some("db"),
        ..Default::default()
    });
    let versions = versions.await.versions.unwrap();
    assert!(versions.iter().all(|version| version.version_id.as_ref().unwrap().len() == 36));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_came_in_force_by_hand_puts_off_what_counts_in_days() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest { rotation_rules: days(10), ..rotate("db") };
    world.rotates(input).await;
    world.rotation(&tasks, "first").await;
    world.later(5).await;
    world.ask::<ops::PutSecretValue>(put("db", 9, "by hand", &[])).await;
    assert_eq!(next(&world).await, at("2026-01-17T23:59:59Z"));
    assert_eq!(world.described("db").await.last_rotated_date, Some(START));
}

#[tokio::test(start_paused = true)]
async fn new_rules_hold_at_once_and_old_ones_until_then() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    world.rotation(&tasks, "first").await;
    assert_eq!(next(&world).await, None, "nobody has said when");
    let rules = expression("cron(0 16 1 * ? *)");
    world.rotates(api::RotateSecretRequest { rotation_rules: rules.clone(), ..rotate("db") }).await;
    world.rotation(&tasks, "second").await;
    let window = at("2026-02-01T23:59:59Z");
    assert_eq!(next(&world).await, window);
    world.rotates(rotate("db")).await;
    world.rotation(&tasks, "third").await;
    let described = world.described("db").await;
    assert_eq!((described.rotation_rules, described.next_rotation_date), (rules, window));
    world.later(30).await;
    assert_eq!(tasks.steps().len(), 12);
    world.later(1).await;
    assert_eq!(tasks.steps().len(), 13);
}
