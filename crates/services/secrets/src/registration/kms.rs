//! Which function serves which operation of KMS.

use std::sync::Arc;

use berth_aws_api::kms::ops;
use berth_control::pipeline::{Service, ServiceBuilder};
use http::Method;

use crate::access;
use crate::data_key;
use crate::operations::kms::*;
use crate::rates;
use crate::service::Secrets;

pub fn service(secrets: &Arc<Secrets>) -> Service {
    ServiceBuilder::new(secrets.clone(), access::kms::table())
        .rates(rates::KMS)
        .operation::<ops::CancelKeyDeletion, _, _>(cancel_key_deletion::cancel_key_deletion)
        .operation::<ops::CreateAlias, _, _>(create_alias::create_alias)
        .operation::<ops::CreateKey, _, _>(create_key::create_key)
        .operation::<ops::Decrypt, _, _>(decrypt::decrypt)
        .operation::<ops::DeleteAlias, _, _>(delete_alias::delete_alias)
        .operation::<ops::DescribeKey, _, _>(describe_key::describe_key)
        .operation::<ops::DisableKey, _, _>(disable_key::disable_key)
        .operation::<ops::DisableKeyRotation, _, _>(disable_key_rotation::disable_key_rotation)
        .operation::<ops::EnableKey, _, _>(enable_key::enable_key)
        .operation::<ops::EnableKeyRotation, _, _>(enable_key_rotation::enable_key_rotation)
        .operation::<ops::Encrypt, _, _>(encrypt::encrypt)
        .operation::<ops::GenerateDataKey, _, _>(generate_data_key::generate_data_key)
        .operation::<ops::GenerateDataKeyPair, _, _>(generate_data_key_pair::generate_data_key_pair)
        .operation::<ops::GenerateDataKeyPairWithoutPlaintext, _, _>(
            generate_data_key_pair_without_plaintext::generate_data_key_pair_without_plaintext,
        )
        .operation::<ops::GenerateDataKeyWithoutPlaintext, _, _>(
            generate_data_key_without_plaintext::generate_data_key_without_plaintext,
        )
        .operation::<ops::GenerateRandom, _, _>(generate_random::generate_random)
        .operation::<ops::GetKeyPolicy, _, _>(get_key_policy::get_key_policy)
        .operation::<ops::GetKeyRotationStatus, _, _>(
            get_key_rotation_status::get_key_rotation_status,
        )
        .operation::<ops::ListAliases, _, _>(list_aliases::list_aliases)
        .operation::<ops::ListKeyPolicies, _, _>(list_key_policies::list_key_policies)
        .operation::<ops::ListKeyRotations, _, _>(list_key_rotations::list_key_rotations)
        .operation::<ops::ListKeys, _, _>(list_keys::list_keys)
        .operation::<ops::ListResourceTags, _, _>(list_resource_tags::list_resource_tags)
        .operation::<ops::PutKeyPolicy, _, _>(put_key_policy::put_key_policy)
        .operation::<ops::ReEncrypt, _, _>(re_encrypt::re_encrypt)
        .operation::<ops::RotateKeyOnDemand, _, _>(rotate_key_on_demand::rotate_key_on_demand)
        .operation::<ops::ScheduleKeyDeletion, _, _>(schedule_key_deletion::schedule_key_deletion)
        .operation::<ops::TagResource, _, _>(tag_resource::tag_resource)
        .operation::<ops::UntagResource, _, _>(untag_resource::untag_resource)
        .operation::<ops::UpdateAlias, _, _>(update_alias::update_alias)
        .operation::<ops::UpdateKeyDescription, _, _>(
            update_key_description::update_key_description,
        )
        .signed_route(Method::POST, data_key::PATH, data_key::rotate)
        .into()
}
