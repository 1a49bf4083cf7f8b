//! The steps of a rotation, what the rotator is told, and who may have it run.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::ports::{TaskKind, TaskOutcome};

use super::{ROTATOR, days, rotate, rotating};
use crate::tests::secretsmanager::access::Listening;
use crate::tests::secretsmanager::{get, put, token};
use crate::tests::world::{START, some};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

#[tokio::test(start_paused = true)]
async fn a_rotation_is_four_tasks_and_ends_with_the_new_value_in_force() {
    let (world, tasks) = rotating().await;
    let arn = world.secret("db", "old").await;
    let input = api::RotateSecretRequest {
        client_request_token: Some(token(2)),
        rotation_rules: days(30),
        ..rotate("db")
    };
    assert_eq!(world.rotates(input.clone()).await, token(2));
    let run = tasks.latest();
    assert_eq!(run.environment["SECRET_ID"], arn);
    assert_eq!(run.environment["CLIENT_REQUEST_TOKEN"], token(2));
    let kind = TaskKind { task_definition: "rotator:7".to_owned(), cluster: "default".to_owned() };
    assert_eq!(run.kind, kind);

    let described = world.described("db").await;
    assert_eq!(described.version_ids_to_stages.unwrap()[&token(2)], ["AWSPENDING"]);
    let pending = api::GetSecretValueRequest { version_stage: some("AWSPENDING"), ..get("db") };
    let refusal = world.refused::<ops::GetSecretValue>(pending).await;
    assert_eq!(refusal.code, "ResourceNotFoundException", "it has a label and no value yet");

    for steps in 1..=4 {
        assert_eq!(tasks.steps(), STEPS[..steps]);
        assert_eq!(world.value("db").await.as_deref(), Some("old"));
        world.step(&tasks, "new").await;
    }
    assert_eq!(world.value("db").await.as_deref(), Some("new"));
    let described = world.described("db").await;
    assert_eq!(described.rotation_enabled, Some(true));
    assert_eq!(described.rotation_lambda_arn.as_deref(), Some(ROTATOR));
    assert_eq!(described.rotation_rules, days(30));
    assert_eq!(described.last_rotated_date, Some(START));
    let listed = world.ask::<ops::ListSecrets>(Default::default()).await.secret_list.unwrap();
    assert_eq!(listed[0].rotation_enabled, Some(true));
    assert_eq!(listed[0].next_rotation_date, described.next_rotation_date);

    // The same request once more, which its client thinks was lost.
    assert_eq!(world.rotates(input).await, token(2));
    assert_eq!(tasks.steps().len(), 4, "nothing is done twice");
}

/// At every moment: before the task of a step is started, while it runs, and when it has ended.
#[tokio::test(start_paused = true)]
async fn a_rotation_survives_whatever_happens_to_the_server() {
    let (mut world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.ask::<ops::RotateSecret>(rotate("db")).await;
    for _ in 0..4 {
        world = world.restarted().await;
        world.reconcilers.settled().await;
        world = world.restarted().await;
        world.looked_at().await;
        world.step(&tasks, "new").await;
    }
    assert_eq!(tasks.steps(), STEPS);
    assert_eq!(world.value("db").await.as_deref(), Some("new"));
}

/// What the server has not written down before it died.
#[tokio::test(start_paused = true)]
async fn a_task_that_was_started_and_not_noted_is_not_started_again() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    let forget = |tx: &mut berth_control::cell::Transaction| {
        let run = tx.table::<crate::tables::RotationRun>().iter().next().cloned().expect("one");
        tx.put(crate::tables::RotationRun { is_started: false, ..run });
        Ok::<_, std::convert::Infallible>(())
    };
    world.secrets.cell.write(forget).await.unwrap();
    world.reconcilers.settled().await;
    assert_eq!(tasks.steps(), ["createSecret"]);
    world.rotation(&tasks, "new").await;
    assert_eq!(tasks.steps(), STEPS);
}

#[tokio::test(start_paused = true)]
async fn a_rotator_that_is_not_to_rotate_yet_is_tried() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let input = api::RotateSecretRequest {
        rotate_immediately: Some(false),
        rotation_rules: days(10),
        ..rotate("db")
    };
    let version = world.rotates(input).await;
    assert_eq!(tasks.steps(), ["testSecret"]);
    let pending = api::GetSecretValueRequest { version_id: Some(version), ..get("db") };
    let read = world.ask::<ops::GetSecretValue>(pending.clone()).await;
    assert_eq!(read.secret_string.as_deref(), Some("old"), "there is something to be tested");
    world.task_ends(&tasks, TaskOutcome::Succeeded).await;
    world.refused::<ops::GetSecretValue>(pending).await;
    let described = world.described("db").await;
    assert_eq!(described.version_ids_to_stages.unwrap().len(), 1);
    assert_eq!((described.last_rotated_date, described.rotation_enabled), (None, Some(true)));
    assert!(described.next_rotation_date.is_some());
}

