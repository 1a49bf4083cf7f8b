//! What the authorizer sees, the moment that it is written.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;
use berth_control::cell::Transaction;
use berth_iam_policy::{Decision, Nothing, Policies, Principal, Request, decide};

use super::world::{World, allowing, some};
use crate::policies_of::{Who, policies_of};
use crate::tables::{Account, Permissions, PolicyRef, UniqueId, User};

/// Whether the user may do this, by what is committed.
async fn may(world: &World, user: &api::User, action: &str) -> bool {
    let view = world.identity.cell.snapshot();
    let account =
        Account { partition: Default::default(), id: "123456789012".parse().expect("an account") };
    let id = user.user_id.as_deref().expect("an id");
    let key = (account, UniqueId::from(id));
    let held = policies_of(&view, Who::User(&key)).expect("the user is there");
    let identity: Vec<_> =
        held.identity.iter().map(|held| held.attached().expect("it was checked")).collect();
    let boundary = held.boundary.as_ref().map(|held| held.attached().expect("it was checked"));
    let policies = Policies { identity: &identity, boundary, ..Policies::default() };
    let request = Request {
        principal: Principal::User { arn: user.arn.as_deref().unwrap(), id, account: account.id },
        action,
        resource: None,
        context: &Nothing,
    };
    matches!(decide(&policies, &request), Decision::Allowed { .. })
}

#[tokio::test(start_paused = true)]
async fn every_way_to_hold_a_policy_counts_at_once() {
    let world = World::new().await;
    let alice = world.user("Alice").await;
    world.group("Admins").await;
    let arn = world.policy("deploy", "ecs:UpdateService").await;
    assert!(!may(&world, &alice, "ecs:RunTask").await);

    let put = api::PutUserPolicyRequest {
        user_name: some("Alice"),
        policy_name: some("run"),
        policy_document: allowing("ecs:RunTask"),
    };
    world.ask::<ops::PutUserPolicy>(put).await;
    assert!(may(&world, &alice, "ecs:RunTask").await);

    let attach =
        api::AttachGroupPolicyRequest { group_name: some("Admins"), policy_arn: some(&arn) };
    world.ask::<ops::AttachGroupPolicy>(attach).await;
    assert!(!may(&world, &alice, "ecs:UpdateService").await);
    let add = api::AddUserToGroupRequest { group_name: some("Admins"), user_name: some("Alice") };
    world.ask::<ops::AddUserToGroup>(add).await;
    assert!(may(&world, &alice, "ecs:UpdateService").await);

    // Another version in force, for everybody who holds it.
    let version = api::CreatePolicyVersionRequest {
        policy_arn: some(&arn),
        policy_document: allowing("ecs:StopTask"),
        set_as_default: Some(true),
    };
    world.ask::<ops::CreatePolicyVersion>(version).await;
    assert!(!may(&world, &alice, "ecs:UpdateService").await);
    assert!(may(&world, &alice, "ecs:StopTask").await);

    // A boundary bounds all of it.
    let bound = api::PutUserPermissionsBoundaryRequest {
        user_name: some("Alice"),
        permissions_boundary: some(&arn),
    };
    world.ask::<ops::PutUserPermissionsBoundary>(bound).await;
    assert!(!may(&world, &alice, "ecs:RunTask").await);
    assert!(may(&world, &alice, "ecs:StopTask").await);

    let remove =
        api::RemoveUserFromGroupRequest { group_name: some("Admins"), user_name: some("Alice") };
    world.ask::<ops::RemoveUserFromGroup>(remove).await;
    assert!(!may(&world, &alice, "ecs:StopTask").await);
}

#[tokio::test(start_paused = true)]
async fn aws_s_policies_count_as_well() {
    let world = World::new().await;
    let alice = world.user("Alice").await;
    let attach = api::AttachUserPolicyRequest {
        user_name: some("Alice"),
        policy_arn: some("arn:aws:iam::aws:policy/ReadOnlyAccess"),
    };
    world.ask::<ops::AttachUserPolicy>(attach).await;
    assert!(may(&world, &alice, "ecs:DescribeClusters").await);
    assert!(!may(&world, &alice, "ecs:CreateCluster").await);
}

/// What a row refers to and nobody knows might deny, or be a boundary.
#[tokio::test(start_paused = true)]
async fn nobody_does_anything_by_policies_of_which_one_is_lost() {
    let lost = || PolicyRef::Aws("OfAnotherBuild".to_owned());
    let cases: [fn(&mut Permissions, PolicyRef); 2] = [
        |permissions, lost| permissions.boundary = Some(lost),
        |permissions, lost| permissions.attached.extend([lost]),
    ];
    for lose in cases {
        let world = World::new().await;
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let ann = world.user_with("ann", statement).await;
        let list = || api::ListUsersRequest::default();
        world.try_ask_as::<ops::ListUsers>(&ann, list()).await.expect("all is there");
        let spoil = move |tx: &mut Transaction| {
            let mut user = tx.table::<User>().iter().next().expect("she is there").clone();
            lose(&mut user.permissions, lost());
            tx.put(user);
            Ok::<_, std::convert::Infallible>(())
        };
        world.identity.cell.write(spoil).await.expect("it is durable");
        let refusal = world.try_ask_as::<ops::ListUsers>(&ann, list()).await.unwrap_err();
        let words =
            "The policy OfAnotherBuild cannot be evaluated: there is no such policy any more";
        assert_eq!(refusal, ("AccessDenied", words));
    }
}
