//! What each call of Secrets Manager wants: nearly always its secret, whose policy is asked as well.
//!
//! Whoever reads or writes a value under a key that the secret names needs that key as well; the account's own key is open
//! to all who may use its secrets.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Keys, Resource, ResourcePolicy};
use berth_control::tables::View;
use berth_model::Tags;

use super::kms::{context_told, key_resource};
use crate::keys;
use crate::secretsmanager::rotation::rotator;
use crate::secretsmanager::{filters, naming, versions};
use crate::service::Secrets;
use crate::tables::{Secret, Under};

const READ: &str = "secretsmanager:GetSecretValue";
const OPEN: &str = "kms:Decrypt";
const SEAL: &str = "kms:GenerateDataKey";

pub fn table() -> AccessTable<Secrets> {
    AccessTable::new("secretsmanager")
        .and(lifecycle())
        .and(values())
        .and(rotation())
        .and(policies())
}

fn lifecycle() -> AccessTable<Secrets> {
    AccessTable::new("secretsmanager")
        .operation::<ops::CreateSecret>(create)
        .operation::<ops::DeleteSecret>(|ask, input| {
            secret(ask, &input.secret_id);
            let window = input.recovery_window_in_days.map(|days| days.to_string());
            ask.wants.key_if("secretsmanager:RecoveryWindowInDays", window);
            let at_once = input.force_delete_without_recovery;
            ask.wants.key_if("secretsmanager:ForceDeleteWithoutRecovery", at_once);
        })
        .operation::<ops::DescribeSecret>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::ListSecrets>(|_, _| {})
        .operation::<ops::RestoreSecret>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::TagResource>(|ask, input| {
            secret(ask, &input.secret_id);
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::UntagResource>(|ask, input| {
            secret(ask, &input.secret_id);
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
        .operation::<ops::UpdateSecret>(|ask, input| {
            secret(ask, &input.secret_id);
            ask.wants.key_if("secretsmanager:Description", input.description.clone());
            kms_keys(ask, &input.kms_key_id);
            let Some((arn, before)) = named_key(ask, &input.secret_id) else { return };
            let after = input.kms_key_id.clone().or_else(|| before.clone());
            // A key that changes has read what the other one encrypts anew.
            if let Some(key) = before.filter(|_| input.kms_key_id.is_some()) {
                via_secrets(ask, &arn, &key, OPEN);
            }
            if let Some(key) = after.filter(|key| !key.is_empty()) {
                via_secrets(ask, &arn, &key, SEAL);
                via_secrets(ask, &arn, &key, OPEN);
            }
        })
}

fn values() -> AccessTable<Secrets> {
    AccessTable::new("secretsmanager")
        .operation::<ops::BatchGetSecretValue>(batch)
        .operation::<ops::GetRandomPassword>(|_, _| {})
        .operation::<ops::GetSecretValue>(|ask, input| {
            secret(ask, &input.secret_id);
            ask.wants.key_if("secretsmanager:VersionId", input.version_id.clone());
            let stage = input.version_stage.clone();
            // AWS: nothing said is what is in force, to conditions too.
            let stage =
                stage.or_else(|| input.version_id.is_none().then(|| "AWSCURRENT".to_owned()));
            ask.wants.key_if("secretsmanager:VersionStage", stage);
            opening(
                ask,
                &input.secret_id,
                input.version_id.as_deref(),
                input.version_stage.as_deref(),
            );
        })
        .operation::<ops::ListSecretVersionIds>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::PutSecretValue>(|ask, input| {
            secret(ask, &input.secret_id);
            if let Some((arn, Some(key))) = named_key(ask, &input.secret_id) {
                via_secrets(ask, &arn, &key, SEAL);
            }
        })
        .operation::<ops::UpdateSecretVersionStage>(|ask, input| {
            secret(ask, &input.secret_id);
            ask.wants.key_if("secretsmanager:VersionStage", input.version_stage.clone());
        })
}

fn rotation() -> AccessTable<Secrets> {
    AccessTable::new("secretsmanager")
        .operation::<ops::CancelRotateSecret>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::RotateSecret>(rotate)
}

fn policies() -> AccessTable<Secrets> {
    AccessTable::new("secretsmanager")
        .operation::<ops::DeleteResourcePolicy>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::GetResourcePolicy>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::ListResourcePolicies>(|ask, input| secret(ask, &input.secret_id))
        .operation::<ops::PutResourcePolicy>(|ask, input| {
            secret(ask, &input.secret_id);
            let block = input.block_public_policy;
            ask.wants.key_if("secretsmanager:BlockPublicPolicy", block);
        })
        .operation::<ops::ValidateResourcePolicy>(|ask, input| {
            if input.secret_id.is_some() {
                secret(ask, &input.secret_id);
            }
        })
}

fn create(ask: &mut Asking<'_, Secrets>, input: &api::CreateSecretRequest) {
    let name = input.name.clone().unwrap_or_default();
    // Nobody knows the six characters yet. Policies leave them open: `name-??????`.
    let arn = format!("{}-XXXXXX", naming::unknown_arn(&ask.call.scope, &name));
    ask.wants.on(Resource::new(&arn));
    ask.wants.key("secretsmanager:Name", name);
    ask.wants.key_if("secretsmanager:Description", input.description.clone());
    kms_keys(ask, &input.kms_key_id);
    let tags = tags(&input.tags);
    if !tags.is_empty() {
        let mut keys = Keys::new();
        keys.request_tags(tags.clone());
        ask.wants.also("secretsmanager:TagResource", Resource::new(&arn), keys);
        ask.wants.request_tags(tags);
    }
    if let Some(key) = input.kms_key_id.as_ref().filter(|key| !key.is_empty()) {
        via_secrets(ask, &arn, key, SEAL);
        via_secrets(ask, &arn, key, OPEN);
    }
}

/// AWS: whoever has a secret rotated must be allowed to invoke its rotator, whether the call names it or not. Ours is run
/// by RunTask, so it is RunTask that must be allowed, with the roles that it passes.
fn rotate(ask: &mut Asking<'_, Secrets>, input: &api::RotateSecretRequest) {
    secret(ask, &input.secret_id);
    let given = input.rotation_lambda_arn.as_deref().filter(|arn| !arn.is_empty());
    ask.wants.key_if("secretsmanager:RotationLambdaARN", given);
    ask.wants.key("secretsmanager:ModifyRotationRules", input.rotation_rules.is_some());
    ask.wants.key("secretsmanager:RotateImmediately", input.rotate_immediately != Some(false));
    let (view, tasks) = (ask.call.view(&ask.service.cell).clone(), &*ask.service.tasks);
    let kind = match given {
        Some(arn) => rotator(tasks, &ask.call.scope, arn).ok().map(|rotator| rotator.kind),
        None => {
            let id = input.secret_id.as_deref().unwrap_or_default();
            let secret = naming::find(&view, &ask.call.scope, id).ok();
            secret.and_then(|secret| Some(secret.rotation.as_ref()?.rotator.kind.clone()))
        }
    };
    // What is no rotator is nothing that anybody could be allowed: the operation refuses it.
    if let Some(kind) = kind {
        ask.wants.and(tasks.wants(ask.call, &kind));
    }
}

/// DEVIATES: BatchGetSecretValue is denied as a whole if one of its secrets may not be read; AWS lists that one among the
/// answer's errors.
fn batch(ask: &mut Asking<'_, Secrets>, input: &api::BatchGetSecretValueRequest) {
    let view = ask.call.view(&ask.service.cell).clone();
    let ids: Vec<String> = match &input.filters {
        None => input.secret_id_list.clone().unwrap_or_default(),
        Some(wanted) => {
            ask.wants.also("secretsmanager:ListSecrets", Resource::any(), Keys::new());
            let found = view.table::<Secret>().within(&ask.call.scope);
            let found = found.filter(|secret| filters::passes(secret, wanted));
            found.map(|secret| secret.name.clone()).collect()
        }
    };
    for id in ids {
        let keys = Keys::new()
            .with("secretsmanager:SecretId", id.as_str())
            .with("secretsmanager:VersionStage", "AWSCURRENT");
        let resource = resource(ask, &view, &id);
        ask.wants.also(READ, resource, keys);
        opening(ask, &Some(id), None, None);
    }
}

/// The secret that a call is about.
fn secret(ask: &mut Asking<'_, Secrets>, id: &Option<String>) {
    let id = id.as_deref().unwrap_or_default();
    let resource = resource(ask, &ask.call.view(&ask.service.cell).clone(), id);
    ask.wants.on(resource);
    ask.wants.key("secretsmanager:SecretId", id);
}

/// One that is not there is judged by what it was called.
fn resource(ask: &Asking<'_, Secrets>, view: &impl View, id: &str) -> Resource {
    match naming::find(view, &ask.call.scope, id) {
        Ok(secret) => {
            let resource = Resource::new(secret.arn()).tagged(&secret.tags);
            match &secret.policy {
                Some(policy) => {
                    resource.governed_by(ResourcePolicy { text: policy.text(), alone: false })
                }
                None => resource,
            }
        }
        Err(_) => Resource::new(naming::unknown_arn(&ask.call.scope, id)),
    }
}

/// A secret that is there: its ARN, and the key that it names.
fn named_key(ask: &Asking<'_, Secrets>, id: &Option<String>) -> Option<(String, Option<String>)> {
    let (view, id) = (ask.call.view(&ask.service.cell).clone(), id.as_deref().unwrap_or_default());
    let secret = naming::find(&view, &ask.call.scope, id).ok()?;
    Some((secret.arn(), secret.kms_key.clone()))
}

/// The key that a version is under, which need not be what the secret names now.
fn opening(
    ask: &mut Asking<'_, Secrets>,
    id: &Option<String>,
    version: Option<&str>,
    label: Option<&str>,
) {
    let view = ask.call.view(&ask.service.cell).clone();
    let id = id.as_deref().unwrap_or_default();
    let Ok(secret) = naming::find(&view, &ask.call.scope, id) else { return };
    let version = versions::choose(&view, secret, version, label);
    if let Ok(Under::Key(key)) = version.map(|version| version.under) {
        via_secrets(ask, &secret.arn(), &key.to_string(), OPEN);
    }
}

/// The use of a key by way of a secret. One that is not there is nothing that anybody could be allowed: the operation
/// refuses it.
///
/// DEVIATES: by way of a secret, conditions may ask for `kms:EncryptionContext:SecretARN`, not for `SecretVersionId`.
fn via_secrets(ask: &mut Asking<'_, Secrets>, secret_arn: &str, key: &str, action: &'static str) {
    let view = ask.call.view(&ask.service.cell).clone();
    let scope = &ask.call.scope;
    let Ok(key) = keys::find(&view, scope, key) else { return };
    let mut keys = Keys::new()
        .with("kms:CallerAccount", scope.account.to_string())
        .with("kms:ViaService", format!("secretsmanager.{}.amazonaws.com", scope.region));
    for (name, value) in context_told([("SecretARN", secret_arn)]) {
        keys.insert(name, value);
    }
    ask.wants.also(action, key_resource(key), keys);
}

/// The keys of conditions that say which key of KMS a request names.
fn kms_keys(ask: &mut Asking<'_, Secrets>, named: &Option<String>) {
    ask.wants.key_if("secretsmanager:KmsKeyId", named.clone());
    let name = named.as_deref().unwrap_or_default();
    let view = ask.call.view(&ask.service.cell).clone();
    let arn = keys::find(&view, &ask.call.scope, name).ok().map(|key| key.arn());
    ask.wants.key_if("secretsmanager:KmsKeyArn", arn);
}

fn tags(given: &Option<Vec<api::Tag>>) -> Tags {
    let given = given.iter().flatten();
    given
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect()
}
