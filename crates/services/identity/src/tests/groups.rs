//! Groups, and who is in them.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, some};

async fn add(world: &World, group: &str, user: &str) {
    let input = api::AddUserToGroupRequest { group_name: some(group), user_name: some(user) };
    world.ask::<ops::AddUserToGroup>(input).await;
}

async fn members(world: &World, group: &str) -> Vec<String> {
    let input = api::GetGroupRequest { group_name: some(group), ..Default::default() };
    let users = world.ask::<ops::GetGroup>(input).await.users.unwrap_or_default();
    users.into_iter().filter_map(|user| user.user_name).collect()
}

async fn groups_of(world: &World, user: &str) -> Vec<String> {
    let input = api::ListGroupsForUserRequest { user_name: some(user), ..Default::default() };
    let groups = world.ask::<ops::ListGroupsForUser>(input).await.groups.unwrap_or_default();
    groups.into_iter().filter_map(|group| group.group_name).collect()
}

#[tokio::test(start_paused = true)]
async fn members_are_seen_from_both_sides_and_survive_a_restart() {
    let world = World::new().await;
    for name in ["Zoe", "Alice", "Bob"] {
        world.user(name).await;
    }
    for name in ["Writers", "Admins"] {
        world.group(name).await;
    }
    for user in ["Zoe", "alice", "Zoe"] {
        add(&world, "admins", user).await;
    }
    add(&world, "Writers", "Zoe").await;
    let world = world.restarted().await;
    assert_eq!(members(&world, "Admins").await, ["Alice", "Zoe"]);
    assert_eq!(groups_of(&world, "Zoe").await, ["Admins", "Writers"]);
    assert!(groups_of(&world, "Bob").await.is_empty());

    let remove = |user: &str| api::RemoveUserFromGroupRequest {
        group_name: some("Admins"),
        user_name: some(user),
    };
    world.ask::<ops::RemoveUserFromGroup>(remove("Zoe")).await;
    assert_eq!(members(&world, "Admins").await, ["Alice"]);
    let refusal = world.refused::<ops::RemoveUserFromGroup>(remove("Zoe")).await;
    assert_eq!(refusal.code, "NoSuchEntity");
}

#[tokio::test(start_paused = true)]
async fn who_is_renamed_stays_where_it_is() {
    let world = World::new().await;
    let before = world.user("Alice").await;
    world.group("Admins").await;
    add(&world, "Admins", "Alice").await;
    let input = api::UpdateUserRequest {
        user_name: some("Alice"),
        new_user_name: some("Eve"),
        new_path: some("/staff/"),
    };
    world.ask::<ops::UpdateUser>(input).await;
    let input = api::UpdateGroupRequest {
        group_name: some("Admins"),
        new_group_name: some("ADMINS"),
        new_path: None,
    };
    world.ask::<ops::UpdateGroup>(input).await;
    assert_eq!(members(&world, "admins").await, ["Eve"]);
    assert_eq!(groups_of(&world, "Eve").await, ["ADMINS"]);
    let input = api::GetUserRequest { user_name: some("eve") };
    let user = world.ask::<ops::GetUser>(input).await.user.unwrap();
    assert_eq!(user.user_id, before.user_id);
    assert_eq!(user.arn.as_deref(), Some("arn:aws:iam::123456789012:user/staff/Eve"));

    world.user("Alice").await;
    let input = api::UpdateUserRequest {
        user_name: some("Alice"),
        new_user_name: some("EVE"),
        new_path: None,
    };
    assert_eq!(world.refused::<ops::UpdateUser>(input).await.code, "EntityAlreadyExists");
}

#[tokio::test(start_paused = true)]
async fn neither_members_nor_groups_are_deleted() {
    let world = World::new().await;
    world.user("Alice").await;
    world.group("Admins").await;
    add(&world, "Admins", "Alice").await;
    let conflict = ("DeleteConflict", "Cannot delete entity, must remove users from group first.");
    let user = api::DeleteUserRequest { user_name: some("Alice") };
    assert_eq!(world.refused::<ops::DeleteUser>(user.clone()).await, conflict);
    let group = api::DeleteGroupRequest { group_name: some("Admins") };
    assert_eq!(world.refused::<ops::DeleteGroup>(group.clone()).await, conflict);
    let input =
        api::RemoveUserFromGroupRequest { group_name: some("Admins"), user_name: some("Alice") };
    world.ask::<ops::RemoveUserFromGroup>(input).await;
    world.ask::<ops::DeleteUser>(user).await;
    world.ask::<ops::DeleteGroup>(group).await;
    assert_eq!(world.ask::<ops::ListGroups>(Default::default()).await.groups, Some(vec![]));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_in_eleven_groups() {
    let world = World::new().await;
    world.user("Alice").await;
    for number in 0..10 {
        let name = format!("group-{number}");
        world.group(&name).await;
        add(&world, &name, "Alice").await;
    }
    world.group("one-more").await;
    let input =
        api::AddUserToGroupRequest { group_name: some("one-more"), user_name: some("Alice") };
    let refusal = world.refused::<ops::AddUserToGroup>(input).await;
    assert_eq!(refusal, ("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"));
}

#[tokio::test(start_paused = true)]
async fn an_account_has_so_many_groups() {
    let world = World::new().await;
    for number in 0..300 {
        world.group(&format!("group-{number}")).await;
    }
    let input = api::CreateGroupRequest { group_name: some("one-more"), ..Default::default() };
    let refusal = world.refused::<ops::CreateGroup>(input).await;
    assert_eq!(refusal, ("LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 300"));
}
