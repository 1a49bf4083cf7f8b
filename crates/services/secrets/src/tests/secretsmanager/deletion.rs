//! Deletion: with a time to think it over, or at once.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::reconcile::Reconcilers;

use super::super::world::{START, World, some};
use super::{get, put, text};
use crate::tables::{Secret, SecretVersion};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn delete(days: Option<i64>, at_once: Option<bool>) -> api::DeleteSecretRequest {
    api::DeleteSecretRequest {
        secret_id: some("db"),
        recovery_window_in_days: days,
        force_delete_without_recovery: at_once,
    }
}

fn restore() -> api::RestoreSecretRequest {
    api::RestoreSecretRequest { secret_id: some("db") }
}

const MARKED: (&str, &str) = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
);
const MISSING: &str = "ResourceNotFoundException";

#[tokio::test(start_paused = true)]
async fn a_marked_secret_is_not_read_and_can_be_restored() {
    let world = World::new().await;
    let arn = world.secret("db", "one").await;
    let answer = world.ask::<ops::DeleteSecret>(delete(Some(7), None)).await;
    assert_eq!((answer.deletion_date, answer.arn), (Some(START + DAY * 7), Some(arn.clone())));
    assert_eq!(world.refused::<ops::GetSecretValue>(get("db")).await, MARKED);
    assert_eq!(world.refused::<ops::PutSecretValue>(put("db", 2, "two", &[])).await, MARKED);
    assert_eq!(world.described("db").await.deleted_date, Some(START + DAY * 7));
    let refusal = world.refused::<ops::CreateSecret>(text("db", 1, "one")).await;
    let words = "You can't create this secret because a secret with this name is already scheduled for deletion.";
    assert_eq!(refusal, ("InvalidRequestException", words));
    let refusal = world.refused::<ops::DeleteSecret>(delete(None, None)).await;
    assert_eq!(refusal.code, "InvalidRequestException");
    world.ask::<ops::RestoreSecret>(restore()).await;
    assert_eq!(world.value(&arn).await.as_deref(), Some("one"));
    assert_eq!(world.described("db").await.deleted_date, None);
}

#[tokio::test(start_paused = true)]
async fn the_time_to_think_is_seven_to_thirty_days() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let words = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
    for days in [-1, 0, 6, 31, i64::MAX] {
        let refusal = world.refused::<ops::DeleteSecret>(delete(Some(days), None)).await;
        assert_eq!(refusal, ("InvalidParameterException", words), "{days}");
    }
    let refusal = world.refused::<ops::DeleteSecret>(delete(Some(7), Some(true))).await;
    let words =
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
    assert_eq!(refusal, ("InvalidParameterException", words));
    let answer = world.ask::<ops::DeleteSecret>(delete(None, None)).await;
    assert_eq!(answer.deletion_date, Some(START + DAY * 30));
}

#[tokio::test(start_paused = true)]
async fn when_its_time_has_passed_it_is_gone_with_every_version() {
    let world = World::new().await;
    let mut reconcilers = Reconcilers::new(world.secrets.cell.clone(), world.env.clone());
    world.secrets.start(&mut reconcilers);
    world.secret("db", "one").await;
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &[])).await;
    world.secret("kept", "other").await;
    world.ask::<ops::DeleteSecret>(delete(Some(7), None)).await;
    tokio::time::advance(DAY * 6).await;
    world.ask::<ops::RestoreSecret>(restore()).await;
    world.ask::<ops::DeleteSecret>(delete(Some(7), None)).await;
    tokio::time::advance(DAY * 6).await;
    reconcilers.settled().await;
    assert!(world.described("db").await.deleted_date.is_some(), "restoring began it anew");
    tokio::time::advance(DAY).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    reconcilers.settled().await;
    let view = world.secrets.cell.snapshot();
    let names: Vec<_> = view.table::<Secret>().iter().map(|secret| secret.name.clone()).collect();
    assert_eq!((names, view.table::<SecretVersion>().len()), (vec!["kept".to_owned()], 1));
    world.secret("db", "again").await;
    reconcilers.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn deleted_at_once_it_is_another_when_it_is_made_again() {
    let world = World::new().await;
    let first = world.secret("db", "one").await;
    world.ask::<ops::DeleteSecret>(delete(None, Some(true))).await;
    assert_eq!(world.refused::<ops::GetSecretValue>(get("db")).await.code, MISSING);
    let second = world.secret("db", "two").await;
    assert_ne!(first, second);
    assert_eq!(world.refused::<ops::GetSecretValue>(get(&first)).await.code, MISSING);
    world.ask::<ops::DeleteSecret>(delete(None, Some(true))).await;
    let gone = world.ask::<ops::DeleteSecret>(delete(None, Some(true))).await;
    assert_eq!(gone.name.as_deref(), Some("db"), "whoever wants it gone is content");
    assert_eq!(world.refused::<ops::DeleteSecret>(delete(None, None)).await.code, MISSING);
}
