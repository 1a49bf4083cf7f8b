//! A job of a CI system gets into a role by its token, and nobody else does.

use berth_aws_api::{iam, sts};
use serde_json::{Value, json};

use super::issuer;
use super::world::{Refusal, World, some};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

async fn world() -> World {
    let world = World::new().await;
    let provider = iam::CreateOpenIDConnectProviderRequest {
        url: some("https://ci.example"),
        client_id_list: Some(vec!["sts.amazonaws.com".to_owned()]),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateOpenIDConnectProvider>(provider).await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/ci.example"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"ci.example:aud": "sts.amazonaws.com"},
            "StringLike": {"ci.example:sub": "repo:shop/*:ref:refs/heads/main"},
        },
    }]});
    let role = iam::CreateRoleRequest {
        role_name: some("deploy"),
        assume_role_policy_document: Some(trust.to_string()),
        ..Default::default()
    };
    world.ask::<iam::ops::CreateRole>(role).await;
    world
}

fn claims(world: &World) -> Value {
    let now = world.now().as_millis() / 1000;
    json!({"iss": "https://ci.example", "sub": "repo:shop/web:ref:refs/heads/main", "aud": "sts.amazonaws.com",
           "iat": now, "nbf": now, "exp": now + 300})
}

async fn assume(
    world: &World,
    role: &str,
    token: String,
) -> Result<sts::AssumeRoleWithWebIdentityResponse, Refusal> {
    let input = sts::AssumeRoleWithWebIdentityRequest {
        role_arn: some(role),
        role_session_name: some("job-7"),
        web_identity_token: Some(token),
        ..Default::default()
    };
    world.try_ask::<sts::ops::AssumeRoleWithWebIdentity>(input).await
}

#[tokio::test(start_paused = true)]
async fn a_true_token_of_a_trusted_subject_gets_credentials() {
    let world = world().await;
    let answer = assume(&world, ROLE, issuer::token(&claims(&world))).await.unwrap();
    let subject = answer.subject_from_web_identity_token.unwrap();
    assert_eq!(subject, "repo:shop/web:ref:refs/heads/main");
    assert_eq!(answer.audience.unwrap(), "sts.amazonaws.com");
    let arn = answer.assumed_role_user.unwrap().arn.unwrap();
    assert_eq!(arn, "arn:aws:sts::123456789012:assumed-role/deploy/job-7");
    let who = super::sessions::caller(&world, answer.credentials.unwrap()).await.unwrap();
    assert_eq!(who.arn.unwrap(), arn);
}

#[tokio::test(start_paused = true)]
async fn a_token_signed_by_rsa_is_as_good_and_one_that_says_otherwise_is_not() {
    let world = world().await;
    let claims = claims(&world);
    let answer = assume(&world, ROLE, issuer::rsa_token(&claims, "RS256", "2")).await.unwrap();
    let arn = answer.assumed_role_user.unwrap().arn.unwrap();
    assert_eq!(arn, "arn:aws:sts::123456789012:assumed-role/deploy/job-7");
    for (algorithm, id) in [("RS256", "1"), ("ES256", "2"), ("HS256", "2"), ("none", "2")] {
        let token = issuer::rsa_token(&claims, algorithm, id);
        let refusal = assume(&world, ROLE, token).await.expect_err(algorithm);
        assert!(refusal.code.starts_with("InvalidIdentityToken"), "{algorithm}: {refusal:?}");
    }
    let token = issuer::rsa_token(&claims, "RS256", "2");
    let (text, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let tampered = format!("{text}.{other}{}", &signature[1..]);
    let refusal = assume(&world, ROLE, tampered).await.expect_err("tampered");
    assert!(refusal.code.starts_with("InvalidIdentityToken"), "{refusal:?}");
}

#[tokio::test(start_paused = true)]
async fn every_other_token_is_refused() {
    let world = world().await;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&world);
        claims[name] = value;
        issuer::token(&claims)
    };
    let now = world.now().as_millis() / 1000;
    let tampered = {
        let token = with("sub", json!("repo:shop/web:ref:refs/heads/evil"));
        let good = with("sub", json!("repo:shop/web:ref:refs/heads/main"));
        let claims = good.split('.').nth(1).unwrap().to_owned();
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[1] = &claims;
        parts.join(".")
    };
    let two_subjects = {
        let mut claims = claims(&world);
        claims["sub"] = json!("repo:shop/web:ref:refs/heads/evil");
        claims["Sub"] = json!("repo:shop/web:ref:refs/heads/main");
        issuer::token(&claims)
    };
    let cases = [
        ("two subjects", two_subjects, "InvalidIdentityToken", "nothing but case"),
        ("no token", "gibberish".to_owned(), "InvalidIdentityToken", "not a valid JWT"),
        ("tampered", tampered, "InvalidIdentityToken", "signature"),
        ("expired", with("exp", json!(now)), "ExpiredTokenException", "expired"),
        ("not yet", with("nbf", json!(now + 3600)), "InvalidIdentityToken", "not valid yet"),
        ("for others", with("aud", json!("someone")), "InvalidIdentityToken", "audience"),
        (
            "of others",
            with("iss", json!("https://evil.example")),
            "InvalidIdentityToken",
            "evil.example",
        ),
        (
            "another branch",
            with("sub", json!("repo:shop/web:ref:refs/heads/dev")),
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
    ];
    for (case, token, code, words) in cases {
        let refusal = assume(&world, ROLE, token).await.expect_err(case);
        assert!(refusal.code.starts_with(code), "{case}: {refusal:?}");
        assert!(refusal.message.contains(words), "{case}: {refusal:?}");
    }
    let nowhere = "arn:aws:iam::123456789012:role/none";
    let refusal = assume(&world, nowhere, issuer::token(&claims(&world))).await.unwrap_err();
    assert_eq!(refusal.code, "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn a_stranger_with_a_token_is_not_the_account() {
    let world = world().await;
    for (key, value) in [
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:PrincipalArn", "arn:aws:iam::123456789012:root"),
        ("aws:PrincipalType", "Account"),
        ("aws:userid", "123456789012"),
    ] {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/ci.example"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {key: value}},
        }]});
        let update = iam::UpdateAssumeRolePolicyRequest {
            role_name: some("deploy"),
            policy_document: Some(trust.to_string()),
        };
        world.ask::<iam::ops::UpdateAssumeRolePolicy>(update).await;
        let refusal = assume(&world, ROLE, issuer::token(&claims(&world))).await.expect_err(key);
        assert_eq!(refusal.code, "AccessDenied", "{key}");
    }
}
