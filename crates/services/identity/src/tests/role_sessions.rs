//! Roles for what services run: who is let in, and that what is given is good.

use std::time::Duration;

use berth_aws_api::iam::{self as api, ops};
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::authenticate::CredentialSource;
use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions};
use berth_model::{Scope, Tags, Timestamp};

use super::world::{World, some, trusting};
use crate::credentials::TemporaryKeys;

const ROLE: &str = "arn:aws:iam::123456789012:role/web";

fn scope() -> Scope {
    Scope {
        partition: berth_model::Partition::Aws,
        account: "123456789012".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

fn asking<'a>(scope: &'a Scope, role: &'a str, region: &str, now: Timestamp) -> RoleRequest<'a> {
    RoleRequest {
        scope,
        role,
        session_name: "task",
        service: "ecs-tasks.amazonaws.com",
        source_arn: Some(format!("arn:aws:ecs:{region}:123456789012:*")),
        duration: Duration::from_secs(60),
        tags: Tags::new(),
        now,
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_is_lent_to_the_service_that_it_trusts() {
    let world = World::new().await;
    world.role("web").await;
    let (scope, now) = (scope(), world.now());
    for role in [ROLE, "web"] {
        let request = asking(&scope, role, "us-east-1", now);
        world.identity.check(&request).unwrap();
        let given = world.identity.assume(request).unwrap();
        assert_eq!(
            (given.role_arn.as_str(), given.expires_at),
            (ROLE, now + Duration::from_secs(60))
        );
        let debug = format!("{given:?}");
        assert!(!debug.contains(&given.secret_access_key) && !debug.contains(&given.session_token));
        let keys = TemporaryKeys::of(&world.identity);
        let found =
            keys.find(&given.access_key_id, Some(&given.session_token)).await.unwrap().unwrap();
        let PrincipalKind::Session(session) = found.holder else { panic!("not a session") };
        assert_eq!(session.name, "task");
    }
    let missing = asking(&scope, "other", "us-east-1", now);
    let refusal = RoleRefusal::NoSuchRole("other".to_owned());
    assert_eq!(world.identity.check(&missing), Err(refusal.clone()));
    assert_eq!(world.identity.assume(missing), Err(refusal));
}

#[tokio::test(start_paused = true)]
async fn a_name_alone_means_no_role_of_another_case_or_path() {
    let world = World::new().await;
    world.role("Admin").await;
    let hidden = api::CreateRoleRequest {
        role_name: some("Boss"),
        path: some("/prod/"),
        assume_role_policy_document: trusting(r#"{"Service":"ecs-tasks.amazonaws.com"}"#),
        ..Default::default()
    };
    world.ask::<ops::CreateRole>(hidden).await;
    let (scope, now) = (scope(), world.now());
    // What a caller may pass is judged as `role/` and the name: it must not become a role that is denied.
    for evasion in ["admin", "ADMIN", "Boss", "x/Admin", "PROD/Boss", "prod/boss"] {
        let refusal = RoleRefusal::NoSuchRole(evasion.to_owned());
        let request = asking(&scope, evasion, "us-east-1", now);
        assert_eq!(world.identity.check(&request), Err(refusal), "{evasion}");
    }
    for (named, arn) in [("Admin", "role/Admin"), ("prod/Boss", "role/prod/Boss")] {
        let given = world.identity.assume(asking(&scope, named, "us-east-1", now)).unwrap();
        assert_eq!(given.role_arn, format!("arn:aws:iam::123456789012:{arn}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_trust_policy_says_for_which_service_and_for_what() {
    let world = World::new().await;
    world.role("web").await;
    let (scope, now) = (scope(), world.now());
    let trust = async |document: Option<String>| {
        let input = api::UpdateAssumeRolePolicyRequest {
            role_name: some("web"),
            policy_document: document,
        };
        world.ask::<ops::UpdateAssumeRolePolicy>(input).await;
    };
    let refusal =
        RoleRefusal::NotTrusted { role: ROLE.to_owned(), service: "ecs-tasks.amazonaws.com" };
    trust(trusting(r#"{"Service":"ec2.amazonaws.com"}"#)).await;
    let refused = world.identity.check(&asking(&scope, ROLE, "us-east-1", now));
    assert_eq!(refused, Err(refusal.clone()));
    trust(some(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:eu-west-1:123456789012:*"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}"#,
    ))
    .await;
    world.identity.check(&asking(&scope, ROLE, "eu-west-1", now)).unwrap();
    assert_eq!(world.identity.check(&asking(&scope, ROLE, "us-east-1", now)), Err(refusal));
}
