//! Users by their names and paths.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{START, World};

fn named(name: &str) -> api::CreateUserRequest {
    api::CreateUserRequest { user_name: Some(name.into()), ..Default::default() }
}

fn get(name: &str) -> api::GetUserRequest {
    api::GetUserRequest { user_name: Some(name.into()) }
}

#[tokio::test(start_paused = true)]
async fn a_user_is_shown_as_it_was_made() {
    let world = World::new().await;
    let tags = vec![api::Tag { key: Some("team".into()), value: Some("web".into()) }];
    let input = api::CreateUserRequest {
        path: Some("/staff/".into()),
        tags: Some(tags.clone()),
        ..named("Alice")
    };
    let made = world.ask::<ops::CreateUser>(input).await.user.expect("it is shown");
    assert_eq!(made.arn.as_deref(), Some("arn:aws:iam::123456789012:user/staff/Alice"));
    assert_eq!((made.create_date, made.tags.as_ref()), (Some(START), Some(&tags)));
    let id = made.user_id.as_deref().expect("it has an id");
    assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    let world = world.restarted().await;
    assert_eq!(world.ask::<ops::GetUser>(get("alice")).await.user, Some(made.clone()));
    let listed = world.ask::<ops::ListUsers>(Default::default()).await;
    assert_eq!(listed.users, Some(vec![api::User { tags: None, ..made }]));
    assert_eq!(listed.is_truncated, Some(false));
}

#[tokio::test(start_paused = true)]
async fn names_differ_by_more_than_case() {
    let world = World::new().await;
    world.ask::<ops::CreateUser>(named("Alice")).await;
    let refusal = world.refused::<ops::CreateUser>(named("aLICE")).await;
    assert_eq!(refusal.code, "EntityAlreadyExists");
    assert_eq!(refusal.message, "User with name aLICE already exists.");
    world.ask::<ops::DeleteUser>(api::DeleteUserRequest { user_name: Some("ALICE".into()) }).await;
    let refusal = world.refused::<ops::GetUser>(get("Alice")).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    assert_eq!(refusal.message, "The user with name Alice cannot be found.");
    let again = world.ask::<ops::CreateUser>(named("alice")).await;
    assert!(again.user.is_some());
}

#[tokio::test(start_paused = true)]
async fn pages_go_through_every_user_of_a_path_once() {
    let world = World::new().await;
    for number in 0..7 {
        let path = if number == 3 { "/other/" } else { "/staff/" };
        let input =
            api::CreateUserRequest { path: Some(path.into()), ..named(&format!("user-{number}")) };
        world.ask::<ops::CreateUser>(input).await;
    }
    let (mut seen, mut marker) = (Vec::new(), None);
    loop {
        let input = api::ListUsersRequest {
            path_prefix: Some("/staff/".into()),
            max_items: Some(4),
            marker,
        };
        let page = world.ask::<ops::ListUsers>(input).await;
        seen.extend(page.users.unwrap_or_default().into_iter().filter_map(|user| user.user_name));
        assert_eq!(page.is_truncated, Some(page.marker.is_some()));
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["user-0", "user-1", "user-2", "user-4", "user-5", "user-6"]);
    let input = api::ListUsersRequest { marker: Some("x".into()), ..Default::default() };
    assert_eq!(world.refused::<ops::ListUsers>(input).await.code, "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn who_holds_the_account_s_key_is_its_root_user() {
    let world = World::new().await;
    let root = world.ask::<ops::GetUser>(Default::default()).await.user.expect("it is shown");
    assert_eq!(root.arn.as_deref(), Some("arn:aws:iam::123456789012:root"));
    assert_eq!(root.user_id.as_deref(), Some("123456789012"));
}

#[tokio::test(start_paused = true)]
async fn access_keys_are_all_that_a_user_proves_itself_by() {
    let world = World::new().await;
    world.user("Alice").await;
    let alice = Some("Alice".to_owned());
    let devices = api::ListMFADevicesRequest { user_name: alice.clone(), ..Default::default() };
    assert_eq!(world.ask::<ops::ListMFADevices>(devices).await.mfa_devices, Some(vec![]));
    let keys = api::ListSSHPublicKeysRequest { user_name: alice.clone(), ..Default::default() };
    assert_eq!(world.ask::<ops::ListSSHPublicKeys>(keys).await.ssh_public_keys, Some(vec![]));
    let profile = api::DeleteLoginProfileRequest { user_name: alice };
    let refusal = world.refused::<ops::DeleteLoginProfile>(profile).await;
    assert_eq!(refusal, ("NoSuchEntity", "Login Profile for User Alice cannot be found."));
    let nobody = Some("Bob".to_owned());
    let devices = api::ListMFADevicesRequest { user_name: nobody, ..Default::default() };
    let refusal = world.refused::<ops::ListMFADevices>(devices).await;
    assert_eq!(refusal, ("NoSuchEntity", "The user with name Bob cannot be found."));
}
