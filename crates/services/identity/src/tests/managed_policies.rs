//! Managed policies: versions, listings, AWS's library.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, allowing, decoded, some};

async fn in_force(world: &World, arn: &str) -> String {
    let policy = api::GetPolicyRequest { policy_arn: some(arn) };
    let policy = world.ask::<ops::GetPolicy>(policy).await.policy.unwrap();
    let input = api::GetPolicyVersionRequest {
        policy_arn: some(arn),
        version_id: policy.default_version_id,
    };
    let version = world.ask::<ops::GetPolicyVersion>(input).await.policy_version.unwrap();
    assert_eq!(version.is_default_version, Some(true));
    decoded(&version.document)
}

fn version(arn: &str, action: &str, set_as_default: bool) -> api::CreatePolicyVersionRequest {
    api::CreatePolicyVersionRequest {
        policy_arn: some(arn),
        policy_document: allowing(action),
        set_as_default: Some(set_as_default),
    }
}

async fn versions(world: &World, arn: &str) -> Vec<(String, bool)> {
    let input = api::ListPolicyVersionsRequest { policy_arn: some(arn), ..Default::default() };
    let versions = world.ask::<ops::ListPolicyVersions>(input).await.versions.unwrap_or_default();
    let shown = |version: api::PolicyVersion| {
        assert_eq!(version.document, None, "a listing has no documents");
        (version.version_id.unwrap(), version.is_default_version.unwrap())
    };
    versions.into_iter().map(shown).collect()
}

#[tokio::test(start_paused = true)]
async fn one_of_five_versions_is_in_force() {
    let world = World::new().await;
    let arn = world.policy("deploy", "ecs:RunTask").await;
    assert_eq!(arn, "arn:aws:iam::123456789012:policy/deploy");
    world.ask::<ops::CreatePolicyVersion>(version(&arn, "ecs:StopTask", false)).await;
    assert!(in_force(&world, &arn).await.contains("ecs:RunTask"));
    let set = |id: &str| api::SetDefaultPolicyVersionRequest {
        policy_arn: some(&arn),
        version_id: some(id),
    };
    world.ask::<ops::SetDefaultPolicyVersion>(set("v2")).await;
    assert!(in_force(&world, &arn).await.contains("ecs:StopTask"));
    for _ in 3..=5 {
        world.ask::<ops::CreatePolicyVersion>(version(&arn, "ecs:List*", true)).await;
    }
    let refusal = world.refused::<ops::CreatePolicyVersion>(version(&arn, "ecs:*", true)).await;
    assert_eq!(refusal.code, "LimitExceeded");
    let delete =
        |id: &str| api::DeletePolicyVersionRequest { policy_arn: some(&arn), version_id: some(id) };
    let refusal = world.refused::<ops::DeletePolicyVersion>(delete("v5")).await;
    assert_eq!(refusal, ("DeleteConflict", "Cannot delete the default version of a policy."));
    world.ask::<ops::DeletePolicyVersion>(delete("v2")).await;
    let refusal = world.refused::<ops::SetDefaultPolicyVersion>(set("v2")).await;
    let words = format!("Policy {arn} version v2 does not exist or is not attachable.");
    assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
    // Numbers are not used again.
    let made = world.ask::<ops::CreatePolicyVersion>(version(&arn, "ecs:*", false)).await;
    assert_eq!(made.policy_version.unwrap().version_id.as_deref(), Some("v6"));
    let world = world.restarted().await;
    let expected = [("v6", false), ("v5", true), ("v4", false), ("v3", false), ("v1", false)];
    assert_eq!(versions(&world, &arn).await, expected.map(|(id, is)| (id.to_owned(), is)));

    let policy = api::DeletePolicyRequest { policy_arn: some(&arn) };
    let refusal = world.refused::<ops::DeletePolicy>(policy.clone()).await;
    assert_eq!(refusal.code, "DeleteConflict");
    for id in ["v1", "v3", "v4", "v6"] {
        world.ask::<ops::DeletePolicyVersion>(delete(id)).await;
    }
    world.ask::<ops::DeletePolicy>(policy.clone()).await;
    let refusal = world.refused::<ops::DeletePolicy>(policy).await;
    let words = format!("Policy {arn} was not found.");
    assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
}

