//! Records as the API shows them. Values are not shown here.

use std::collections::BTreeMap;

use berth_aws_api::secretsmanager as api;
use berth_model::Scope;

use super::{rotation, tagging};
use crate::tables::{RotationRules, Secret, SecretVersion, Under};

/// AWS: the name of the account's own key among those of a version.
const DEFAULT_KEY: &str = "DefaultEncryptionKey";

pub fn described(secret: &Secret) -> api::DescribeSecretResponse {
    let rotation = secret.rotation.as_ref();
    api::DescribeSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name.clone()),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key.clone(),
        created_date: Some(secret.created_at),
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletes_at,
        tags: tagging::render(&secret.tags),
        version_ids_to_stages: stages(secret),
        rotation_enabled: rotation.map(|rotation| rotation.enabled),
        rotation_lambda_arn: rotation.map(|rotation| rotation.rotator.arn.clone()),
        rotation_rules: rotation
            .and_then(|rotation| rotation.rules.as_ref())
            .map(RotationRules::render),
        last_rotated_date: rotation.and_then(|rotation| rotation.rotated_at),
        next_rotation_date: rotation::next_date(secret),
        ..Default::default()
    }
}

pub fn listed(secret: &Secret) -> api::SecretListEntry {
    let rotation = secret.rotation.as_ref();
    api::SecretListEntry {
        arn: Some(secret.arn()),
        name: Some(secret.name.clone()),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key.clone(),
        created_date: Some(secret.created_at),
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletes_at,
        tags: tagging::render(&secret.tags),
        secret_versions_to_stages: stages(secret),
        rotation_enabled: rotation.map(|rotation| rotation.enabled),
        rotation_lambda_arn: rotation.map(|rotation| rotation.rotator.arn.clone()),
        rotation_rules: rotation
            .and_then(|rotation| rotation.rules.as_ref())
            .map(RotationRules::render),
        last_rotated_date: rotation.and_then(|rotation| rotation.rotated_at),
        next_rotation_date: rotation::next_date(secret),
        ..Default::default()
    }
}

/// AWS: left out for a secret without any version.
fn stages(secret: &Secret) -> Option<BTreeMap<String, Vec<String>>> {
    Some(secret.stages.by_version()).filter(|versions| !versions.is_empty())
}

pub fn version(secret: &Secret, version: &SecretVersion) -> api::SecretVersionsListEntry {
    let key = match version.under {
        Under::Default(_) => DEFAULT_KEY.to_owned(),
        Under::Key(id) => {
            let Scope { partition, account, region } = &version.scope;
            format!("arn:{partition}:kms:{region}:{account}:key/{id}")
        }
    };
    let labels = secret.stages.of(&version.id);
    api::SecretVersionsListEntry {
        created_date: Some(version.created_at),
        kms_key_ids: Some(vec![key]),
        last_accessed_date: version.accessed_on,
        version_id: Some(version.id.clone()),
        version_stages: Some(labels).filter(|labels| !labels.is_empty()),
    }
}
