//! Tags of parameters.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::text;
use crate::tests::world::{World, some};

#[tokio::test(start_paused = true)]
async fn parameters_are_tagged_and_nothing_else_is() {
    let world = World::new().await;
    world.put(text("/a", "x")).await;
    let kind = Some(api::ResourceTypeForTagging::Parameter);
    let tag = |key: &str, value: &str| api::Tag { key: some(key), value: some(value) };
    let add = api::AddTagsToResourceRequest {
        resource_type: kind.clone(),
        resource_id: some("/a"),
        tags: Some(vec![tag("team", "web"), tag("stage", "test")]),
    };
    world.ask::<ops::AddTagsToResource>(add.clone()).await;
    let remove = api::RemoveTagsFromResourceRequest {
        resource_type: kind.clone(),
        resource_id: some("/a"),
        tag_keys: Some(vec!["stage".to_owned()]),
    };
    world.ask::<ops::RemoveTagsFromResource>(remove).await;
    let list = api::ListTagsForResourceRequest { resource_type: kind, resource_id: some("/a") };
    let listed = world.ask::<ops::ListTagsForResource>(list.clone()).await.tag_list;
    assert_eq!(listed, Some(vec![tag("team", "web")]));
    let missing = api::ListTagsForResourceRequest { resource_id: some("/b"), ..list };
    assert_eq!(world.refused::<ops::ListTagsForResource>(missing).await.code, "InvalidResourceId");
    let document = Some(api::ResourceTypeForTagging::Document);
    let other = api::AddTagsToResourceRequest { resource_type: document, ..add };
    assert_eq!(world.refused::<ops::AddTagsToResource>(other).await.code, "InvalidResourceType");
}
