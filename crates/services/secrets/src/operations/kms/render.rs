//! A key as KMS shows it.

use berth_aws_api::kms as api;

use crate::tables::{Alias, Key, KeyState, Made, Manager, Material};

pub fn metadata(key: &Key) -> api::KeyMetadata {
    let (deletion_date, key_state) = match key.state {
        KeyState::Enabled => (None, api::KeyState::Enabled),
        KeyState::Disabled => (None, api::KeyState::Disabled),
        KeyState::PendingDeletion { at, .. } => (Some(at), api::KeyState::PendingDeletion),
    };
    api::KeyMetadata {
        aws_account_id: Some(key.scope.account.to_string()),
        key_id: Some(key.id.to_string()),
        arn: Some(key.arn()),
        creation_date: Some(key.created_at),
        enabled: Some(key.state == KeyState::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(api::KeyUsageType::EncryptDecrypt),
        key_state: Some(key_state),
        deletion_date,
        origin: Some(api::OriginType::AwsKms),
        key_manager: Some(match key.manager {
            Manager::Customer => api::KeyManagerType::Customer,
            Manager::Aws => api::KeyManagerType::Aws,
        }),
        customer_master_key_spec: Some(api::CustomerMasterKeySpec::SymmetricDefault),
        key_spec: Some(api::KeySpec::SymmetricDefault),
        encryption_algorithms: Some(vec![api::EncryptionAlgorithmSpec::SymmetricDefault]),
        multi_region: Some(false),
        current_key_material_id: Some(key.material_id(key.current().number)),
        ..Default::default()
    }
}

pub fn alias(alias: &Alias) -> api::AliasListEntry {
    api::AliasListEntry {
        alias_name: Some(alias.name.clone()),
        alias_arn: Some(Alias::arn(&alias.scope, &alias.name)),
        target_key_id: Some(alias.target.to_string()),
        creation_date: Some(alias.created_at),
        last_updated_date: Some(alias.updated_at),
    }
}

pub fn rotation(key: &Key, material: &Material) -> api::RotationsListEntry {
    let is_current = material.number == key.current().number;
    api::RotationsListEntry {
        key_id: Some(key.id.to_string()),
        key_material_id: Some(key.material_id(material.number)),
        key_material_state: Some(match is_current {
            true => api::KeyMaterialState::Current,
            false => api::KeyMaterialState::NonCurrent,
        }),
        rotation_date: (material.made != Made::WithTheKey).then_some(material.made_at),
        rotation_type: match material.made {
            Made::WithTheKey => None,
            Made::OnSchedule => Some(api::RotationType::Automatic),
            Made::OnDemand => Some(api::RotationType::OnDemand),
        },
        ..Default::default()
    }
}
