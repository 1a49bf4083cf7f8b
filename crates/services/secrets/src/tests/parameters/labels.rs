//! Labels go from version to version.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::{again, text};
use crate::tests::world::{World, some};

fn label(number: Option<i64>, labels: &[&str]) -> api::LabelParameterVersionRequest {
    api::LabelParameterVersionRequest {
        name: some("a"),
        parameter_version: number,
        labels: Some(labels.iter().map(|label| label.to_string()).collect()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_is_on_one_version() {
    let world = World::new().await;
    world.put(text("a", "1")).await;
    world.put(again("a", "2")).await;
    let answer =
        world.ask::<ops::LabelParameterVersion>(label(Some(1), &["prod", "1st", "aws"])).await;
    assert_eq!(answer.invalid_labels, Some(vec!["1st".to_owned(), "aws".to_owned()]));
    assert_eq!(world.told("a:prod").await.as_deref(), Ok("1"));
    assert_eq!(
        world.ask::<ops::LabelParameterVersion>(label(None, &["prod"])).await.parameter_version,
        Some(2)
    );
    assert_eq!(world.told("a:prod").await.as_deref(), Ok("2"));
    let unlabel = |labels: &[&str]| api::UnlabelParameterVersionRequest {
        name: some("a"),
        parameter_version: Some(2),
        labels: Some(labels.iter().map(|label| label.to_string()).collect()),
    };
    let answer = world.ask::<ops::UnlabelParameterVersion>(unlabel(&["prod", "other"])).await;
    assert_eq!(answer.removed_labels, Some(vec!["prod".to_owned()]));
    assert_eq!(answer.invalid_labels, Some(vec!["other".to_owned()]));
    assert_eq!(world.get("a:prod").await.unwrap_err().code, "ParameterVersionNotFound");
}

#[tokio::test(start_paused = true)]
async fn no_version_has_eleven() {
    let world = World::new().await;
    world.put(text("a", "1")).await;
    let ten: Vec<String> = (0..10).map(|number| format!("l{number}")).collect();
    let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
    world.ask::<ops::LabelParameterVersion>(label(None, &ten)).await;
    world.ask::<ops::LabelParameterVersion>(label(None, &ten[..3])).await;
    let refusal = world.refused::<ops::LabelParameterVersion>(label(None, &["more"])).await;
    assert_eq!(refusal.code, "ParameterVersionLabelLimitExceeded");
    let refusal = world.refused::<ops::LabelParameterVersion>(label(Some(9), &["more"])).await;
    assert_eq!(refusal.code, "ParameterVersionNotFound");
}
