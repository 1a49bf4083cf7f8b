//! Instance profiles and the role in each.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, some};

fn add(profile: &str, role: &str) -> api::AddRoleToInstanceProfileRequest {
    api::AddRoleToInstanceProfileRequest {
        instance_profile_name: some(profile),
        role_name: some(role),
    }
}

async fn make(world: &World, name: &str) -> api::InstanceProfile {
    let input = api::CreateInstanceProfileRequest {
        instance_profile_name: some(name),
        ..Default::default()
    };
    let answer = world.ask::<ops::CreateInstanceProfile>(input).await;
    answer.instance_profile.expect("it is shown")
}

#[tokio::test(start_paused = true)]
async fn a_profile_holds_one_role() {
    let world = World::new().await;
    let made = make(&world, "ecsInstanceRole").await;
    let arn = "arn:aws:iam::123456789012:instance-profile/ecsInstanceRole";
    assert_eq!((made.arn.as_deref(), made.roles.as_deref()), (Some(arn), Some(&[][..])));
    world.role("web").await;
    world.role("worker").await;
    world.ask::<ops::AddRoleToInstanceProfile>(add("ecsinstancerole", "web")).await;
    let refusal =
        world.refused::<ops::AddRoleToInstanceProfile>(add("ecsInstanceRole", "worker")).await;
    assert_eq!(
        refusal,
        ("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    );
    let world = world.restarted().await;
    let input = api::GetInstanceProfileRequest { instance_profile_name: some("ecsInstanceRole") };
    let shown = world.ask::<ops::GetInstanceProfile>(input).await.instance_profile.unwrap();
    let roles = shown.roles.unwrap_or_default();
    assert_eq!(
        roles.iter().filter_map(|role| role.role_name.as_deref()).collect::<Vec<_>>(),
        ["web"]
    );
    let of = |role: &str| api::ListInstanceProfilesForRoleRequest {
        role_name: some(role),
        ..Default::default()
    };
    let found = world.ask::<ops::ListInstanceProfilesForRole>(of("web")).await.instance_profiles;
    assert_eq!(found.unwrap_or_default().len(), 1);
    let found = world.ask::<ops::ListInstanceProfilesForRole>(of("worker")).await.instance_profiles;
    assert_eq!(found.unwrap_or_default().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_is_not_deleted() {
    let world = World::new().await;
    make(&world, "profile").await;
    world.role("web").await;
    world.ask::<ops::AddRoleToInstanceProfile>(add("profile", "web")).await;
    let conflict =
        ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.");
    let role = api::DeleteRoleRequest { role_name: some("web") };
    assert_eq!(world.refused::<ops::DeleteRole>(role.clone()).await, conflict);
    let profile = api::DeleteInstanceProfileRequest { instance_profile_name: some("profile") };
    assert_eq!(world.refused::<ops::DeleteInstanceProfile>(profile.clone()).await, conflict);
    let remove = api::RemoveRoleFromInstanceProfileRequest {
        instance_profile_name: some("profile"),
        role_name: some("web"),
    };
    world.ask::<ops::RemoveRoleFromInstanceProfile>(remove.clone()).await;
    let refusal = world.refused::<ops::RemoveRoleFromInstanceProfile>(remove).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    world.ask::<ops::DeleteRole>(role).await;
    world.ask::<ops::DeleteInstanceProfile>(profile.clone()).await;
    let refusal = world.refused::<ops::DeleteInstanceProfile>(profile).await;
    assert_eq!(refusal, ("NoSuchEntity", "Instance Profile profile cannot be found."));
}
