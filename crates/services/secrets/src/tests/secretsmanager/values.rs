//! Values in and out.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_model::Timestamp;
use bytes::Bytes;

use super::super::world::{START, World, some};
use super::{get, put, text, token};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(start_paused = true)]
async fn what_is_put_comes_out_after_a_restart_too() {
    let world = World::new().await;
    let made = world.ask::<ops::CreateSecret>(text("db", 1, "hunter2")).await;
    assert_eq!((made.name.as_deref(), made.version_id), (Some("db"), Some(token(1))));
    let binary = Bytes::from_static(&[0, 159, 146, 150]);
    let input = api::PutSecretValueRequest {
        secret_string: None,
        secret_binary: Some(binary.clone()),
        ..put("db", 2, "", &[])
    };
    let current = || Some(vec!["AWSCURRENT".to_owned()]);
    assert_eq!(world.ask::<ops::PutSecretValue>(input).await.version_stages, current());
    let world = world.restarted().await;
    let read = world.ask::<ops::GetSecretValue>(get("db")).await;
    assert_eq!((read.secret_string, read.secret_binary), (None, Some(binary)));
    assert_eq!((read.arn, read.version_id), (made.arn, Some(token(2))));
    assert_eq!((read.version_stages, read.created_date), (current(), Some(START)));
    let previous = api::GetSecretValueRequest { version_stage: some("AWSPREVIOUS"), ..get("db") };
    let first = api::GetSecretValueRequest { version_id: Some(token(1)), ..get("db") };
    for input in [previous, first] {
        let read = world.ask::<ops::GetSecretValue>(input).await;
        assert_eq!((read.secret_string.as_deref(), read.secret_binary), (Some("hunter2"), None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_without_a_value_has_none_until_one_is_put() {
    let world = World::new().await;
    let input = api::CreateSecretRequest { name: some("db"), ..Default::default() };
    assert_eq!(world.ask::<ops::CreateSecret>(input).await.version_id, None);
    assert_eq!(world.described("db").await.version_ids_to_stages, None);
    let words =
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    let refusal = world.refused::<ops::GetSecretValue>(get("db")).await;
    assert_eq!(refusal, ("ResourceNotFoundException", words));
    world.ask::<ops::PutSecretValue>(put("db", 1, "one", &[])).await;
    assert_eq!(world.value("db").await.as_deref(), Some("one"));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_not_there_is_told_by_what_it_was_asked_for() {
    let world = World::new().await;
    world.secret("db", "one").await;
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &[])).await;
    let input = api::GetSecretValueRequest { version_id: Some(token(9)), ..get("db") };
    let words = format!(
        "Secrets Manager can't find the specified secret value for VersionId: {}",
        token(9)
    );
    let refusal = world.refused::<ops::GetSecretValue>(input).await;
    assert_eq!(refusal, ("ResourceNotFoundException", words.as_str()));
    let input = api::GetSecretValueRequest {
        version_id: Some(token(1)),
        version_stage: some("AWSCURRENT"),
        ..get("db")
    };
    let words = "You provided a VersionStage that is not associated to the provided VersionId.";
    let refusal = world.refused::<ops::GetSecretValue>(input).await;
    assert_eq!(refusal, ("InvalidRequestException", words));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_put_again_by_the_same_request_is_put_once() {
    let world = World::new().await;
    world.secret("db", "one").await;
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &[])).await;
    world.ask::<ops::PutSecretValue>(put("db", 3, "three", &[])).await;
    let again = world.ask::<ops::PutSecretValue>(put("db", 2, "two", &[])).await;
    assert_eq!(again.version_stages, Some(vec!["AWSPREVIOUS".into()]));
    assert_eq!(world.value("db").await.as_deref(), Some("three"));
    let refusal = world.refused::<ops::PutSecretValue>(put("db", 2, "other", &[])).await;
    assert_eq!(refusal.code, "ResourceExistsException");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_one_value_is_refused() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let refused = async |input| world.refused::<ops::PutSecretValue>(input).await;
    let none = api::PutSecretValueRequest { secret_string: None, ..put("db", 2, "", &[]) };
    let words = "You must provide either SecretString or SecretBinary.";
    assert_eq!(refused(none).await, ("InvalidRequestException", words));
    let binary = Some(Bytes::from_static(b"x"));
    let both = api::PutSecretValueRequest { secret_binary: binary, ..put("db", 2, "x", &[]) };
    assert_eq!(refused(both).await.code, "InvalidParameterException");
    let long = put("db", 2, &"é".repeat(40_000), &[]);
    assert_eq!(refused(long).await.code, "InvalidParameterException");
    let tokenless =
        api::PutSecretValueRequest { client_request_token: None, ..put("db", 2, "x", &[]) };
    let words = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
    assert_eq!(refused(tokenless).await, ("InvalidRequestException", words));
    let rotation =
        api::PutSecretValueRequest { rotation_token: Some(token(1)), ..put("db", 2, "x", &[]) };
    assert!(refused(rotation).await.message.contains("RotationToken"));
    assert_eq!(world.value("db").await.as_deref(), Some("one"));
}

#[tokio::test(start_paused = true)]
async fn the_day_of_the_last_reading_is_told() {
    let world = World::new().await;
    world.secret("db", "one").await;
    assert_eq!(world.described("db").await.last_accessed_date, None);
    world.value("db").await;
    let midnight = Timestamp::from_millis(START.as_millis() / 86_400_000 * 86_400_000);
    assert_eq!(world.described("db").await.last_accessed_date, Some(midnight));
    tokio::time::advance(DAY).await;
    let before = world.secrets.cell.snapshot().revision();
    world.value("db").await;
    let first = world.secrets.cell.snapshot().revision();
    world.value("db").await;
    assert_eq!(world.described("db").await.last_accessed_date, Some(midnight + DAY));
    let written = (first > before, world.secrets.cell.snapshot().revision() > first);
    assert_eq!(written, (true, false), "only the first reading of a day is written");
}

#[tokio::test(start_paused = true)]
async fn several_are_read_at_once_and_one_that_cannot_be_spoils_none() {
    let world = World::new().await;
    world.secret("a", "one").await;
    world.secret("b", "two").await;
    let ids = ["b", "missing", "a", "not valid"].map(str::to_owned).to_vec();
    let input = api::BatchGetSecretValueRequest { secret_id_list: Some(ids), ..Default::default() };
    let answer = world.ask::<ops::BatchGetSecretValue>(input).await;
    let values = answer.secret_values.into_iter().flatten();
    let values: Vec<_> = values.filter_map(|entry| entry.secret_string).collect();
    assert_eq!(values, ["two", "one"]);
    let errors = answer.errors.into_iter().flatten();
    let errors: Vec<_> = errors.map(|error| (error.secret_id, error.error_code)).collect();
    let missing = (some("missing"), some("ResourceNotFoundException"));
    assert_eq!(errors, [missing, (some("not valid"), some("ValidationException"))]);
    assert!(world.described("a").await.last_accessed_date.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_search_reads_page_by_page() {
    let world = World::new().await;
    for number in 0..5 {
        world.secret(&format!("app/{number}"), &number.to_string()).await;
    }
    world.secret("other", "x").await;
    let key = Some(api::FilterNameStringType::Name);
    let filter = api::Filter { key, values: Some(vec!["app/".into()]) };
    let (mut seen, mut next_token) = (Vec::new(), None);
    loop {
        let input = api::BatchGetSecretValueRequest {
            filters: Some(vec![filter.clone()]),
            max_results: Some(2),
            next_token,
            secret_id_list: None,
        };
        let page = world.ask::<ops::BatchGetSecretValue>(input).await;
        let values = page.secret_values.into_iter().flatten();
        seen.extend(values.filter_map(|entry| entry.secret_string));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    let refusal = world.refused::<ops::BatchGetSecretValue>(Default::default()).await;
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[tokio::test(start_paused = true)]
async fn a_password_is_made_and_kept_nowhere() {
    let world = World::new().await;
    let before = world.secrets.cell.snapshot().revision();
    let input = api::GetRandomPasswordRequest { password_length: Some(20), ..Default::default() };
    let one = world.ask::<ops::GetRandomPassword>(input.clone()).await.random_password;
    let two = world.ask::<ops::GetRandomPassword>(input).await.random_password;
    assert_eq!(one.as_ref().map(String::len), Some(20));
    assert_ne!(one, two);
    assert!(world.secrets.cell.snapshot().revision() == before);
}
