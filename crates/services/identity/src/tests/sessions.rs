//! Roles are assumed, sessions have what their roles have, and end.

use std::time::Duration;

use berth_aws_api::{iam, sts};
use berth_aws_protocol::sigv4::Credentials;

use super::world::{Refusal, World, administrator, allowing, some};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],
    "Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"Condition":{"StringEquals":{"sts:ExternalId":"42"}}}]}"#;
const ROLE: &str = "arn:aws:iam::123456789012:role/audit";

/// A user `ann`, and a role that she may assume.
async fn world() -> (World, Credentials) {
    let world = World::new().await;
    world.user("ann").await;
    let role = iam::CreateRoleRequest {
        role_name: some("audit"),
        assume_role_policy_document: some(TRUST),
        max_session_duration: Some(7200),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateRole>(role).await;
    may(&world, "iam:ListUsers").await;
    let key = world.key_of("ann").await;
    (world, key)
}

/// Gives the role its only policy.
async fn may(world: &World, action: &str) {
    let policy = iam::PutRolePolicyRequest {
        role_name: some("audit"),
        policy_name: some("it"),
        policy_document: allowing(action),
    };
    world.ask::<iam::ops::PutRolePolicy>(policy).await;
}

fn asking() -> sts::AssumeRoleRequest {
    sts::AssumeRoleRequest {
        role_arn: some(ROLE),
        role_session_name: some("session"),
        external_id: some("42"),
        ..Default::default()
    }
}

async fn assume(
    world: &World,
    key: &Credentials,
    input: sts::AssumeRoleRequest,
) -> Result<Credentials, Refusal> {
    let answer = world.try_ask_as::<sts::ops::AssumeRole>(key, input).await?;
    Ok(signing(answer.credentials.expect("they are what it is about")))
}

pub fn signing(given: sts::Credentials) -> Credentials {
    Credentials {
        access_key_id: given.access_key_id.expect("an id"),
        secret_access_key: given.secret_access_key.expect("a secret"),
        session_token: given.session_token,
    }
}

pub async fn caller(
    world: &World,
    given: sts::Credentials,
) -> Result<sts::GetCallerIdentityResponse, Refusal> {
    let input = sts::GetCallerIdentityRequest::default();
    world.try_ask_as::<sts::ops::GetCallerIdentity>(&signing(given), input).await
}

async fn list_users(world: &World, key: &Credentials) -> Result<(), Refusal> {
    let input = iam::ListUsersRequest::default();
    world.try_ask_as::<iam::ops::ListUsers>(key, input).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_role_lends_what_it_may_until_the_session_ends() {
    let (world, ann) = world().await;
    let refusal = list_users(&world, &ann).await.unwrap_err();
    let words = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:ListUsers on resource: * \
                 because no identity-based policy allows the iam:ListUsers action";
    assert_eq!(refusal, ("AccessDenied", words));
    let session = assume(&world, &ann, asking()).await.unwrap();
    list_users(&world, &session).await.unwrap();

    may(&world, "iam:ListRoles").await;
    let refusal = list_users(&world, &session).await.unwrap_err();
    assert!(
        refusal.message.contains("assumed-role/audit/session is not authorized"),
        "{refusal:?}"
    );
    may(&world, "iam:*").await;
    let world = world.restarted().await;
    list_users(&world, &session).await.expect("a token outlives the server");

    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(list_users(&world, &session).await.unwrap_err().code, "ExpiredToken");
}

#[tokio::test(start_paused = true)]
async fn who_is_not_trusted_or_asks_for_too_much_is_refused() {
    let (world, ann) = world().await;
    world.user("bob").await;
    let bob = world.key_of("bob").await;
    let with = |change: fn(&mut sts::AssumeRoleRequest)| {
        let mut input = asking();
        change(&mut input);
        input
    };
    let cases = [
        (&bob, asking(), "AccessDenied", "user/bob is not authorized to perform: sts:AssumeRole"),
        (&ann, with(|input| input.external_id = None), "AccessDenied", "sts:AssumeRole"),
        (
            &ann,
            with(|input| input.role_arn = some("arn:aws:iam::123456789012:role/x/audit")),
            "AccessDenied",
            "role/x/audit",
        ),
        (
            &ann,
            with(|input| input.duration_seconds = Some(7201)),
            "ValidationError",
            "MaxSessionDuration",
        ),
        (
            &ann,
            with(|input| input.token_code = some("123456")),
            "ValidationError",
            "TokenCode is not supported",
        ),
        (&ann, with(|input| input.policy = some("{}")), "MalformedPolicyDocument", ""),
        (
            &ann,
            with(|input| input.source_identity = some("ann")),
            "AccessDenied",
            "sts:SetSourceIdentity",
        ),
    ];
    for (key, input, code, words) in cases {
        let refusal = assume(&world, key, input).await.unwrap_err();
        assert!(refusal.code.starts_with(code) && refusal.message.contains(words), "{refusal:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn session_policies_limit_and_a_deleted_role_ends_its_sessions() {
    let (world, ann) = world().await;
    let limited = sts::AssumeRoleRequest { policy: allowing("iam:ListRoles"), ..asking() };
    let limited = assume(&world, &ann, limited).await.unwrap();
    let refusal = list_users(&world, &limited).await.unwrap_err();
    assert!(refusal.message.contains("because no session policy allows"), "{refusal:?}");

    let session = assume(&world, &ann, asking()).await.unwrap();
    list_users(&world, &session).await.unwrap();
    let (role_name, policy_name) = (some("audit"), some("it"));
    let gone = iam::DeleteRolePolicyRequest { role_name: role_name.clone(), policy_name };
    world.ask::<iam::ops::DeleteRolePolicy>(gone).await;
    world.ask::<iam::ops::DeleteRole>(iam::DeleteRoleRequest { role_name }).await;
    let again = iam::CreateRoleRequest {
        role_name: some("audit"),
        assume_role_policy_document: some(TRUST),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateRole>(again).await;
    may(&world, "*").await;
    let refusal = list_users(&world, &session).await.unwrap_err();
    assert_eq!(refusal.code, "InvalidClientTokenId", "the new role is not the old one");
}

#[tokio::test(start_paused = true)]
async fn whoever_still_names_a_deleted_role_lets_nobody_in() {
    let (world, ann) = world().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"arn:aws:iam::123456789012:role/audit"}}]}"#;
    let vault = iam::CreateRoleRequest {
        role_name: some("vault"),
        assume_role_policy_document: some(trust),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateRole>(vault).await;
    let next = || sts::AssumeRoleRequest {
        role_arn: some("arn:aws:iam::123456789012:role/vault"),
        role_session_name: some("next"),
        ..Default::default()
    };
    let session = assume(&world, &ann, asking()).await.unwrap();
    assume(&world, &session, next()).await.expect("the role's trust policy is enough");
    let (role_name, policy_name) = (some("audit"), some("it"));
    let gone = iam::DeleteRolePolicyRequest { role_name: role_name.clone(), policy_name };
    world.ask::<iam::ops::DeleteRolePolicy>(gone).await;
    world.ask::<iam::ops::DeleteRole>(iam::DeleteRoleRequest { role_name }).await;
    let refusal = assume(&world, &session, next()).await.unwrap_err();
    assert_eq!(refusal.code, "InvalidClientTokenId");
}

#[tokio::test(start_paused = true)]
async fn whom_a_deleted_user_vouched_for_is_nobody() {
    let world = World::new().await;
    let statement = r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#;
    let ann = world.user_with("ann", statement).await;
    let input = sts::GetFederationTokenRequest {
        name: some("guest"),
        policy: allowing("sts:*"),
        ..Default::default()
    };
    let given = world.try_ask_as::<sts::ops::GetFederationToken>(&ann, input).await.unwrap();
    let given = given.credentials.unwrap();
    caller(&world, given.clone()).await.expect("she is there");
    let user_name = some("ann");
    let key = iam::DeleteAccessKeyRequest {
        user_name: user_name.clone(),
        access_key_id: Some(ann.access_key_id.clone()),
    };
    world.ask::<iam::ops::DeleteAccessKey>(key).await;
    let policy =
        iam::DeleteUserPolicyRequest { user_name: user_name.clone(), policy_name: some("it") };
    world.ask::<iam::ops::DeleteUserPolicy>(policy).await;
    world.ask::<iam::ops::DeleteUser>(iam::DeleteUserRequest { user_name }).await;
    assert_eq!(caller(&world, given).await.unwrap_err().code, "InvalidClientTokenId");
}

#[tokio::test(start_paused = true)]
async fn a_source_identity_is_not_handed_on_without_permission() {
    let world = World::new().await;
    let statement = r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#;
    let ann = world.user_with("ann", statement).await;
    let trust = |who: &str, actions: &str| {
        Some(format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::123456789012:{who}"}},"Action":{actions}}}]}}"#
        ))
    };
    let both = r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#;
    for (name, who, actions) in [
        ("first", "user/ann", both),
        ("open", "role/first", both),
        ("closed", "role/first", r#""sts:AssumeRole""#),
    ] {
        let role = iam::CreateRoleRequest {
            role_name: some(name),
            assume_role_policy_document: trust(who, actions),
            ..Default::default()
        };
        world.ask::<iam::ops::CreateRole>(role).await;
    }
    let input = |role: &str, source_identity| sts::AssumeRoleRequest {
        role_arn: Some(format!("arn:aws:iam::123456789012:role/{role}")),
        role_session_name: some("session"),
        source_identity,
        ..Default::default()
    };
    let first = assume(&world, &ann, input("first", some("ann"))).await.unwrap();
    assume(&world, &first, input("open", None)).await.expect("it is asked about, and allowed");
    let refusal = assume(&world, &first, input("closed", None)).await.unwrap_err();
    assert!(refusal.message.contains("sts:SetSourceIdentity"), "{refusal:?}");
    let plain = assume(&world, &ann, input("first", None)).await.unwrap();
    assume(&world, &plain, input("closed", None)).await.expect("there is none to hand on");
}

#[tokio::test(start_paused = true)]
async fn a_spoiled_token_is_nobodys() {
    let (world, ann) = world().await;
    let session = assume(&world, &ann, asking()).await.unwrap();
    let other = assume(&world, &ann, asking()).await.unwrap();
    let mut tampered = session.session_token.clone().unwrap();
    let last = if tampered.ends_with('A') { "B" } else { "A" };
    tampered.replace_range(40..41, last);
    for token in [None, other.session_token, Some(tampered), some("AAAA"), some("")] {
        let key = Credentials { session_token: token.clone(), ..session.clone() };
        assert_eq!(
            list_users(&world, &key).await.unwrap_err().code,
            "InvalidClientTokenId",
            "{token:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn users_and_the_account_get_tokens_of_their_own() {
    let (world, ann) = world().await;
    let input = sts::GetSessionTokenRequest::default;
    let given = world.try_ask_as::<sts::ops::GetSessionToken>(&ann, input()).await.unwrap();
    let token = signing(given.credentials.clone().unwrap());
    let who = caller(&world, given.credentials.unwrap()).await.unwrap();
    assert_eq!(who.arn.as_deref(), Some("arn:aws:iam::123456789012:user/ann"));
    let refusal = list_users(&world, &token).await.unwrap_err();
    assert_eq!(refusal.message, "Cannot call ListUsers with session credentials");
    assume(&world, &token, asking()).await.expect("a token is good for AssumeRole");

    let root = world.try_ask::<sts::ops::GetSessionToken>(input()).await.unwrap();
    let who = caller(&world, root.credentials.unwrap()).await.unwrap();
    assert_eq!(who.arn.as_deref(), Some("arn:aws:iam::123456789012:root"));
}

#[tokio::test(start_paused = true)]
async fn a_federated_user_has_what_its_policies_and_its_users_allow() {
    let (world, _) = world().await;
    let input = sts::GetFederationTokenRequest {
        name: some("guest"),
        policy: allowing("sts:*"),
        ..Default::default()
    };
    let given = world.try_ask::<sts::ops::GetFederationToken>(input).await.unwrap();
    let arn = given.federated_user.unwrap().arn.unwrap();
    assert_eq!(arn, "arn:aws:sts::123456789012:federated-user/guest");
    let key = signing(given.credentials.clone().unwrap());
    let who = caller(&world, given.credentials.unwrap()).await.unwrap();
    assert_eq!(who.user_id.as_deref(), Some("123456789012:guest"));
    assert_eq!(list_users(&world, &key).await.unwrap_err().code, "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_on_stays_and_a_chain_is_short() {
    let (world, ann) = world().await;
    let second = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],
        "Principal":{"AWS":"arn:aws:iam::123456789012:role/audit"},"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}]}"#;
    let role = iam::CreateRoleRequest {
        role_name: some("next"),
        assume_role_policy_document: some(second),
        max_session_duration: Some(7200),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateRole>(role).await;
    let tag = sts::Tag { key: some("team"), value: some("blue") };
    let tagged = sts::AssumeRoleRequest {
        tags: Some(vec![tag.clone()]),
        transitive_tag_keys: Some(vec!["team".to_owned()]),
        ..asking()
    };
    let plain = assume(&world, &ann, asking()).await.unwrap();
    let tagged = assume(&world, &ann, tagged).await.unwrap();
    let next = |change: fn(&mut sts::AssumeRoleRequest)| {
        let mut input = sts::AssumeRoleRequest {
            role_arn: some("arn:aws:iam::123456789012:role/next"),
            role_session_name: some("next"),
            ..Default::default()
        };
        change(&mut input);
        input
    };
    assert_eq!(assume(&world, &plain, next(|_| {})).await.unwrap_err().code, "AccessDenied");
    assume(&world, &tagged, next(|_| {})).await.unwrap();
    let refusal = assume(&world, &tagged, next(|input| input.duration_seconds = Some(3601))).await;
    assert!(refusal.unwrap_err().message.contains("role chaining"));
    let again = next(|input| {
        input.tags = Some(vec![sts::Tag { key: some("team"), value: some("red") }]);
    });
    assert!(assume(&world, &tagged, again).await.unwrap_err().message.contains("handed on"));
}

#[tokio::test(start_paused = true)]
async fn an_inactive_or_deleted_key_stops_at_once() {
    let (world, ann) = world().await;
    let who = async |key: &Credentials| {
        let input = sts::GetCallerIdentityRequest::default();
        world.try_ask_as::<sts::ops::GetCallerIdentity>(key, input).await
    };
    assert_eq!(who(&ann).await.unwrap().arn.as_deref(), Some("arn:aws:iam::123456789012:user/ann"));
    let access_key_id = Some(ann.access_key_id.clone());
    let status = |status| iam::UpdateAccessKeyRequest {
        user_name: some("ann"),
        access_key_id: access_key_id.clone(),
        status: Some(status),
    };
    world.ask::<iam::ops::UpdateAccessKey>(status(iam::StatusType::Inactive)).await;
    assert_eq!(who(&ann).await.unwrap_err().code, "InvalidClientTokenId");
    world.ask::<iam::ops::UpdateAccessKey>(status(iam::StatusType::Active)).await;
    who(&ann).await.unwrap();
    let gone = iam::DeleteAccessKeyRequest { user_name: some("ann"), access_key_id };
    world.ask::<iam::ops::DeleteAccessKey>(gone).await;
    assert_eq!(who(&ann).await.unwrap_err().code, "InvalidClientTokenId");
    assert!(who(&administrator()).await.is_ok());
}
