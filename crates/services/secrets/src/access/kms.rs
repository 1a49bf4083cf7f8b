//! What each call of KMS wants: nearly always its key, whose ARN policies know whatever the call names it by.

mod context;
mod words;

use berth_aws_api::kms::ops;
use berth_control::pipeline::access::AccessTable;

use crate::data_key;
use crate::service::Secrets;
use words::*;

pub use context::told as context_told;
/// A key, as the policies see it that are asked about its use by way of another service.
pub use words::resource as key_resource;

pub fn table() -> AccessTable<Secrets> {
    of_keys().and(of_use()).and(of_aliases()).and(of_policies_and_tags())
}

fn rows() -> AccessTable<Secrets> {
    AccessTable::new("kms")
}

fn of_keys() -> AccessTable<Secrets> {
    rows()
        .operation::<ops::CreateKey>(|ask, input| {
            caller(ask);
            tags(ask, &input.tags);
            tagged_new_key(ask, &input.tags);
            new_key(ask);
            bypass(ask, input.bypass_policy_lockout_safety_check);
        })
        .operation::<ops::DescribeKey>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::ListKeys>(|ask, _| caller(ask))
        .operation::<ops::EnableKey>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::DisableKey>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::UpdateKeyDescription>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::ScheduleKeyDeletion>(|ask, input| {
            key(ask, &input.key_id);
            let days = input.pending_window_in_days.map(|days| days.to_string());
            ask.wants.key_if("kms:ScheduleKeyDeletionPendingWindowInDays", days);
        })
        .operation::<ops::CancelKeyDeletion>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::EnableKeyRotation>(|ask, input| {
            key(ask, &input.key_id);
            let days = input.rotation_period_in_days.map(|days| days.to_string());
            ask.wants.key_if("kms:RotationPeriodInDays", days);
        })
        .operation::<ops::DisableKeyRotation>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::GetKeyRotationStatus>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::ListKeyRotations>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::RotateKeyOnDemand>(|ask, input| key(ask, &input.key_id))
        .path(data_key::PATH, data_key::ACTION, |_, _| {})
}

fn of_use() -> AccessTable<Secrets> {
    rows()
        .operation::<ops::Encrypt>(|ask, input| {
            key(ask, &input.key_id);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::Decrypt>(|ask, input| {
            key_of_ciphertext(ask, &input.key_id, &input.ciphertext_blob);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::ReEncrypt>(re_encryption)
        .operation::<ops::GenerateDataKey>(|ask, input| {
            key(ask, &input.key_id);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::GenerateDataKeyWithoutPlaintext>(|ask, input| {
            key(ask, &input.key_id);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::GenerateDataKeyPair>(|ask, input| {
            key(ask, &input.key_id);
            pair(ask, &input.key_pair_spec);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::GenerateDataKeyPairWithoutPlaintext>(|ask, input| {
            key(ask, &input.key_id);
            pair(ask, &input.key_pair_spec);
            context(ask, &input.encryption_context);
        })
        .operation::<ops::GenerateRandom>(|_, _| {})
}

fn of_aliases() -> AccessTable<Secrets> {
    rows()
        .operation::<ops::CreateAlias>(|ask, input| {
            alias(ask, &input.alias_name);
            key(ask, &input.target_key_id);
        })
        .operation::<ops::UpdateAlias>(|ask, input| {
            alias(ask, &input.alias_name);
            key_of_alias(ask, &input.alias_name);
            key(ask, &input.target_key_id);
        })
        .operation::<ops::DeleteAlias>(|ask, input| {
            alias(ask, &input.alias_name);
            key_of_alias(ask, &input.alias_name);
        })
        .operation::<ops::ListAliases>(|ask, _| caller(ask))
}

fn of_policies_and_tags() -> AccessTable<Secrets> {
    rows()
        .operation::<ops::GetKeyPolicy>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::ListKeyPolicies>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::PutKeyPolicy>(|ask, input| {
            key(ask, &input.key_id);
            bypass(ask, input.bypass_policy_lockout_safety_check);
        })
        .operation::<ops::ListResourceTags>(|ask, input| key(ask, &input.key_id))
        .operation::<ops::TagResource>(|ask, input| {
            key(ask, &input.key_id);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagResource>(|ask, input| {
            key(ask, &input.key_id);
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
}
