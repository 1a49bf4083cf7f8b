//! Keys: made, shown, refused.

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;

use super::world::{START, World, some};

#[tokio::test(start_paused = true)]
async fn a_key_is_shown_by_whatever_names_it() {
    let world = World::new().await;
    let made = world.ask::<ops::CreateKey>(Default::default()).await.key_metadata.expect("shown");
    assert_eq!(made.creation_date, Some(START));
    let world = world.restarted().await;
    for name in [made.key_id.clone(), made.arn.clone()] {
        let input = api::DescribeKeyRequest { key_id: name, ..Default::default() };
        let shown = world.ask::<ops::DescribeKey>(input).await.key_metadata;
        assert_eq!(shown.as_ref(), Some(&made));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_told_as_it_was_named() {
    let world = World::new().await;
    let of = |name: &str| api::DescribeKeyRequest { key_id: some(name), ..Default::default() };
    let id = "12345678-9abc-4def-8123-456789abcdef";
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
    let missing = format!("Key '{arn}' does not exist");
    for name in [id, &arn] {
        let refusal = world.refused::<ops::DescribeKey>(of(name)).await;
        assert_eq!(refusal, ("NotFoundException", missing.as_str()));
    }
    let refusal = world.refused::<ops::DescribeKey>(of("nonsense")).await;
    assert_eq!(refusal, ("NotFoundException", "Invalid keyId 'nonsense'"));
    let refusal = world.refused::<ops::DescribeKey>(of("alias/none")).await;
    let words = "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found.";
    assert_eq!(refusal, ("NotFoundException", words));
    let elsewhere = arn.replace("us-east-1", "eu-west-1");
    let refusal = world.refused::<ops::DescribeKey>(of(&elsewhere)).await;
    assert_eq!(refusal, ("InvalidArnException", "Invalid arn eu-west-1"));
}
