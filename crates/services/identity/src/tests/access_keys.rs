//! Access keys of users.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{START, World, some};
use crate::tables::AccessKey;

fn of(name: &str) -> api::CreateAccessKeyRequest {
    api::CreateAccessKeyRequest { user_name: some(name) }
}

async fn listed(world: &World, name: &str) -> Vec<api::AccessKeyMetadata> {
    let input = api::ListAccessKeysRequest { user_name: some(name), ..Default::default() };
    world.ask::<ops::ListAccessKeys>(input).await.access_key_metadata.unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_told_once_and_kept_sealed() {
    let world = World::new().await;
    world.user("Alice").await;
    let key = world.ask::<ops::CreateAccessKey>(of("alice")).await.access_key.expect("it is told");
    let (id, secret) =
        (key.access_key_id.expect("an id"), key.secret_access_key.expect("a secret"));
    assert!(id.starts_with("AKIA") && id.len() == 20, "{id}");
    assert_eq!(secret.len(), 40);
    assert_eq!((key.user_name.as_deref(), key.create_date), (Some("Alice"), Some(START)));

    let world = world.restarted().await;
    let row = world.identity.cell.snapshot().get::<AccessKey>(&id).cloned().expect("it is kept");
    let opened = world.identity.sealer.unseal(AccessKey::purpose(&id), &row.secret);
    assert_eq!(opened.expect("it opens").as_slice(), secret.as_bytes());
    assert!(!format!("{row:?}").contains(&secret));
    let stored = row.secret.as_bytes().windows(secret.len()).any(|part| part == secret.as_bytes());
    assert!(!stored, "the table holds no secret");
    let shown = &listed(&world, "Alice").await[0];
    assert_eq!(
        (shown.access_key_id.as_ref(), &shown.status),
        (Some(&id), &Some(api::StatusType::Active))
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_has_three() {
    let world = World::new().await;
    world.user("Alice").await;
    let first = world.ask::<ops::CreateAccessKey>(of("Alice")).await.access_key.unwrap();
    world.ask::<ops::CreateAccessKey>(of("Alice")).await;
    let refusal = world.refused::<ops::CreateAccessKey>(of("Alice")).await;
    assert_eq!(refusal, ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"));
    let input = api::DeleteAccessKeyRequest {
        user_name: some("Alice"),
        access_key_id: first.access_key_id.clone(),
    };
    world.ask::<ops::DeleteAccessKey>(input.clone()).await;
    let refusal = world.refused::<ops::DeleteAccessKey>(input).await;
    let id = first.access_key_id.unwrap();
    let words = format!("The Access Key with id {id} cannot be found.");
    assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
    world.ask::<ops::CreateAccessKey>(of("Alice")).await;
    assert_eq!(listed(&world, "Alice").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_changed_by_its_user_s_name_only() {
    let world = World::new().await;
    world.user("Alice").await;
    world.user("Bob").await;
    let key = world.ask::<ops::CreateAccessKey>(of("Alice")).await.access_key.unwrap();
    let change = |name: &str, status| api::UpdateAccessKeyRequest {
        user_name: some(name),
        access_key_id: key.access_key_id.clone(),
        status: Some(status),
    };
    let inactive = api::StatusType::Inactive;
    let refusal = world.refused::<ops::UpdateAccessKey>(change("Bob", inactive.clone())).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    world.ask::<ops::UpdateAccessKey>(change("Alice", inactive.clone())).await;
    assert_eq!(listed(&world, "Alice").await[0].status, Some(inactive));
    let expired = change("Alice", api::StatusType::Expired);
    assert_eq!(world.refused::<ops::UpdateAccessKey>(expired).await.code, "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn a_user_with_a_key_is_not_deleted() {
    let world = World::new().await;
    world.user("Alice").await;
    let key = world.ask::<ops::CreateAccessKey>(of("Alice")).await.access_key.unwrap();
    let delete = api::DeleteUserRequest { user_name: some("Alice") };
    let refusal = world.refused::<ops::DeleteUser>(delete.clone()).await;
    assert_eq!(refusal, ("DeleteConflict", "Cannot delete entity, must delete access keys first."));
    let input =
        api::DeleteAccessKeyRequest { user_name: some("Alice"), access_key_id: key.access_key_id };
    world.ask::<ops::DeleteAccessKey>(input).await;
    world.ask::<ops::DeleteUser>(delete).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_never_used_says_so() {
    let world = World::new().await;
    world.user("Alice").await;
    let key = world.ask::<ops::CreateAccessKey>(of("Alice")).await.access_key.unwrap();
    let input = api::GetAccessKeyLastUsedRequest { access_key_id: key.access_key_id };
    let answer = world.ask::<ops::GetAccessKeyLastUsed>(input).await;
    assert_eq!(answer.user_name.as_deref(), Some("Alice"));
    let used = answer.access_key_last_used.unwrap();
    assert_eq!((used.last_used_date, used.service_name.as_deref()), (None, Some("N/A")));
    let input = api::GetAccessKeyLastUsedRequest { access_key_id: some("AKIAAAAAAAAAAAAAAAAA") };
    assert_eq!(world.refused::<ops::GetAccessKeyLastUsed>(input).await.code, "NoSuchEntity");
}

#[tokio::test(start_paused = true)]
async fn the_account_s_own_key_is_not_iam_s() {
    let world = World::new().await;
    let refusal = world.refused::<ops::CreateAccessKey>(Default::default()).await;
    assert_eq!(refusal.code, "ValidationError");
    assert!(refusal.message.contains("data directory"), "{refusal:?}");
}
