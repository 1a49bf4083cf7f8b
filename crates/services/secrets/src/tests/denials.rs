//! What a policy denies by an encryption context is denied, whether the context is the caller's own or that of a service.

use std::collections::BTreeMap;

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use berth_aws_api::{secretsmanager, ssm};
use berth_control::pipeline::access::{KeyValue, Keys, Wanted};
use berth_control::pipeline::{Authorizer, Call, Denied, Question};
use berth_iam_policy::{
    Attached, Context, Document, Kind, Policies, Principal, Request, Value, Values, decide,
};
use bytes::Bytes;

use super::world::{World, some};

/// A caller with one policy.
struct Policed(Document);

/// The keys of the services' tables alone.
struct Told<'a>(&'a Keys);

impl Context for Told<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        Some(match self.0.get(key)? {
            KeyValue::One(one) => Values::One(Value::from(one.as_str())),
            KeyValue::Many(many) => {
                Values::Many(many.iter().map(|one| Value::from(one.as_str())).collect())
            }
        })
    }
}

impl Authorizer for Policed {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied> {
        let arn = "arn:aws:iam::123456789012:user/ann";
        let principal = Principal::User { arn, id: "AIDA", account: call.scope.account };
        let identity = [Attached::new("own", &self.0)];
        let policies = Policies { identity: &identity, ..Policies::default() };
        let is_allowed = |wanted: &Wanted| {
            let request = Request {
                principal,
                action: &wanted.action,
                resource: Some(wanted.resource.arn()),
                context: &Told(&wanted.keys),
            };
            decide(&policies, &request).is_allowed()
        };
        match question.wants().questions().iter().all(is_allowed) {
            true => Ok(()),
            false => Err(Denied("by the policy".to_owned())),
        }
    }
}

/// Everything is allowed, but not the use of keys where this condition holds.
async fn denied_where(operator: &str, key: &str, value: &str) -> World {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"kms:*","Resource":"*",
              "Condition":{{"{operator}":{{"kms:EncryptionContext:{key}":"{value}"}}}}}}]}}"#
    );
    let document = Document::parse(&policy, Kind::Identity).expect("a policy");
    World::new().await.judged_by(Policed(document))
}

fn context(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    Some(pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

const DENIED: &str = "AccessDeniedException";

#[tokio::test(start_paused = true)]
async fn a_pair_of_the_callers_own() {
    let world = denied_where("StringEquals", "App", "bank").await;
    let key = world.key().await.key_id;
    let encrypt = |pairs| api::EncryptRequest {
        key_id: key.clone(),
        plaintext: Some(Bytes::from_static(b"x")),
        encryption_context: context(pairs),
        ..Default::default()
    };
    let blob = world.ask::<ops::Encrypt>(encrypt(&[("app", "shop")])).await.ciphertext_blob;
    for pairs in [&[("app", "bank")][..], &[("APP", "shop"), ("app", "bank")]] {
        assert_eq!(world.refused::<ops::Encrypt>(encrypt(pairs)).await.code, DENIED);
    }
    let over = |pairs| api::ReEncryptRequest {
        ciphertext_blob: blob.clone(),
        source_encryption_context: context(&[("app", "shop")]),
        destination_key_id: key.clone(),
        destination_encryption_context: context(pairs),
        ..Default::default()
    };
    world.ask::<ops::ReEncrypt>(over(&[("app", "shelf")])).await;
    let refusal = world.refused::<ops::ReEncrypt>(over(&[("app", "bank")])).await;
    assert_eq!(refusal.code, DENIED);
}

#[tokio::test(start_paused = true)]
async fn the_arn_of_a_secret() {
    let world = denied_where("StringLike", "SecretARN", "*:secret:prod/*").await;
    let key = world.key().await.key_id;
    let secret = |name: &str| secretsmanager::CreateSecretRequest {
        kms_key_id: key.clone(),
        ..super::secretsmanager::text(name, 1, "x")
    };
    world.ask::<secretsmanager::ops::CreateSecret>(secret("test/db")).await;
    let refusal = world.refused::<secretsmanager::ops::CreateSecret>(secret("prod/db")).await;
    assert_eq!(refusal.code, DENIED);
    world.value("test/db").await;
}

#[tokio::test(start_paused = true)]
async fn the_arn_of_a_parameter() {
    let world = denied_where("StringLike", "PARAMETER_ARN", "*:parameter/prod/*").await;
    let key = world.key().await.key_id;
    let parameter = |name: &str| ssm::PutParameterRequest {
        name: some(name),
        value: some("x"),
        r#type: Some(ssm::ParameterType::SecureString),
        key_id: key.clone(),
        ..Default::default()
    };
    world.ask::<ssm::ops::PutParameter>(parameter("/test/db")).await;
    let refusal = world.refused::<ssm::ops::PutParameter>(parameter("/prod/db")).await;
    assert_eq!(refusal.code, DENIED);
}
