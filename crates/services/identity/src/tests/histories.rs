//! Whatever is done in whatever order, and whatever of it is refused: nobody refers to what is not there, and everything
//! can be taken down again.

use berth_aws_api::Operation;
use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;
use berth_control::env::{IdSource, SeededIds};

use super::world::{World, allowing, some, trusting};
use crate::tables::{AccessKey, Group, InstanceProfile, Policy, PolicyRef, Role, User};

/// One of few names, so that histories meet.
fn name(dice: &SeededIds) -> Option<String> {
    some(["alice", "Bob", "c"][dice.below(3) as usize])
}

fn arn(dice: &SeededIds) -> Option<String> {
    match dice.below(4) {
        0 => some("arn:aws:iam::aws:policy/ReadOnlyAccess"),
        _ => name(dice).map(|name| format!("arn:aws:iam::123456789012:policy/{name}")),
    }
}

/// Whether it was done; a refusal is as good.
async fn try_to<O: Operation>(world: &World, input: O::Input) -> bool {
    world.try_ask::<O>(input).await.is_ok()
}

async fn something(world: &World, dice: &SeededIds) {
    let (user_name, group_name, role_name) = (name(dice), name(dice), name(dice));
    let (profile, policy_arn) = (name(dice), arn(dice));
    match dice.below(19) {
        0 => {
            let boundary = if dice.below(2) == 0 { arn(dice) } else { None };
            let input = api::CreateUserRequest {
                user_name,
                permissions_boundary: boundary,
                ..Default::default()
            };
            try_to::<ops::CreateUser>(world, input).await
        }
        1 => {
            let input = api::CreateGroupRequest { group_name, ..Default::default() };
            try_to::<ops::CreateGroup>(world, input).await
        }
        2 => {
            let input = api::CreateRoleRequest {
                role_name,
                assume_role_policy_document: trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#),
                ..Default::default()
            };
            try_to::<ops::CreateRole>(world, input).await
        }
        3 => {
            let input = api::CreatePolicyRequest {
                policy_name: name(dice),
                policy_document: allowing("ecs:*"),
                ..Default::default()
            };
            try_to::<ops::CreatePolicy>(world, input).await
        }
        4 => {
            let input = api::CreateInstanceProfileRequest {
                instance_profile_name: profile,
                ..Default::default()
            };
            try_to::<ops::CreateInstanceProfile>(world, input).await
        }
        5 => try_to::<ops::CreateAccessKey>(world, api::CreateAccessKeyRequest { user_name }).await,
        6 => {
            let input = api::AddUserToGroupRequest { group_name, user_name };
            try_to::<ops::AddUserToGroup>(world, input).await
        }
        7 => {
            let input =
                api::AddRoleToInstanceProfileRequest { instance_profile_name: profile, role_name };
            try_to::<ops::AddRoleToInstanceProfile>(world, input).await
        }
        8 => {
            let input = api::AttachUserPolicyRequest { user_name, policy_arn };
            try_to::<ops::AttachUserPolicy>(world, input).await
        }
        9 => {
            let input = api::AttachGroupPolicyRequest { group_name, policy_arn };
            try_to::<ops::AttachGroupPolicy>(world, input).await
        }
        10 => {
            let input = api::AttachRolePolicyRequest { role_name, policy_arn };
            try_to::<ops::AttachRolePolicy>(world, input).await
        }
        11 => {
            let input = api::PutRolePermissionsBoundaryRequest {
                role_name,
                permissions_boundary: policy_arn,
            };
            try_to::<ops::PutRolePermissionsBoundary>(world, input).await
        }
        12 => try_to::<ops::DeleteUser>(world, api::DeleteUserRequest { user_name }).await,
        13 => try_to::<ops::DeleteGroup>(world, api::DeleteGroupRequest { group_name }).await,
        14 => try_to::<ops::DeleteRole>(world, api::DeleteRoleRequest { role_name }).await,
        15 => try_to::<ops::DeletePolicy>(world, api::DeletePolicyRequest { policy_arn }).await,
        16 => {
            let input = api::DetachUserPolicyRequest { user_name, policy_arn };
            try_to::<ops::DetachUserPolicy>(world, input).await
        }
        17 => {
            let input =
                api::UpdateUserRequest { user_name, new_user_name: name(dice), new_path: None };
            try_to::<ops::UpdateUser>(world, input).await
        }
        _ => {
            let input = api::RemoveUserFromGroupRequest { group_name, user_name };
            try_to::<ops::RemoveUserFromGroup>(world, input).await
        }
    };
}

fn nobody_refers_to_what_is_not_there(world: &World) {
    let view = world.identity.cell.snapshot();
    let is_there = |account, policy: &PolicyRef| match policy {
        PolicyRef::Customer(id) => view.get::<Policy>(&(account, id.clone())).is_some(),
        PolicyRef::Aws(_) => true,
    };
    let users = view.table::<User>().iter().map(|user| (&user.about, &user.permissions));
    let groups = view.table::<Group>().iter().map(|group| (&group.about, &group.permissions));
    let roles = view.table::<Role>().iter().map(|role| (&role.about, &role.permissions));
    for (about, permissions) in users.chain(groups).chain(roles) {
        let mut policies = permissions.attached.iter().chain(&permissions.boundary);
        assert!(policies.all(|policy| is_there(about.account, policy)), "{about:?}");
    }
    for user in view.table::<User>().iter() {
        let group = |id: &_| view.get::<Group>(&(user.about.account, Clone::clone(id)));
        assert!(user.groups.iter().all(|id| group(id).is_some()), "{user:?}");
    }
    for profile in view.table::<InstanceProfile>().iter() {
        let role = profile.role.clone().map(|role| (profile.about.account, role));
        assert!(role.is_none_or(|role| view.get::<Role>(&role).is_some()), "{profile:?}");
    }
    for key in view.table::<AccessKey>().iter() {
        assert!(view.get::<User>(&key.user_key()).is_some(), "{key:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_dangles() {
    let mut made = 0;
    for seed in 0..6 {
        let dice = SeededIds::new(seed);
        let world = World::new().await;
        for _ in 0..150 {
            something(&world, &dice).await;
            nobody_refers_to_what_is_not_there(&world);
        }
        let view = world.identity.cell.snapshot();
        made += view.table::<User>().len() + view.table::<Policy>().len();
        made += view.table::<AccessKey>().len() + view.table::<InstanceProfile>().len();
        let world = world.restarted().await;
        nobody_refers_to_what_is_not_there(&world);
        let after = world.identity.cell.snapshot();
        assert_eq!(view.table::<User>().indexes(), after.table::<User>().indexes());
        assert_eq!(view.table::<Role>().indexes(), after.table::<Role>().indexes());
        assert_eq!(view.table::<Group>().indexes(), after.table::<Group>().indexes());
    }
    assert!(made > 20, "the histories are no empty ones: {made}");
}
