//! One person whom policies can name, and what becomes of policies that do.

use berth_aws_api::kms::{self, ops};
use berth_aws_api::secretsmanager as sm;
use berth_control::ports::{NamedPrincipals, NoSuchPrincipal};
use berth_model::Scope;

use super::world::{World, some};
use crate::tables::{Key, Secret};

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const NOBODY: &str = "arn:aws:iam::123456789012:user/nobody";
const ID: &str = "AIDAALICE0000000000XX";

/// Alice is there, and nobody else of her account.
pub struct People;

impl NamedPrincipals for People {
    fn bound(&self, _: &Scope, policy: &str) -> Result<String, NoSuchPrincipal> {
        match policy.contains(NOBODY) {
            true => Err(NoSuchPrincipal(NOBODY.to_owned())),
            false => Ok(policy.replace(ALICE, ID)),
        }
    }

    fn written(&self, _: &Scope, policy: &str) -> String {
        policy.replace(ID, ALICE)
    }
}

fn naming(principal: &str) -> Option<String> {
    Some(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"*","Resource":"*"}}]}}"#
    ))
}

#[tokio::test(start_paused = true)]
async fn a_key_s_policy_keeps_ids_and_shows_names() {
    let world = World::new().await;
    let create = |principal| kms::CreateKeyRequest {
        policy: naming(principal),
        bypass_policy_lockout_safety_check: Some(true),
        ..Default::default()
    };
    let made = world.ask::<ops::CreateKey>(create(ALICE)).await.key_metadata.expect("it is shown");
    let get = || kms::GetKeyPolicyRequest { key_id: made.key_id.clone(), policy_name: None };
    let kept = || {
        let view = world.secrets.cell.snapshot();
        let key = view.table::<Key>().iter().next().expect("it is there");
        some(key.policy.as_str())
    };
    assert_eq!(kept(), naming(ID));
    assert_eq!(world.ask::<ops::GetKeyPolicy>(get()).await.policy, naming(ALICE));
    let put = |policy| kms::PutKeyPolicyRequest {
        key_id: made.key_id.clone(),
        policy,
        bypass_policy_lockout_safety_check: Some(true),
        ..Default::default()
    };
    world.ask::<ops::PutKeyPolicy>(put(naming(&ALICE.replace("user/alice", "root")))).await;
    world.ask::<ops::PutKeyPolicy>(put(naming(ALICE))).await;
    assert_eq!(kept(), naming(ID));
    let refusal = world.refused::<ops::PutKeyPolicy>(put(naming(NOBODY))).await;
    assert_eq!(refusal.code, "MalformedPolicyDocumentException");
    let refusal = world.refused::<ops::CreateKey>(create(NOBODY)).await;
    assert!(refusal.message.contains("invalid principals"), "{refusal:?}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_s_policy_keeps_ids_and_shows_names() {
    let world = World::new().await;
    world.secret("db", "one").await;
    let put = |policy| sm::PutResourcePolicyRequest {
        secret_id: some("db"),
        resource_policy: policy,
        ..Default::default()
    };
    world.ask::<sm::ops::PutResourcePolicy>(put(naming(ALICE))).await;
    let view = world.secrets.cell.snapshot();
    let secret = view.table::<Secret>().iter().next().expect("it is there");
    let kept = secret.policy.as_ref().and_then(|policy| some(policy.as_str()));
    assert_eq!(kept, naming(ID));
    let input = sm::GetResourcePolicyRequest { secret_id: some("db"), policy_name: None };
    let shown = world.ask::<sm::ops::GetResourcePolicy>(input).await.resource_policy;
    assert_eq!(shown, naming(ALICE));
    let refusal = world.refused::<sm::ops::PutResourcePolicy>(put(naming(NOBODY))).await;
    assert_eq!(refusal.code, "MalformedPolicyDocumentException");
    let validate =
        sm::ValidateResourcePolicyRequest { resource_policy: naming(NOBODY), ..Default::default() };
    let refusal = world.refused::<sm::ops::ValidateResourcePolicy>(validate).await;
    assert!(refusal.message.contains("unsupported principal"), "{refusal:?}");
}
