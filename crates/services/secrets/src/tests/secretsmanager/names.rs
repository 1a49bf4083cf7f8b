//! What a secret may be called, and what finds it.

use berth_aws_api::secretsmanager::ops;

use super::super::world::World;
use super::{get, put, text, token};

const INVALID: &str = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: \
                       -/_+=.@!";

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_by_its_name_its_arn_and_its_arn_without_the_end() {
    let world = World::new().await;
    let arn = world.secret("prod/db-password_1", "hunter2").await;
    let (start, suffix) = arn.rsplit_once('-').expect("it ends with six characters");
    assert_eq!(start, "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-password_1");
    assert!(suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{arn}");
    for id in ["prod/db-password_1", &arn, start] {
        assert_eq!(world.value(id).await.as_deref(), Some("hunter2"), "{id}");
    }
    let missing = ("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    for id in [
        "prod/db-password".to_owned(),
        format!("{start}-000000"),
        arn.replace("us-east-1", "eu-west-1"),
        arn.replace("123456789012", "210987654321"),
        arn.replace("secretsmanager", "ssm"),
    ] {
        assert_eq!(world.refused::<ops::GetSecretValue>(get(&id)).await, missing, "{id}");
    }
}

/// AWS: so its guide advises against such names.
#[tokio::test(start_paused = true)]
async fn a_name_that_ends_like_an_arn_is_taken_for_whole() {
    let world = World::new().await;
    let arn = world.secret("web-secret", "one").await;
    let (partial, _) = arn.rsplit_once('-').expect("it ends with six characters");
    let refusal = world.refused::<ops::GetSecretValue>(get(partial)).await;
    assert_eq!(refusal.code, "ResourceNotFoundException");
    assert_eq!(world.value("web-secret").await.as_deref(), Some("one"));
}

#[tokio::test(start_paused = true)]
async fn names_have_letters_digits_and_a_few_others() {
    let world = World::new().await;
    world.secret("Valid/_+=.@-Name", "x").await;
    for name in ["Inv Name", " x", "a*b", "a?b", "naïve", "a:b"] {
        let refusal = world.refused::<ops::CreateSecret>(text(name, 1, "x")).await;
        assert_eq!(refusal, ("ValidationException", INVALID), "{name}");
        let refusal = world.refused::<ops::PutSecretValue>(put(name, 1, "x", &[])).await;
        assert_eq!(refusal, ("ValidationException", INVALID), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_once_in_each_region() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let refusal = world.refused::<ops::CreateSecret>(text("db", 2, "two")).await;
    let words = "The operation failed because the secret db already exists.";
    assert_eq!(refusal, ("ResourceExistsException", words));
    let made = world.try_ask_in::<ops::CreateSecret>("eu-west-1", text("db", 1, "three")).await;
    let arn = made.expect("another region is another world").arn.expect("it has an ARN");
    assert!(arn.starts_with("arn:aws:secretsmanager:eu-west-1:"), "{arn}");
    assert_eq!(world.value("db").await.as_deref(), Some("one"));
}

/// The SDKs send a request again that got no answer.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_made_again_by_the_same_request_is_the_same() {
    let world = World::new().await;
    let first = world.ask::<ops::CreateSecret>(text("db", 1, "one")).await;
    assert_eq!(world.ask::<ops::CreateSecret>(text("db", 1, "one")).await, first);
    let refusal = world.refused::<ops::CreateSecret>(text("db", 1, "two")).await;
    let words = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version of secret {}.",
        token(1),
        first.arn.expect("it has an ARN")
    );
    assert_eq!(refusal, ("ResourceExistsException", words.as_str()));
}
