//! Services' own roles.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, decoded, some, trusting};

fn of(service: &str) -> api::CreateServiceLinkedRoleRequest {
    api::CreateServiceLinkedRoleRequest { aws_service_name: some(service), ..Default::default() }
}

const NAME: &str = "AWSServiceRoleForECS";

#[tokio::test(start_paused = true)]
async fn a_service_has_one_role_and_its_policy() {
    let world = World::new().await;
    let made = world.ask::<ops::CreateServiceLinkedRole>(of("ecs.amazonaws.com")).await.role;
    let made = made.unwrap();
    assert_eq!(
        made.arn.as_deref(),
        Some(
            "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        )
    );
    let trust = trusting(r#"{"Service":"ecs.amazonaws.com"}"#);
    assert_eq!(Some(decoded(&made.assume_role_policy_document)), trust);
    let input =
        api::ListAttachedRolePoliciesRequest { role_name: some(NAME), ..Default::default() };
    let policies = world.ask::<ops::ListAttachedRolePolicies>(input).await.attached_policies;
    assert_eq!(
        policies.unwrap()[0].policy_arn.as_deref(),
        Some("arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy")
    );
    let refusal = world.refused::<ops::CreateServiceLinkedRole>(of("ecs.amazonaws.com")).await;
    assert_eq!(
        refusal,
        (
            "InvalidInput",
            "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
        )
    );
    for service in [
        "elasticloadbalancing.amazonaws.com",
        "autoscaling.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
    ] {
        world.ask::<ops::CreateServiceLinkedRole>(of(service)).await;
    }
    let refusal = world.refused::<ops::CreateServiceLinkedRole>(of("lex.amazonaws.com")).await;
    assert_eq!(refusal.code, "InvalidInput");
}

#[tokio::test(start_paused = true)]
async fn only_some_take_a_suffix() {
    let world = World::new().await;
    let with_suffix = |service: &str| api::CreateServiceLinkedRoleRequest {
        custom_suffix: some("blue"),
        ..of(service)
    };
    let made =
        world.ask::<ops::CreateServiceLinkedRole>(with_suffix("autoscaling.amazonaws.com")).await;
    assert_eq!(made.role.unwrap().role_name.as_deref(), Some("AWSServiceRoleForAutoScaling_blue"));
    let refusal =
        world.refused::<ops::CreateServiceLinkedRole>(with_suffix("ecs.amazonaws.com")).await;
    assert_eq!(refusal, ("InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com"));
}

#[tokio::test(start_paused = true)]
async fn nobody_changes_it_but_by_its_own_calls() {
    let world = World::new().await;
    world.ask::<ops::CreateServiceLinkedRole>(of("ecs.amazonaws.com")).await;
    let protected = (
        "UnmodifiableEntity",
        "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS",
    );
    let delete = api::DeleteRoleRequest { role_name: some(NAME) };
    assert_eq!(world.refused::<ops::DeleteRole>(delete).await, protected);
    let attach = api::AttachRolePolicyRequest {
        role_name: some(NAME),
        policy_arn: some("arn:aws:iam::aws:policy/AdministratorAccess"),
    };
    assert_eq!(world.refused::<ops::AttachRolePolicy>(attach).await, protected);
    let trust = api::UpdateAssumeRolePolicyRequest {
        role_name: some(NAME),
        policy_document: trusting(r#"{"AWS":"123456789012"}"#),
    };
    assert_eq!(world.refused::<ops::UpdateAssumeRolePolicy>(trust).await, protected);
    let describe =
        api::UpdateRoleDescriptionRequest { role_name: some(NAME), description: some("ours") };
    let described = world.ask::<ops::UpdateRoleDescription>(describe).await.role.unwrap();
    assert_eq!(described.description.as_deref(), Some("ours"));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_can_be_asked_about() {
    let world = World::new().await;
    world.role("web").await;
    world.ask::<ops::CreateServiceLinkedRole>(of("ecs.amazonaws.com")).await;
    let delete = |name: &str| api::DeleteServiceLinkedRoleRequest { role_name: some(name) };
    assert_eq!(
        world.refused::<ops::DeleteServiceLinkedRole>(delete("web")).await.code,
        "NoSuchEntity"
    );
    let task = world.ask::<ops::DeleteServiceLinkedRole>(delete(NAME)).await.deletion_task_id;
    let start = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/";
    assert!(task.as_deref().unwrap().starts_with(start), "{task:?}");
    let world = world.restarted().await;
    let input = api::GetServiceLinkedRoleDeletionStatusRequest { deletion_task_id: task };
    let status = world.ask::<ops::GetServiceLinkedRoleDeletionStatus>(input).await.status;
    assert_eq!(status, Some(api::DeletionTaskStatusType::Succeeded));
    let input = api::GetServiceLinkedRoleDeletionStatusRequest { deletion_task_id: some(start) };
    let refusal = world.refused::<ops::GetServiceLinkedRoleDeletionStatus>(input).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    world.ask::<ops::CreateServiceLinkedRole>(of("ecs.amazonaws.com")).await;
}

#[tokio::test(start_paused = true)]
async fn a_suffix_may_be_so_long() {
    let world = World::new().await;
    let with_suffix = |length: usize| api::CreateServiceLinkedRoleRequest {
        custom_suffix: Some("x".repeat(length)),
        ..of("autoscaling.amazonaws.com")
    };
    let refusal = world.refused::<ops::CreateServiceLinkedRole>(with_suffix(36)).await;
    assert_eq!(refusal.code, "InvalidInput");
    let made = world.ask::<ops::CreateServiceLinkedRole>(with_suffix(35)).await.role.unwrap();
    assert_eq!(made.role_name.map(|name| name.len()), Some(64));
}
