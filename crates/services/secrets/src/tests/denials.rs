//! What a policy denies is denied, whatever the caller calls it: by an encryption context, be it the caller's own or that of
//! a service, by an alias, by tags, and by keys that are for services alone.

use std::collections::BTreeMap;

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use berth_aws_api::{secretsmanager, ssm};
use berth_control::pipeline::access::{KeyValue, Keys, Wanted};
use berth_control::pipeline::{Authorizer, Call, Denied, Question};
use berth_iam_policy::{
    Attached, Context, Document, Kind, Policies, Principal, Request, ResourceSide, Value, Values,
    decide,
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
            KeyValue::One(one) => Values::One(Value::from(&**one)),
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
        let is_allowed = |wanted: &Wanted| {
            let of_resource = wanted.resource.policy();
            let document = of_resource.map(|policy| {
                Document::parse(&policy.text, Kind::Resource).expect("it was checked")
            });
            let policies = Policies {
                identity: &identity,
                resource: of_resource.map(|policy| ResourceSide {
                    owner: call.scope.account,
                    policy: document.as_ref().map(|document| Attached::new("resource", document)),
                    must_allow: policy.alone,
                }),
                ..Policies::default()
            };
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
    World::new().await.denying(&format!(
        r#""Action":"kms:*","Resource":"*","Condition":{{"{operator}":{{"kms:EncryptionContext:{key}":"{value}"}}}}"#
    ))
}

impl World {
    /// To somebody who may do everything else.
    fn denying(self, denied: &str) -> Self {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny",{denied}}}]}}"#
        );
        let document = Document::parse(&policy, Kind::Identity).expect("a policy");
        self.judged_by(Policed(document))
    }
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

fn encrypt(key: &str) -> api::EncryptRequest {
    api::EncryptRequest {
        key_id: some(key),
        plaintext: Some(Bytes::from_static(b"x")),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_alias_wherever_a_call_names_its_key_by_one() {
    let world = World::new().await;
    let (id, alias) = (world.key().await.key_id, "alias/app");
    let input = api::CreateAliasRequest { alias_name: some(alias), target_key_id: id.clone() };
    world.ask::<ops::CreateAlias>(input).await;
    let id = id.expect("it has an id");
    let blob = world.ask::<ops::Encrypt>(encrypt(&id)).await.ciphertext_blob;
    let decrypt = |key: &str| api::DecryptRequest {
        ciphertext_blob: blob.clone(),
        key_id: some(key),
        ..Default::default()
    };
    let over = |from: &str, to: &str| api::ReEncryptRequest {
        ciphertext_blob: blob.clone(),
        source_key_id: some(from),
        destination_key_id: some(to),
        ..Default::default()
    };
    let world = world.denying(
        r#""Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:RequestAlias":"alias/app"}}"#,
    );
    let arn = "arn:aws:kms:us-east-1:123456789012:alias/app";
    for name in [alias, arn] {
        assert_eq!(world.refused::<ops::Decrypt>(decrypt(name)).await.code, DENIED);
        assert_eq!(world.refused::<ops::ReEncrypt>(over(name, &id)).await.code, DENIED);
        assert_eq!(world.refused::<ops::ReEncrypt>(over(&id, name)).await.code, DENIED);
    }
    world.ask::<ops::Decrypt>(decrypt(&id)).await;
    world.ask::<ops::ReEncrypt>(over(&id, &id)).await;
    let mut world = world;
    for condition in [
        r#""Action":"kms:ReEncryptFrom","Condition":{"Bool":{"kms:ReEncryptOnSameKey":"true"}}"#,
        r#""Action":"kms:ReEncryptTo","Condition":{"Bool":{"kms:ReEncryptOnSameKey":"true"}}"#,
        r#""Action":"kms:ReEncryptTo","Condition":{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#,
    ] {
        world = world.denying(&format!(r#""Resource":"*",{condition}"#));
        assert_eq!(world.refused::<ops::ReEncrypt>(over(&id, &id)).await.code, DENIED);
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_keys_and_parameters_are_made_with() {
    let world = World::new()
        .await
        .denying(r#""Action":["kms:TagResource","ssm:AddTagsToResource"],"Resource":"*""#);
    let key = |tags| api::CreateKeyRequest { tags, ..Default::default() };
    world.ask::<ops::CreateKey>(key(None)).await;
    let tag = api::Tag { tag_key: some("team"), tag_value: some("root") };
    assert_eq!(world.refused::<ops::CreateKey>(key(Some(vec![tag]))).await.code, DENIED);
    let parameter = |name: &str, tags| ssm::PutParameterRequest {
        name: some(name),
        value: some("x"),
        r#type: Some(ssm::ParameterType::String),
        tags,
        ..Default::default()
    };
    world.ask::<ssm::ops::PutParameter>(parameter("/a", None)).await;
    let tag = ssm::Tag { key: some("team"), value: some("root") };
    let refusal = world.refused::<ssm::ops::PutParameter>(parameter("/b", Some(vec![tag]))).await;
    assert_eq!(refusal.code, DENIED);
}

#[tokio::test(start_paused = true)]
async fn a_level_however_it_is_written() {
    let world = World::new().await.denying(
        r#""Action":"ssm:GetParametersByPath","Resource":"arn:aws:ssm:us-east-1:123456789012:parameter/prod""#,
    );
    let by_path =
        |path: &str| ssm::GetParametersByPathRequest { path: some(path), ..Default::default() };
    for path in ["/prod", "/prod/", "/prod//"] {
        let refusal = world.refused::<ssm::ops::GetParametersByPath>(by_path(path)).await;
        assert_eq!(refusal.code, DENIED, "{path}");
    }
    world.ask::<ssm::ops::GetParametersByPath>(by_path("/test/")).await;
}

#[tokio::test(start_paused = true)]
async fn keys_of_services_to_whoever_is_not_that_service() {
    let world = World::new().await.denying(r#""Action":"none:None","Resource":"*""#);
    for alias in ["alias/aws/ssm", "alias/aws/secretsmanager"] {
        // Before there is such a key, and when there is.
        assert_eq!(world.refused::<ops::Encrypt>(encrypt(alias)).await.code, DENIED);
        let aliases = world.ask::<ops::ListAliases>(Default::default()).await.aliases;
        assert!(!aliases.unwrap().iter().any(|found| found.alias_name.as_deref() == Some(alias)));
        let describe = api::DescribeKeyRequest { key_id: some(alias), ..Default::default() };
        world.ask::<ops::DescribeKey>(describe).await;
        assert_eq!(world.refused::<ops::Encrypt>(encrypt(alias)).await.code, DENIED);
    }
    let parameter = |name: &str, key: Option<&str>| ssm::PutParameterRequest {
        name: some(name),
        value: some("x"),
        r#type: Some(ssm::ParameterType::SecureString),
        key_id: key.map(str::to_owned),
        ..Default::default()
    };
    let foreign = parameter("/a", Some("alias/aws/secretsmanager"));
    assert_eq!(world.refused::<ssm::ops::PutParameter>(foreign).await.code, DENIED);
    world.ask::<ssm::ops::PutParameter>(parameter("/a", Some("alias/aws/ssm"))).await;
    world.ask::<ssm::ops::PutParameter>(parameter("/b", None)).await;
}
