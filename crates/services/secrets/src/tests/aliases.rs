//! Aliases, and lists in pages.

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;

use super::world::{START, World, some};

fn create(name: &str, key: &Option<String>) -> api::CreateAliasRequest {
    api::CreateAliasRequest { alias_name: some(name), target_key_id: key.clone() }
}

#[tokio::test(start_paused = true)]
async fn an_alias_goes_over_from_key_to_key() {
    let world = World::new().await;
    let (one, two) = (world.key().await, world.key().await);
    world.ask::<ops::CreateAlias>(create("alias/app", &one.key_id)).await;
    let refusal = world.refused::<ops::CreateAlias>(create("alias/app", &two.key_id)).await;
    let words =
        "An alias with the name arn:aws:kms:us-east-1:123456789012:alias/app already exists";
    assert_eq!(refusal, ("AlreadyExistsException", words));
    let describe = || api::DescribeKeyRequest {
        key_id: some("arn:aws:kms:us-east-1:123456789012:alias/app"),
        ..Default::default()
    };
    assert_eq!(world.ask::<ops::DescribeKey>(describe()).await.key_metadata, Some(one.clone()));
    let update =
        api::UpdateAliasRequest { alias_name: some("alias/app"), target_key_id: two.arn.clone() };
    world.ask::<ops::UpdateAlias>(update).await;
    assert_eq!(world.ask::<ops::DescribeKey>(describe()).await.key_metadata, Some(two.clone()));
    let of = |key: &api::KeyMetadata| api::ListAliasesRequest {
        key_id: key.key_id.clone(),
        ..Default::default()
    };
    assert_eq!(world.ask::<ops::ListAliases>(of(&one)).await.aliases, Some(vec![]));
    let listed = world.ask::<ops::ListAliases>(of(&two)).await.aliases.unwrap();
    assert_eq!((&listed[0].target_key_id, listed[0].creation_date), (&two.key_id, Some(START)));
    let delete = api::DeleteAliasRequest { alias_name: some("alias/app") };
    world.ask::<ops::DeleteAlias>(delete.clone()).await;
    assert_eq!(world.refused::<ops::DeleteAlias>(delete).await.code, "NotFoundException");
}

#[tokio::test(start_paused = true)]
async fn names_that_nobody_may_give_are_refused() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    for (name, code) in [
        ("app", "ValidationException"),
        ("alias/", "ValidationException"),
        ("alias/aws/app", "InvalidAliasNameException"),
    ] {
        assert_eq!(world.refused::<ops::CreateAlias>(create(name, &key)).await.code, code);
    }
    world.ask::<ops::CreateAlias>(create("alias/app", &key)).await;
    let refusal = world.refused::<ops::CreateAlias>(create("alias/b", &some("alias/app"))).await;
    assert_eq!(refusal, ("ValidationException", "Aliases must refer to keys. Not aliases"));
}

#[tokio::test(start_paused = true)]
async fn lists_come_in_pages_that_go_on_where_they_ended() {
    let world = World::new().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(world.key().await.key_id);
    }
    made.sort();
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let input = api::ListKeysRequest { limit: Some(2), marker, ..Default::default() };
        let page = world.ask::<ops::ListKeys>(input).await;
        listed.extend(page.keys.unwrap().into_iter().map(|key| key.key_id));
        assert_eq!(page.truncated, Some(page.next_marker.is_some()));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
    let input = api::ListKeysRequest { marker: some("another"), ..Default::default() };
    assert_eq!(world.refused::<ops::ListKeys>(input).await.code, "InvalidMarkerException");
}

#[tokio::test(start_paused = true)]
async fn tags_come_and_go() {
    let world = World::new().await;
    let tag = |key: &str, value: &str| api::Tag { tag_key: some(key), tag_value: some(value) };
    let input = api::CreateKeyRequest { tags: Some(vec![tag("a", "1")]), ..Default::default() };
    let key = world.ask::<ops::CreateKey>(input).await.key_metadata.unwrap().key_id;
    let tags = Some(vec![tag("a", "2"), tag("b", "3")]);
    world.ask::<ops::TagResource>(api::TagResourceRequest { key_id: key.clone(), tags }).await;
    let tag_keys = Some(vec!["b".to_owned(), "c".to_owned()]);
    let untag = api::UntagResourceRequest { key_id: key.clone(), tag_keys };
    world.ask::<ops::UntagResource>(untag).await;
    let list = api::ListResourceTagsRequest { key_id: key.clone(), ..Default::default() };
    assert_eq!(world.ask::<ops::ListResourceTags>(list).await.tags, Some(vec![tag("a", "2")]));
    let tags = Some(vec![tag("aws:x", "1")]);
    let refusal =
        world.refused::<ops::TagResource>(api::TagResourceRequest { key_id: key, tags }).await;
    assert_eq!(refusal.code, "TagException");
}
