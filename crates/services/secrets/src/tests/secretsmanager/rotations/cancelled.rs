//! Rotations that are given up: by a call, or with their secret.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::ports::TaskOutcome;

use super::{ROTATOR, days, rotate, rotating};
use crate::tests::world::some;

fn cancel() -> api::CancelRotateSecretRequest {
    api::CancelRotateSecretRequest { secret_id: some("db") }
}

fn delete(at_once: bool) -> api::DeleteSecretRequest {
    api::DeleteSecretRequest {
        secret_id: some("db"),
        force_delete_without_recovery: Some(at_once),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_is_cancelled_stops_and_is_not_begun_again() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest { rotation_rules: days(1), ..rotate("db") };
    let version = world.rotates(input).await;
    world.step(&tasks, "new").await;
    let answer = world.ask::<ops::CancelRotateSecret>(cancel()).await;
    assert_eq!(answer.version_id.as_ref(), Some(&version));
    world.reconcilers.settled().await;
    assert_eq!(tasks.stopped(), ["The rotation was cancelled."]);
    let described = world.described("db").await;
    assert_eq!((described.rotation_enabled, described.next_rotation_date), (Some(false), None));
    assert_eq!(described.rotation_lambda_arn.as_deref(), Some(ROTATOR));
    assert_eq!(described.version_ids_to_stages.unwrap()[&version], ["AWSPENDING"]);
    world.later(3).await;
    assert_eq!(tasks.steps().len(), 2);
    assert_eq!(world.ask::<ops::CancelRotateSecret>(cancel()).await.version_id, None);

    let input = api::UpdateSecretVersionStageRequest {
        secret_id: some("db"),
        version_stage: some("AWSPENDING"),
        remove_from_version_id: Some(version.clone()),
        ..Default::default()
    };
    world.ask::<ops::UpdateSecretVersionStage>(input).await;
    let again = api::RotateSecretRequest { secret_id: some("db"), ..Default::default() };
    assert_ne!(world.rotates(again).await, version);
    assert_eq!(world.described("db").await.rotation_enabled, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_to_be_deleted_is_not_rotated_until_it_is_restored() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest { rotation_rules: days(1), ..rotate("db") };
    world.rotates(input).await;
    world.ask::<ops::DeleteSecret>(delete(false)).await;
    world.reconcilers.settled().await;
    assert_eq!(tasks.stopped().len(), 1);
    world.later(3).await;
    assert_eq!(tasks.steps().len(), 1);
    world.refused::<ops::RotateSecret>(rotate("db")).await;
    world.ask::<ops::RestoreSecret>(api::RestoreSecretRequest { secret_id: some("db") }).await;
    world.reconcilers.settled().await;
    assert_eq!(tasks.steps().len(), 2, "its window opened while it was away");
    world.rotation(&tasks, "new").await;
    assert_eq!(world.value("db").await.as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_the_same_name_has_nothing_to_do_with_the_rotation_of_the_old_one() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    world.ask::<ops::DeleteSecret>(delete(true)).await;
    world.secret("db", "another").await;
    world.reconcilers.settled().await;
    assert_eq!(tasks.stopped().len(), 1);
    world.task_ends(&tasks, TaskOutcome::Succeeded).await;
    assert_eq!(tasks.steps().len(), 1);
    let described = world.described("db").await;
    assert_eq!(described.rotation_enabled, None);
    assert_eq!(described.version_ids_to_stages.unwrap().len(), 1);
}
