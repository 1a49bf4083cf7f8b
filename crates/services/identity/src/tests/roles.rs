//! Roles and whom they trust.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, decoded, some, trusting};
use crate::tables::Role;

fn role(name: &str, trust: Option<String>) -> api::CreateRoleRequest {
    api::CreateRoleRequest {
        role_name: some(name),
        assume_role_policy_document: trust,
        ..Default::default()
    }
}

async fn get(world: &World, name: &str) -> api::Role {
    let input = api::GetRoleRequest { role_name: some(name) };
    world.ask::<ops::GetRole>(input).await.role.expect("it is shown")
}

#[tokio::test(start_paused = true)]
async fn a_role_is_shown_as_it_was_made_and_changed() {
    let world = World::new().await;
    let trust = trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    let input = api::CreateRoleRequest {
        path: some("/service/"),
        description: some("for the shop"),
        max_session_duration: Some(7200),
        ..role("web", trust.clone())
    };
    let made = world.ask::<ops::CreateRole>(input).await.role.unwrap();
    assert_eq!(made.arn.as_deref(), Some("arn:aws:iam::123456789012:role/service/web"));
    assert_eq!(Some(decoded(&made.assume_role_policy_document)), trust);
    assert!(made.role_id.as_deref().unwrap().starts_with("AROA"));
    let input = api::UpdateRoleRequest {
        role_name: some("web"),
        description: some("for the shops"),
        max_session_duration: None,
    };
    world.ask::<ops::UpdateRole>(input).await;
    let trust = trusting(r#"{"AWS":"123456789012"}"#);
    let input = api::UpdateAssumeRolePolicyRequest {
        role_name: some("web"),
        policy_document: trust.clone(),
    };
    world.ask::<ops::UpdateAssumeRolePolicy>(input).await;
    let world = world.restarted().await;
    let shown = get(&world, "web").await;
    assert_eq!(Some(decoded(&shown.assume_role_policy_document)), trust);
    assert_eq!(shown.description.as_deref(), Some("for the shops"));
    assert_eq!(shown.max_session_duration, Some(7200));
    assert_eq!(shown.role_last_used, Some(api::RoleLastUsed::default()));
    let listed = world.ask::<ops::ListRoles>(Default::default()).await.roles.unwrap();
    assert_eq!(listed, [api::Role { role_last_used: None, ..shown }]);
}

#[tokio::test(start_paused = true)]
async fn what_a_role_cannot_be_is_refused() {
    let world = World::new().await;
    let service = || trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    for (input, code) in [
        (role("web", some("{}")), "MalformedPolicyDocument"),
        (
            role("web", trusting(r#"{"AWS":"arn:aws:iam::123456789012:user/nobody"}"#)),
            "MalformedPolicyDocument",
        ),
        (
            api::CreateRoleRequest { max_session_duration: Some(60), ..role("web", service()) },
            "ValidationError",
        ),
        (api::CreateRoleRequest { path: some("web"), ..role("web", service()) }, "ValidationError"),
        (
            api::CreateRoleRequest { path: some("/web"), ..role("web", service()) },
            "ValidationError",
        ),
        (role("we b", service()), "ValidationError"),
        (role("AWSServiceRoleForECS", service()), "InvalidInput"),
        (
            role(
                "long",
                trusting(&format!(r#"{{"Service":"{}.amazonaws.com"}}"#, "a".repeat(2048))),
            ),
            "LimitExceeded",
        ),
    ] {
        let refusal = world.refused::<ops::CreateRole>(input.clone()).await;
        assert_eq!(refusal.code, code, "{input:?}: {}", refusal.message);
    }
    assert_eq!(world.ask::<ops::ListRoles>(Default::default()).await.roles, Some(vec![]));
}

#[tokio::test(start_paused = true)]
async fn who_is_trusted_is_trusted_by_id() {
    let world = World::new().await;
    let alice = world.user("Alice").await;
    let arn = alice.arn.unwrap();
    let trust = trusting(&format!(r#"{{"AWS":["{arn}","arn:aws:iam::210987654321:root"]}}"#));
    world.ask::<ops::CreateRole>(role("web", trust.clone())).await;
    assert_eq!(Some(decoded(&get(&world, "web").await.assume_role_policy_document)), trust);
    let view = world.identity.cell.snapshot();
    let kept = &view.table::<Role>().iter().next().expect("the role").trust;
    assert!(kept.as_str().contains(alice.user_id.as_deref().unwrap()), "{kept:?}");
    assert_eq!(kept.as_trust().err(), None, "an id is a principal");

    let input = api::UpdateUserRequest {
        user_name: some("Alice"),
        new_user_name: some("Eve"),
        new_path: None,
    };
    world.ask::<ops::UpdateUser>(input).await;
    let shown = decoded(&get(&world, "web").await.assume_role_policy_document);
    assert!(shown.contains(r#""arn:aws:iam::123456789012:user/Eve""#), "{shown}");

    world.ask::<ops::DeleteUser>(api::DeleteUserRequest { user_name: some("Eve") }).await;
    world.user("Eve").await;
    let shown = decoded(&get(&world, "web").await.assume_role_policy_document);
    let id = alice.user_id.unwrap();
    assert!(shown.contains(&format!(r#"["{id}","arn:aws:iam::210987654321:root"]"#)), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_principal_that_is_not_there_is_named() {
    let world = World::new().await;
    let arn = "arn:aws:iam::123456789012:role/nobody";
    let trust = trusting(&format!(r#"{{"AWS":"{arn}"}}"#));
    let refusal = world.refused::<ops::CreateRole>(role("web", trust)).await;
    let words = format!(r#"Invalid principal in policy: "AWS":"{arn}""#);
    assert_eq!(refusal, ("MalformedPolicyDocument", words.as_str()));
}
