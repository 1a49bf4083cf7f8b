//! A few answers as they are on the wire, beside this file. `UPDATE_GOLDEN=1` writes them anew.

use berth_aws_api::Operation;
use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, some};

async fn wire<O: Operation>(world: &World, input: O::Input, region: &str) -> String {
    let answer = world.answer(O::schema(), &input, region).await;
    let body = String::from_utf8(answer.body().to_vec()).expect("XML is text");
    // Told anew for each request.
    let (start, rest) = body.split_once("<RequestId>").expect("an answer has one");
    let (_, end) = rest.split_once("</RequestId>").expect("which ends");
    format!("{} {start}<RequestId>…</RequestId>{end}", answer.status().as_u16())
}

fn golden(name: &str, found: &str) {
    let found = found.replace("><", ">\n<") + "\n";
    let path = format!("{}/src/tests/goldens/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{path}");
}

#[tokio::test(start_paused = true)]
async fn a_user() {
    let world = World::new().await;
    let input = api::CreateUserRequest {
        user_name: some("Alice"),
        path: some("/staff/"),
        tags: Some(vec![api::Tag { key: some("team"), value: some("web") }]),
        permissions_boundary: some("arn:aws:iam::aws:policy/PowerUserAccess"),
    };
    let shown = wire::<ops::CreateUser>(&world, input, "us-east-1").await;
    golden("a-user", &shown);
    let missing = api::GetUserRequest { user_name: some("Bob") };
    golden("no-such-user", &wire::<ops::GetUser>(&world, missing, "us-east-1").await);
}

#[tokio::test(start_paused = true)]
async fn a_role_with_its_trust_policy() {
    let world = World::new().await;
    world.role("web").await;
    let input = api::GetRoleRequest { role_name: some("web") };
    golden("a-role", &wire::<ops::GetRole>(&world, input, "us-east-1").await);
}

/// IAM knows no regions.
#[tokio::test(start_paused = true)]
async fn every_region_is_of_one_world() {
    let world = World::new().await;
    world.user("Alice").await;
    let input = || api::GetUserRequest { user_name: some("Alice") };
    let here = wire::<ops::GetUser>(&world, input(), "us-east-1").await;
    let there = wire::<ops::GetUser>(&world, input(), "eu-central-1").await;
    assert_eq!(here, there);
    assert!(here.contains("arn:aws:iam::123456789012:user/Alice"), "{here}");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_policies() {
    let world = World::new().await;
    let input = api::ListPoliciesRequest {
        scope: Some(api::PolicyScopeType::Aws),
        path_prefix: some("/aws-service-role/"),
        max_items: Some(1),
        ..Default::default()
    };
    golden("a-page-of-policies", &wire::<ops::ListPolicies>(&world, input, "us-east-1").await);
}
