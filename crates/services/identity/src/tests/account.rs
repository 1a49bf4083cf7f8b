//! The account as a whole: its alias, its summary, everything that everybody holds.

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{World, allowing, decoded, some};

#[tokio::test(start_paused = true)]
async fn an_account_has_one_alias() {
    let world = World::new().await;
    let create = |alias: &str| api::CreateAccountAliasRequest { account_alias: some(alias) };
    for alias in ["first", "second-one"] {
        world.ask::<ops::CreateAccountAlias>(create(alias)).await;
    }
    for alias in ["-a-", "a--b", "Shop", "123456789012"] {
        let refusal = world.refused::<ops::CreateAccountAlias>(create(alias)).await;
        assert_eq!(refusal.code, "ValidationError", "{alias}");
    }
    let world = world.restarted().await;
    let listed = world.ask::<ops::ListAccountAliases>(Default::default()).await;
    assert_eq!(listed.account_aliases, Some(vec!["second-one".to_owned()]));
    let delete = |alias: &str| api::DeleteAccountAliasRequest { account_alias: some(alias) };
    let refusal = world.refused::<ops::DeleteAccountAlias>(delete("first")).await;
    assert_eq!(refusal.code, "NoSuchEntity");
    world.ask::<ops::DeleteAccountAlias>(delete("second-one")).await;
}

#[tokio::test(start_paused = true)]
async fn the_summary_counts() {
    let world = World::new().await;
    world.user("Alice").await;
    world.role("web").await;
    world.policy("unused", "ecs:*").await;
    let arn = world.policy("used", "ecs:*").await;
    let input = api::AttachUserPolicyRequest { user_name: some("Alice"), policy_arn: some(&arn) };
    world.ask::<ops::AttachUserPolicy>(input).await;
    let summary = world.ask::<ops::GetAccountSummary>(Unit {}).await.summary_map.unwrap();
    for (key, count) in [
        ("Users", 1),
        ("Groups", 0),
        ("Roles", 1),
        ("Policies", 2),
        ("PolicyVersionsInUse", 1),
        ("UsersQuota", 5000),
        ("AttachedPoliciesPerUserQuota", 10),
        ("MFADevices", 0),
    ] {
        assert_eq!(summary.get(key), Some(&count), "{key}");
    }
    for key in summary.keys() {
        let key = api::SummaryKeyType::from(key.as_str());
        assert!(!matches!(key, api::SummaryKeyType::Unknown(_)), "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_details_hold_everything_page_by_page() {
    let world = World::new().await;
    world.user("Alice").await;
    world.group("Admins").await;
    world.role("web").await;
    let arn = world.policy("deploy", "ecs:RunTask").await;
    let input = api::AddUserToGroupRequest { group_name: some("Admins"), user_name: some("Alice") };
    world.ask::<ops::AddUserToGroup>(input).await;
    let input = api::AttachRolePolicyRequest { role_name: some("web"), policy_arn: some(&arn) };
    world.ask::<ops::AttachRolePolicy>(input).await;
    let input = api::PutGroupPolicyRequest {
        group_name: some("Admins"),
        policy_name: some("all"),
        policy_document: allowing("*"),
    };
    world.ask::<ops::PutGroupPolicy>(input).await;

    let mut input = api::GetAccountAuthorizationDetailsRequest {
        filter: Some(vec![
            api::EntityType::User,
            api::EntityType::Group,
            api::EntityType::Role,
            api::EntityType::LocalManagedPolicy,
        ]),
        max_items: Some(3),
        marker: None,
    };
    let first = world.ask::<ops::GetAccountAuthorizationDetails>(input.clone()).await;
    let user = &first.user_detail_list.unwrap()[0];
    assert_eq!(user.group_list, Some(vec!["Admins".to_owned()]));
    let group = &first.group_detail_list.unwrap()[0];
    let inline = &group.group_policy_list.as_ref().unwrap()[0];
    assert_eq!(Some(decoded(&inline.policy_document)), allowing("*"));
    let role = &first.role_detail_list.unwrap()[0];
    let attached = &role.attached_managed_policies.as_ref().unwrap()[0];
    assert_eq!(attached.policy_arn.as_deref(), Some(arn.as_str()));
    assert_eq!((first.policies, first.is_truncated), (Some(vec![]), Some(true)));
    input.marker = first.marker;
    let second = world.ask::<ops::GetAccountAuthorizationDetails>(input).await;
    let policy = &second.policies.unwrap()[0];
    assert_eq!((policy.attachment_count, policy.arn.as_ref()), (Some(1), Some(&arn)));
    let version = &policy.policy_version_list.as_ref().unwrap()[0];
    assert_eq!(Some(decoded(&version.document)), allowing("ecs:RunTask"));
    assert_eq!(second.is_truncated, Some(false));

    let all = world.ask::<ops::GetAccountAuthorizationDetails>(Default::default()).await;
    assert!(all.policies.unwrap().len() > 40, "AWS's own are among them");
}