#[tokio::test(start_paused = true)]
async fn only_one_rotation_is_under_way() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    world.rotates(rotate("db")).await;
    let words = "A previous rotation isn't complete. That rotation will be reattempted.";
    let refusal = world.refused::<ops::RotateSecret>(rotate("db")).await;
    assert_eq!(refusal, ("InvalidRequestException", words));
    world.rotation(&tasks, "new").await;
    let again = api::RotateSecretRequest { secret_id: some("db"), ..Default::default() };
    world.rotates(again.clone()).await;
    world.rotation(&tasks, "newer").await;
    assert_eq!(world.value("db").await.as_deref(), Some("newer"));
    // Somebody has begun by hand.
    world.ask::<ops::PutSecretValue>(put("db", 9, "by hand", &["AWSPENDING"])).await;
    let refusal = world.refused::<ops::RotateSecret>(again).await;
    assert_eq!(refusal, ("InvalidRequestException", words));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_rotate_is_refused() {
    let (world, tasks) = rotating().await;
    world.secret("db", "old").await;
    let lambda = "arn:aws:lambda:us-east-1:123456789012:function:rotator";
    let elsewhere = "arn:aws:ecs:eu-west-1:123456789012:task-definition/rotator";
    let missing = "arn:aws:ecs:us-east-1:123456789012:task-definition/missing";
    let no_cluster = &format!("{ROTATOR}?cluster=");
    for (arn, code, word) in [
        (lambda, "InvalidParameterException", "ECS task definition"),
        (elsewhere, "InvalidParameterException", "in us-east-1"),
        (missing, "ResourceNotFoundException", "task definition missing"),
        (no_cluster, "InvalidParameterException", "no cluster"),
        ("", "InvalidRequestException", "No Lambda rotation function ARN"),
    ] {
        let input = api::RotateSecretRequest { rotation_lambda_arn: some(arn), ..rotate("db") };
        let refusal = world.refused::<ops::RotateSecret>(input).await;
        assert_eq!(refusal.code, code);
        assert!(refusal.message.contains(word), "{refusal:?}");
    }
    let both =
        api::RotationRulesType { schedule_expression: some("rate(1 day)"), ..days(1).unwrap() };
    let input = api::RotateSecretRequest { rotation_rules: Some(both), ..rotate("db") };
    assert_eq!(world.refused::<ops::RotateSecret>(input).await.code, "InvalidParameterException");
    let outside = Some(vec![]);
    let input =
        api::RotateSecretRequest { external_secret_rotation_metadata: outside, ..rotate("db") };
    let refusal = world.refused::<ops::RotateSecret>(input).await;
    assert!(refusal.message.starts_with("ExternalSecretRotationMetadata"), "{refusal:?}");
    let input = api::RotateSecretRequest { client_request_token: Some(token(1)), ..rotate("db") };
    world.ask::<ops::PutSecretValue>(put("db", 2, "new", &[])).await;
    assert_eq!(world.refused::<ops::RotateSecret>(input).await.code, "ResourceExistsException");
    assert_eq!(world.described("db").await.rotation_enabled, None);
    assert!(tasks.steps().is_empty());
}

/// Whoever may not run the task may not have it run, whether the call names it or the secret does.
#[tokio::test(start_paused = true)]
async fn whoever_has_a_secret_rotated_runs_its_rotator() {
    let (world, tasks) = rotating().await;
    let listening = Listening::default();
    let world = world.judged_by(listening.clone());
    let arn = world.secret("db", "old").await;
    listening.heard();
    let input = api::RotateSecretRequest {
        rotation_lambda_arn: Some(format!("{ROTATOR}:3?cluster=jobs")),
        ..rotate("db")
    };
    world.rotates(input).await;
    let own = |keys: &str| format!("secretsmanager:RotateSecret on {arn} by [{keys}]");
    let run = "ecs:RunTask on rotator:3 in jobs by []".to_owned();
    let keys = "secretsmanager:ModifyRotationRules secretsmanager:RotateImmediately \
                secretsmanager:RotationLambdaARN secretsmanager:SecretId";
    assert_eq!(listening.heard(), [own(keys), run.clone()]);
    world.rotation(&tasks, "new").await;
    listening.heard();
    world.rotates(api::RotateSecretRequest { secret_id: some("db"), ..Default::default() }).await;
    let keys = "secretsmanager:ModifyRotationRules secretsmanager:RotateImmediately \
                secretsmanager:SecretId";
    assert_eq!(listening.heard(), [own(keys), run]);
    assert_eq!(tasks.latest().kind.cluster, "jobs");
}
