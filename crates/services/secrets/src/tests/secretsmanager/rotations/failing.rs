//! Steps that fail, tasks that do not start or do not end: the whole rotation is attempted again.

use std::time::Duration;

use berth_control::ports::{TaskOutcome, TaskRefusal};

use super::{Tasks, days, expression, rotate, rotating};
use crate::tests::world::World;
use berth_aws_api::secretsmanager as api;

fn failed() -> TaskOutcome {
    TaskOutcome::Failed("Essential container in task exited".to_owned())
}

impl World {
    async fn minutes(&self, minutes: u64) {
        tokio::time::advance(Duration::from_secs(minutes * 60)).await;
        tokio::task::yield_now().await;
        self.reconcilers.settled().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_rotation_begins_anew_with_the_same_version() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let version = world.rotates(rotate("db")).await;
    world.step(&tasks, "new").await;
    world.task_ends(&tasks, failed()).await;
    assert_eq!(tasks.steps(), ["createSecret", "setSecret"], "not at once");
    let stages = world.described("db").await.version_ids_to_stages.unwrap();
    assert_eq!(stages[&version], ["AWSPENDING"]);
    world.minutes(1).await;
    assert_eq!(tasks.steps(), ["createSecret", "setSecret", "createSecret"]);
    assert_eq!(tasks.latest().environment["CLIENT_REQUEST_TOKEN"], version);
    // The value is there: a rotator leaves it as it is.
    world.task_ends(&tasks, TaskOutcome::Succeeded).await;
    for _ in 0..3 {
        world.step(&tasks, "new").await;
    }
    assert_eq!(world.value("db").await.as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn after_several_attempts_the_next_window_is_waited_for() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest { rotation_rules: days(1), ..rotate("db") };
    let version = world.rotates(input).await;
    for wait in [1, 4, 16, 64] {
        world.task_ends(&tasks, failed()).await;
        let before = tasks.steps().len();
        world.minutes(wait - 1).await;
        assert_eq!(tasks.steps().len(), before);
        world.minutes(1).await;
        assert_eq!(tasks.steps().len(), before + 1);
    }
    world.task_ends(&tasks, failed()).await;
    assert_eq!(tasks.steps().len(), 5);
    world.minutes(120).await;
    assert_eq!(tasks.steps().len(), 5, "that was the last attempt");
    world.later(1).await;
    assert_eq!(tasks.steps().len(), 6);
    assert_eq!(tasks.latest().environment["CLIENT_REQUEST_TOKEN"], version);
    world.rotation(&tasks, "new").await;
    assert_eq!(world.value("db").await.as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn a_rotator_that_puts_nothing_in_force_has_failed() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    for _ in 0..3 {
        world.step(&tasks, "new").await;
    }
    world.task_ends(&tasks, TaskOutcome::Succeeded).await;
    assert_eq!(world.described("db").await.last_rotated_date, None);
    world.minutes(1).await;
    assert_eq!(tasks.steps()[3..], ["finishSecret", "createSecret"]);
}

#[tokio::test(start_paused = true)]
async fn a_task_without_room_is_waited_for_and_one_that_is_refused_is_not() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    tasks.refuse(TaskRefusal::NoRoom("RESOURCE:MEMORY".to_owned()));
    world.rotates(rotate("db")).await;
    assert!(tasks.steps().is_empty());
    world.minutes(1).await;
    assert_eq!(tasks.steps(), ["createSecret"]);
    tasks.refuse(TaskRefusal::Refused("TaskDefinition is inactive".to_owned()));
    world.step(&tasks, "new").await;
    assert_eq!(tasks.steps(), ["createSecret"], "the attempt is over");
    world.minutes(1).await;
    assert_eq!(tasks.steps(), ["createSecret", "createSecret"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_has_a_quarter_of_an_hour() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    world.minutes(14).await;
    assert_eq!(tasks.stopped(), [""; 0]);
    world.minutes(1).await;
    assert_eq!(tasks.stopped(), ["A step of a rotation took too long."]);
    world.minutes(1).await;
    assert_eq!(tasks.steps(), ["createSecret", "createSecret"]);
}

#[tokio::test(start_paused = true)]
async fn no_room_for_too_long_is_a_failure() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    for _ in 0..40 {
        tasks.refuse(TaskRefusal::NoRoom("RESOURCE:MEMORY".to_owned()));
    }
    world.rotates(rotate("db")).await;
    for _ in 0..15 {
        world.minutes(1).await;
    }
    assert!(tasks.steps().is_empty());
    assert_eq!(attempts(&world), [2]);
}

fn attempts(world: &World) -> Vec<u32> {
    let view = world.secrets.cell.snapshot();
    view.table::<crate::tables::RotationRun>().iter().map(|run| run.attempt).collect()
}

/// Its failure is told in the log alone, and leaves no trace.
#[tokio::test(start_paused = true)]
async fn a_trial_that_fails_is_not_repeated() {
    let (world, tasks): (World, Tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest {
        rotate_immediately: Some(false),
        rotation_rules: expression("rate(10 days)"),
        ..rotate("db")
    };
    world.rotates(input).await;
    world.task_ends(&tasks, failed()).await;
    world.later(1).await;
    assert_eq!(tasks.steps(), ["testSecret"]);
    assert_eq!(world.described("db").await.version_ids_to_stages.unwrap().len(), 1);
}