#[tokio::test(start_paused = true)]
async fn the_rules_of_managed_policies_are_kept() {
    let world = World::new().await;
    world.policy("deploy", "ecs:RunTask").await;
    let policy = |name: &str, document: Option<String>| api::CreatePolicyRequest {
        policy_name: some(name),
        policy_document: document,
        ..Default::default()
    };
    let refusal = world.refused::<ops::CreatePolicy>(policy("Deploy", allowing("ecs:*"))).await;
    assert_eq!(
        refusal,
        (
            "EntityAlreadyExists",
            "A policy called Deploy already exists. Duplicate names are not allowed."
        )
    );
    let long = allowing(&format!("ecs:{}", "x".repeat(6100)));
    let refusal = world.refused::<ops::CreatePolicy>(policy("long", long)).await;
    assert_eq!(refusal, ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"));
    let old = allowing("ecs:*").map(|text| text.replace("2012-10-17", "2008-10-17"));
    let refusal = world.refused::<ops::CreatePolicy>(policy("old", old)).await;
    assert_eq!(refusal.code, "MalformedPolicyDocument");
}

#[tokio::test(start_paused = true)]
async fn aws_s_own_policies_are_there_and_stay_as_they_are() {
    let world = World::new().await;
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    assert!(in_force(&world, arn).await.contains("ecr:GetAuthorizationToken"));
    let refusal = world.refused::<ops::CreatePolicyVersion>(version(arn, "ecs:*", true)).await;
    assert_eq!(refusal.code, "InvalidInput");
    let delete = api::DeletePolicyRequest { policy_arn: some(arn) };
    assert_eq!(world.refused::<ops::DeletePolicy>(delete).await.code, "InvalidInput");
}

#[tokio::test(start_paused = true)]
async fn listings_are_by_scope_path_and_use() {
    let world = World::new().await;
    let own = world.policy("deploy", "ecs:RunTask").await;
    world.policy("unused", "ecs:RunTask").await;
    world.role("web").await;
    let library = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for arn in [&own, library] {
        let input = api::AttachRolePolicyRequest { role_name: some("web"), policy_arn: some(arn) };
        world.ask::<ops::AttachRolePolicy>(input).await;
    }
    let list = async |input: api::ListPoliciesRequest| -> Vec<String> {
        let policies = world.ask::<ops::ListPolicies>(input).await.policies.unwrap_or_default();
        policies.into_iter().filter_map(|policy| policy.arn).collect()
    };
    let local =
        api::ListPoliciesRequest { scope: Some(api::PolicyScopeType::Local), ..Default::default() };
    assert_eq!(list(local).await.len(), 2);
    let attached = api::ListPoliciesRequest { only_attached: Some(true), ..Default::default() };
    assert_eq!(list(attached).await, [own.as_str(), library]);
    let roles = api::ListPoliciesRequest {
        scope: Some(api::PolicyScopeType::Aws),
        path_prefix: some("/service-role/"),
        ..Default::default()
    };
    let roles = list(roles).await;
    assert!(roles.contains(
        &"arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role".to_owned()
    ));
    assert!(roles.iter().all(|arn| arn.contains("/service-role/")), "{roles:?}");
    let bounds = api::ListPoliciesRequest {
        policy_usage_filter: Some(api::PolicyUsageType::PermissionsBoundary),
        ..Default::default()
    };
    assert!(list(bounds).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_policy_is_told() {
    let world = World::new().await;
    let arn = world.policy("deploy", "ecs:RunTask").await;
    world.user("Alice").await;
    world.group("Admins").await;
    world.role("web").await;
    let (user, group) = (some("Alice"), some("Admins"));
    let input = api::AttachUserPolicyRequest { user_name: user, policy_arn: some(&arn) };
    world.ask::<ops::AttachUserPolicy>(input).await;
    let input = api::AttachGroupPolicyRequest { group_name: group, policy_arn: some(&arn) };
    world.ask::<ops::AttachGroupPolicy>(input).await;
    let input = api::PutRolePermissionsBoundaryRequest {
        role_name: some("web"),
        permissions_boundary: some(&arn),
    };
    world.ask::<ops::PutRolePermissionsBoundary>(input).await;
    let mut input = api::ListEntitiesForPolicyRequest {
        policy_arn: some(&arn),
        max_items: Some(2),
        ..Default::default()
    };
    let first = world.ask::<ops::ListEntitiesForPolicy>(input.clone()).await;
    assert_eq!(first.policy_groups.unwrap()[0].group_name.as_deref(), Some("Admins"));
    assert_eq!(first.policy_roles.unwrap()[0].role_name.as_deref(), Some("web"));
    assert_eq!((first.policy_users, first.is_truncated), (Some(vec![]), Some(true)));
    input.marker = first.marker;
    let second = world.ask::<ops::ListEntitiesForPolicy>(input).await;
    assert_eq!(second.policy_users.unwrap()[0].user_name.as_deref(), Some("Alice"));
    let input = api::ListEntitiesForPolicyRequest {
        policy_arn: some(&arn),
        policy_usage_filter: Some(api::PolicyUsageType::PermissionsPolicy),
        entity_filter: Some(api::EntityType::Role),
        ..Default::default()
    };
    let none = world.ask::<ops::ListEntitiesForPolicy>(input).await;
    assert_eq!(none.policy_roles, Some(vec![]));
}
