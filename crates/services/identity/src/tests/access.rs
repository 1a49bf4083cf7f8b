//! Nobody gets around a policy: by what is made along with something else, by another name, or by no name at all.

use berth_aws_api::iam::{self as api, ops};
use berth_aws_protocol::sigv4::Credentials;

use super::world::{Refusal, World, allowing, some, trusting};

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const HOME: &str = "arn:aws:iam::123456789012:";

/// That the refusal is about this action on this.
fn denied(result: Result<(), Refusal>, action: &str, resource: &str) {
    let refusal = result.expect_err(action);
    let words = format!("is not authorized to perform: {action} on resource: {resource} ");
    assert_eq!(refusal.code, "AccessDenied");
    assert!(refusal.message.contains(&words), "{refusal:?}");
}

async fn create_user(
    world: &World,
    key: &Credentials,
    input: api::CreateUserRequest,
) -> Result<(), Refusal> {
    world.try_ask_as::<ops::CreateUser>(key, input).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn tags_that_something_is_made_with_want_their_own_permission() {
    let world = World::new().await;
    let statement = r#"{"Effect":"Allow","Action":"iam:Create*","Resource":"*"}"#;
    let ann = world.user_with("ann", statement).await;
    let tags = || Some(vec![api::Tag { key: some("team"), value: some("root") }]);

    let plain = api::CreateUserRequest { user_name: some("plain"), ..Default::default() };
    create_user(&world, &ann, plain).await.expect("nothing is tagged");
    let user = api::CreateUserRequest { user_name: some("u"), tags: tags(), ..Default::default() };
    let made = create_user(&world, &ann, user).await;
    denied(made, "iam:TagUser", &format!("{HOME}user/u"));
    let role = api::CreateRoleRequest {
        role_name: some("r"),
        path: some("/x/"),
        assume_role_policy_document: trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#),
        tags: tags(),
        ..Default::default()
    };
    let made = world.try_ask_as::<ops::CreateRole>(&ann, role).await.map(drop);
    denied(made, "iam:TagRole", &format!("{HOME}role/x/r"));
    let policy = api::CreatePolicyRequest {
        policy_name: some("p"),
        policy_document: allowing("ecs:*"),
        tags: tags(),
        ..Default::default()
    };
    let made = world.try_ask_as::<ops::CreatePolicy>(&ann, policy).await.map(drop);
    denied(made, "iam:TagPolicy", &format!("{HOME}policy/p"));
    let profile = api::CreateInstanceProfileRequest {
        instance_profile_name: some("i"),
        tags: tags(),
        ..Default::default()
    };
    let made = world.try_ask_as::<ops::CreateInstanceProfile>(&ann, profile).await.map(drop);
    denied(made, "iam:TagInstanceProfile", &format!("{HOME}instance-profile/i"));
    let provider = api::CreateOpenIDConnectProviderRequest {
        url: some("https://ci.example/x"),
        tags: tags(),
        ..Default::default()
    };
    let made = world.try_ask_as::<ops::CreateOpenIDConnectProvider>(&ann, provider).await;
    let resource = format!("{HOME}oidc-provider/ci.example/x");
    denied(made.map(drop), "iam:TagOpenIDConnectProvider", &resource);
}

#[tokio::test(start_paused = true)]
async fn who_renames_somebody_needs_both_names() {
    let world = World::new().await;
    let statements = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"iam:Update*","Resource":["{HOME}user/admins/*","{HOME}group/Admins"]}}"#
    );
    let ann = world.user_with("ann", &statements).await;
    world.user("bob").await;
    world.group("Staff").await;
    let moved = api::UpdateUserRequest {
        user_name: some("bob"),
        new_path: some("/admins/"),
        ..Default::default()
    };
    let result = world.try_ask_as::<ops::UpdateUser>(&ann, moved).await.map(drop);
    denied(result, "iam:UpdateUser", &format!("{HOME}user/admins/bob"));
    let renamed = api::UpdateGroupRequest {
        group_name: some("Staff"),
        new_group_name: some("Admins"),
        ..Default::default()
    };
    let result = world.try_ask_as::<ops::UpdateGroup>(&ann, renamed).await.map(drop);
    denied(result, "iam:UpdateGroup", &format!("{HOME}group/Admins"));
    let renamed = api::UpdateUserRequest {
        user_name: some("bob"),
        new_user_name: some("robert"),
        ..Default::default()
    };
    world.try_ask_as::<ops::UpdateUser>(&ann, renamed).await.expect("nothing is against it");
}

#[tokio::test(start_paused = true)]
async fn who_names_nobody_is_judged_with_its_own_tags() {
    let world = World::new().await;
    let statements = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"iam:CreateAccessKey","Resource":"*","Condition":{{"StringEquals":{{"aws:ResourceTag/locked":"true"}}}}}}"#
    );
    let ann = world.user_with("ann", &statements).await;
    let tag = api::TagUserRequest {
        user_name: some("ann"),
        tags: Some(vec![api::Tag { key: some("locked"), value: some("true") }]),
    };
    world.ask::<ops::TagUser>(tag).await;
    for user_name in [None, some("ann")] {
        let input = api::CreateAccessKeyRequest { user_name };
        let result = world.try_ask_as::<ops::CreateAccessKey>(&ann, input).await.map(drop);
        denied(result, "iam:CreateAccessKey", &format!("{HOME}user/ann"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_s_role_is_judged_by_its_whole_name() {
    let world = World::new().await;
    let folder = format!("{HOME}role/aws-service-role");
    let ecs = format!("{folder}/ecs.amazonaws.com/AWSServiceRoleForECS");
    let scaling = format!("{folder}/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_blue");
    let statements = format!(
        r#"{{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":["{ecs}","{folder}/autoscaling.amazonaws.com/*"]}},
           {{"Effect":"Deny","Action":"*","Resource":"{scaling}"}}"#
    );
    let ann = world.user_with("ann", &statements).await;
    let of = |service: &str, custom_suffix| api::CreateServiceLinkedRoleRequest {
        aws_service_name: some(service),
        custom_suffix,
        ..Default::default()
    };
    let make =
        async |input| world.try_ask_as::<ops::CreateServiceLinkedRole>(&ann, input).await.map(drop);
    make(of("ecs.amazonaws.com", None)).await.expect("its ARN is allowed");
    let refused = make(of("autoscaling.amazonaws.com", some("blue"))).await;
    denied(refused, "iam:CreateServiceLinkedRole", &scaling);
    make(of("autoscaling.amazonaws.com", some("red"))).await.expect("the folder is allowed");
}

#[tokio::test(start_paused = true)]
async fn what_is_made_is_judged_by_the_arn_that_it_gets() {
    let world = World::new().await;
    let statements =
        format!(r#"{ALL},{{"Effect":"Deny","Action":"*","Resource":"{HOME}user//admins/*"}}"#);
    let ann = world.user_with("ann", &statements).await;
    let input = api::CreateUserRequest {
        user_name: some("eve"),
        path: some("//admins/"),
        ..Default::default()
    };
    let refused = create_user(&world, &ann, input.clone()).await;
    denied(refused, "iam:CreateUser", &format!("{HOME}user//admins/eve"));
    let made = world.ask::<ops::CreateUser>(input).await.user.expect("it is shown");
    assert_eq!(made.arn, Some(format!("{HOME}user//admins/eve")));
}
