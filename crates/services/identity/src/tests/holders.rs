//! Policies of users, groups and roles: attached, inline, as boundaries.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, allowing, decoded, some};

const LIBRARY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn attach(arn: &str) -> api::AttachRolePolicyRequest {
    api::AttachRolePolicyRequest { role_name: some("web"), policy_arn: some(arn) }
}

async fn attached(world: &World) -> Vec<String> {
    let input =
        api::ListAttachedRolePoliciesRequest { role_name: some("WEB"), ..Default::default() };
    let policies = world.ask::<ops::ListAttachedRolePolicies>(input).await.attached_policies;
    policies.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn).collect()
}

#[tokio::test(start_paused = true)]
async fn managed_policies_are_attached_and_detached() {
    let world = World::new().await;
    world.role("web").await;
    let own = world.policy("deploy", "ecs:UpdateService").await;
    for arn in [&own, LIBRARY, LIBRARY] {
        world.ask::<ops::AttachRolePolicy>(attach(arn)).await;
    }
    let world = world.restarted().await;
    assert_eq!(attached(&world).await, [LIBRARY, own.as_str()]);
    let delete = api::DeleteRoleRequest { role_name: some("web") };
    let refusal = world.refused::<ops::DeleteRole>(delete.clone()).await;
    assert_eq!(
        refusal,
        ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    );
    let refusal = world
        .refused::<ops::DeletePolicy>(api::DeletePolicyRequest { policy_arn: some(&own) })
        .await;
    assert_eq!(refusal, ("DeleteConflict", "Cannot delete a policy attached to entities."));
    for arn in [&own, LIBRARY] {
        let input = api::DetachRolePolicyRequest { role_name: some("web"), policy_arn: some(arn) };
        world.ask::<ops::DetachRolePolicy>(input.clone()).await;
        let refusal = world.refused::<ops::DetachRolePolicy>(input).await;
        let words = format!("Policy {arn} was not found.");
        assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
    }
    world.ask::<ops::DeleteRole>(delete).await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_attached_is_refused() {
    let world = World::new().await;
    world.role("web").await;
    for (arn, code, words) in [
        (
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            "NoSuchEntity",
            "Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::123456789012:policy/other",
            "NoSuchEntity",
            "Policy arn:aws:iam::123456789012:policy/other does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::aws:policy/service-role/ReadOnlyAccess",
            "NoSuchEntity",
            "Policy arn:aws:iam::aws:policy/service-role/ReadOnlyAccess does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy",
            "PolicyNotAttachable",
            "Cannot attach a Service Role Policy to a Customer Role.",
        ),
        ("arn:aws:s3:::some-bucket", "InvalidInput", "ARN arn:aws:s3:::some-bucket is not valid."),
    ] {
        let refusal = world.refused::<ops::AttachRolePolicy>(attach(arn)).await;
        assert_eq!(refusal, (code, words));
    }
    for number in 0..10 {
        let arn = world.policy(&format!("policy-{number}"), "ecs:RunTask").await;
        world.ask::<ops::AttachRolePolicy>(attach(&arn)).await;
    }
    let refusal = world.refused::<ops::AttachRolePolicy>(attach(LIBRARY)).await;
    assert_eq!(refusal, ("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"));
    assert_eq!(attached(&world).await.len(), 10, "what is refused changes nothing");
}

#[tokio::test(start_paused = true)]
async fn inline_policies_come_back_as_they_were_written() {
    let world = World::new().await;
    world.user("Alice").await;
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::a b/~x*\"}]\n}";
    let put = |name: &str, text: &str| api::PutUserPolicyRequest {
        user_name: some("Alice"),
        policy_name: some(name),
        policy_document: some(text),
    };
    world.ask::<ops::PutUserPolicy>(put("b", text)).await;
    world.ask::<ops::PutUserPolicy>(put("a", &allowing("ecs:RunTask").unwrap())).await;
    let world = world.restarted().await;
    let get = |name: &str| api::GetUserPolicyRequest {
        user_name: some("alice"),
        policy_name: some(name),
    };
    let shown = world.ask::<ops::GetUserPolicy>(get("b")).await;
    assert_eq!(
        (decoded(&shown.policy_document).as_str(), shown.user_name.as_deref()),
        (text, Some("Alice"))
    );
    let encoded = shown.policy_document.unwrap();
    assert!(encoded.starts_with("%7B%0A%20%20%22Version%22%3A%20%222012-10-17%22"), "{encoded}");
    assert!(encoded.contains("arn%3Aaws%3As3%3A%3A%3Aa%20b%2F~x%2A"), "{encoded}");
    let input = api::ListUserPoliciesRequest { user_name: some("Alice"), ..Default::default() };
    let names = world.ask::<ops::ListUserPolicies>(input).await.policy_names;
    assert_eq!(names, Some(vec!["a".to_owned(), "b".to_owned()]));

    let delete = api::DeleteUserPolicyRequest { user_name: some("Alice"), policy_name: some("b") };
    world.ask::<ops::DeleteUserPolicy>(delete.clone()).await;
    let missing = ("NoSuchEntity", "The user policy with name b cannot be found.");
    assert_eq!(world.refused::<ops::DeleteUserPolicy>(delete).await, missing);
    assert_eq!(world.refused::<ops::GetUserPolicy>(get("b")).await, missing);
    let refusal =
        world.refused::<ops::DeleteUser>(api::DeleteUserRequest { user_name: some("Alice") }).await;
    assert_eq!(refusal, ("DeleteConflict", "Cannot delete entity, must delete policies first."));
}

#[tokio::test(start_paused = true)]
async fn inline_policies_have_room_for_so_much_together() {
    let world = World::new().await;
    world.user("Alice").await;
    world.group("Admins").await;
    // White space is not counted.
    let long = allowing(&format!("ecs:{}", "x".repeat(950))).map(|text| text + &" ".repeat(3000));
    let put = |name: &str| api::PutUserPolicyRequest {
        user_name: some("Alice"),
        policy_name: some(name),
        policy_document: long.clone(),
    };
    world.ask::<ops::PutUserPolicy>(put("a")).await;
    let refusal = world.refused::<ops::PutUserPolicy>(put("b")).await;
    assert_eq!(
        refusal,
        ("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user Alice")
    );
    world.ask::<ops::PutUserPolicy>(put("a")).await;
    for name in ["a", "b", "c", "d"] {
        let input = api::PutGroupPolicyRequest {
            group_name: some("Admins"),
            policy_name: some(name),
            policy_document: long.clone(),
        };
        world.ask::<ops::PutGroupPolicy>(input).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_policy_is_refused() {
    let world = World::new().await;
    world.role("web").await;
    for (text, words) in [
        ("{}", "Syntax errors in policy."),
        ("no JSON", "Syntax errors in policy."),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*","Principal":"*"}]}"#,
            "Policy document should not specify a principal.",
        ),
    ] {
        let input = api::PutRolePolicyRequest {
            role_name: some("web"),
            policy_name: some("a"),
            policy_document: some(text),
        };
        let refusal = world.refused::<ops::PutRolePolicy>(input).await;
        assert_eq!(refusal.code, "MalformedPolicyDocument", "{text}");
        assert!(refusal.message.starts_with(words), "{}", refusal.message);
    }
}

#[tokio::test(start_paused = true)]
async fn a_boundary_is_shown_counted_and_taken_away() {
    let world = World::new().await;
    let arn = world.policy("bound", "ecs:*").await;
    let input = api::CreateUserRequest {
        user_name: some("Alice"),
        permissions_boundary: some(&arn),
        ..Default::default()
    };
    let made = world.ask::<ops::CreateUser>(input).await.user.unwrap();
    let boundary = made.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn);
    assert_eq!(boundary.as_ref(), Some(&arn));
    world.role("web").await;
    let put = |arn: &str| api::PutRolePermissionsBoundaryRequest {
        role_name: some("web"),
        permissions_boundary: some(arn),
    };
    world.ask::<ops::PutRolePermissionsBoundary>(put(&arn)).await;
    let policy = api::GetPolicyRequest { policy_arn: some(&arn) };
    let shown = world.ask::<ops::GetPolicy>(policy).await.policy.unwrap();
    assert_eq!(shown.permissions_boundary_usage_count, Some(2));
    assert_eq!(shown.attachment_count, Some(0));
    let refusal = world
        .refused::<ops::DeletePolicy>(api::DeletePolicyRequest { policy_arn: some(&arn) })
        .await;
    assert_eq!(refusal.code, "DeleteConflict");
    let nowhere = "arn:aws:iam::123456789012:policy/nowhere";
    let refusal = world.refused::<ops::PutRolePermissionsBoundary>(put(nowhere)).await;
    let words = format!("Scope ARN: {nowhere} does not exist or is not attachable.");
    assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
    let delete = api::DeleteRolePermissionsBoundaryRequest { role_name: some("web") };
    world.ask::<ops::DeleteRolePermissionsBoundary>(delete.clone()).await;
    let refusal = world.refused::<ops::DeleteRolePermissionsBoundary>(delete).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    let delete = api::DeleteUserPermissionsBoundaryRequest { user_name: some("Alice") };
    world.ask::<ops::DeleteUserPermissionsBoundary>(delete).await;
    let input = api::GetUserRequest { user_name: some("Alice") };
    let user = world.ask::<ops::GetUser>(input).await.user.unwrap();
    assert_eq!(user.permissions_boundary, None);
}
