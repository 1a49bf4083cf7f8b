//! Hierarchies, level by level.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::text;
use crate::tests::world::{World, some};

async fn below(world: &World, path: &str, recursive: bool, size: i32) -> Vec<String> {
    let (mut names, mut next_token) = (Vec::new(), None);
    loop {
        let input = api::GetParametersByPathRequest {
            path: some(path),
            recursive: Some(recursive),
            max_results: Some(size),
            next_token,
            ..Default::default()
        };
        let page = world.ask::<ops::GetParametersByPath>(input).await;
        names.extend(page.parameters.unwrap().into_iter().filter_map(|found| found.name));
        next_token = page.next_token;
        if next_token.is_none() {
            return names;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_has_what_is_below_it_in_pages() {
    let world = World::new().await;
    for name in ["/a/x", "/a/y", "/a/b/z", "/ab/x", "/a", "plain"] {
        world.put(text(name, name)).await;
    }
    for size in [1, 10] {
        assert_eq!(below(&world, "/a", false, size).await, ["/a/x", "/a/y"]);
        assert_eq!(below(&world, "/a/", true, size).await, ["/a/b/z", "/a/x", "/a/y"]);
        assert_eq!(below(&world, "/", true, size).await.len(), 5);
        assert!(below(&world, "/a/x", true, size).await.is_empty());
    }
    let input = api::GetParametersByPathRequest { path: some("a"), ..Default::default() };
    let refusal = world.refused::<ops::GetParametersByPath>(input).await;
    assert_eq!(refusal.code, "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_label_decides_which_version_is_shown() {
    let world = World::new().await;
    world.put(text("/a/x", "old")).await;
    let label = api::LabelParameterVersionRequest {
        name: some("/a/x"),
        labels: Some(vec!["prod".to_owned()]),
        parameter_version: None,
    };
    world.ask::<ops::LabelParameterVersion>(label).await;
    world.put(super::again("/a/x", "new")).await;
    world.put(text("/a/y", "unlabelled")).await;
    let filter = api::ParameterStringFilter {
        key: some("Label"),
        option: None,
        values: Some(vec!["prod".to_owned()]),
    };
    let input = api::GetParametersByPathRequest {
        path: some("/a"),
        parameter_filters: Some(vec![filter]),
        ..Default::default()
    };
    let found = world.ask::<ops::GetParametersByPath>(input).await.parameters.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].value.as_deref(), found[0].selector.as_deref()),
        (Some("old"), Some(":prod"))
    );
}
