//! ListSecrets: filters, order and pages.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;

use super::super::world::{World, some};
use super::text;

async fn world() -> World {
    let world = World::new().await;
    for (name, description, key, value) in [
        ("prod/db", "The database of the shop", "team", "web"),
        ("prod/Mail", "SMTP2go password", "owner", "Shop"),
        ("test/db", "", "team", "mail"),
    ] {
        let tag = api::Tag { key: some(key), value: some(value) };
        let input = api::CreateSecretRequest {
            description: some(description),
            tags: Some(vec![tag]),
            ..text(name, 1, "x")
        };
        world.ask::<ops::CreateSecret>(input).await;
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    world
}

fn filter(key: &str, values: &[&str]) -> api::Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    api::Filter { key: Some(key.into()), values: Some(values) }
}

async fn list(world: &World, input: api::ListSecretsRequest) -> Vec<String> {
    let listed = world.ask::<ops::ListSecrets>(input).await;
    listed.secret_list.into_iter().flatten().filter_map(|entry| entry.name).collect()
}

fn with(filters: Vec<api::Filter>) -> api::ListSecretsRequest {
    api::ListSecretsRequest { filters: Some(filters), ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn each_filter_finds_what_aws_says_it_finds() {
    let world = world().await;
    for (key, values, expected) in [
        ("name", &["prod/"][..], &["prod/db", "prod/Mail"][..]),
        ("name", &["Prod/"], &[]),
        ("name", &["test", "prod/M"], &["prod/Mail", "test/db"]),
        ("name", &["!prod/"], &["test/db"]),
        ("tag-key", &["te"], &["prod/db", "test/db"]),
        ("tag-value", &["Shop"], &["prod/Mail"]),
        ("tag-value", &["shop"], &[]),
        ("description", &["DATABASE"], &["prod/db"]),
        ("description", &["smtp"], &["prod/Mail"]),
        ("all", &["shop"], &["prod/db", "prod/Mail"]),
        ("all", &["mail"], &["prod/Mail", "test/db"]),
        ("all", &["!shop"], &["test/db"]),
        ("owning-service", &["rds"], &[]),
        ("primary-region", &["us-east-1"], &[]),
    ] {
        let found = list(&world, with(vec![filter(key, values)])).await;
        assert_eq!(found, expected, "{key} {values:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_filter_must_hold() {
    let world = world().await;
    let both = with(vec![filter("name", &["prod/"]), filter("tag-key", &["team"])]);
    assert_eq!(list(&world, both).await, ["prod/db"]);
    let refusal = world.refused::<ops::ListSecrets>(with(vec![filter("colour", &["red"])])).await;
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[tokio::test(start_paused = true)]
async fn lists_have_an_order_and_pages() {
    let world = world().await;
    for (by, order, expected) in [
        (None, None, ["prod/db", "prod/Mail", "test/db"]),
        (None, Some("desc"), ["test/db", "prod/Mail", "prod/db"]),
        (Some("name"), None, ["prod/Mail", "prod/db", "test/db"]),
        (Some("last-changed-date"), Some("asc"), ["prod/db", "prod/Mail", "test/db"]),
    ] {
        let (mut seen, mut next_token) = (Vec::new(), None);
        loop {
            let input = api::ListSecretsRequest {
                sort_by: by.map(Into::into),
                sort_order: order.map(Into::into),
                max_results: Some(2),
                next_token,
                ..Default::default()
            };
            let page = world.ask::<ops::ListSecrets>(input).await;
            seen.extend(page.secret_list.into_iter().flatten().filter_map(|entry| entry.name));
            next_token = page.next_token;
            if next_token.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{by:?} {order:?}");
    }
    let input = api::ListSecretsRequest { next_token: some("x"), ..Default::default() };
    let refusal = world.refused::<ops::ListSecrets>(input).await;
    assert_eq!(refusal.code, "InvalidNextTokenException");
}

#[tokio::test(start_paused = true)]
async fn what_is_marked_for_deletion_is_listed_only_if_asked_for() {
    let world = world().await;
    let input = api::DeleteSecretRequest { secret_id: some("prod/db"), ..Default::default() };
    world.ask::<ops::DeleteSecret>(input).await;
    assert_eq!(list(&world, Default::default()).await, ["prod/Mail", "test/db"]);
    let all =
        api::ListSecretsRequest { include_planned_deletion: Some(true), ..Default::default() };
    assert_eq!(list(&world, all).await, ["prod/db", "prod/Mail", "test/db"]);
}
