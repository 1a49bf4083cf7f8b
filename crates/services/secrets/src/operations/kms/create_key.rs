//! CreateKey: a symmetric key whose material is made here.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::invalid;
use super::{policy, render, tagging};
use crate::keys::{default_policy, new_key};
use crate::service::Secrets;
use crate::tables::Manager;

/// DEVIATES: keys are symmetric, encrypt and decrypt, belong to one region, and their material is made and kept here:
/// asymmetric and HMAC keys, multi-region keys, imported material and custom key stores are refused.
pub async fn create_key(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::CreateKeyRequest,
) -> Result<api::CreateKeyResponse, Failure<api::Error>> {
    supported(&input)?;
    let scope = call.scope.clone();
    let bypass = input.bypass_policy_lockout_safety_check == Some(true);
    let policy = match input.policy {
        Some(text) => policy::checked(&secrets, &call, &text, bypass)?,
        None => default_policy(&scope),
    };
    let key = new_key(
        &secrets.vault,
        &secrets.env,
        scope,
        Manager::Customer,
        input.description.unwrap_or_default(),
        policy,
        tagging::new(input.tags)?,
    );
    let key_metadata = Some(render::metadata(&key));
    secrets
        .cell
        .write(move |tx| {
            tx.put(key);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::CreateKeyResponse { key_metadata })
}

fn supported(input: &api::CreateKeyRequest) -> Result<(), Failure<api::Error>> {
    let unsupported = |what: &str| Err(api::Error::unsupported_operation(what).into());
    let spec = match (&input.key_spec, &input.customer_master_key_spec) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                 deprecated.",
            ));
        }
        (Some(spec), None) => spec.as_str(),
        (None, Some(spec)) => spec.as_str(),
        (None, None) => api::KeySpec::SymmetricDefault.as_str(),
    };
    if spec != api::KeySpec::SymmetricDefault.as_str() {
        return unsupported(&format!(
            "KeySpec {spec} is not supported: keys are SYMMETRIC_DEFAULT."
        ));
    }
    match &input.key_usage {
        None | Some(api::KeyUsageType::EncryptDecrypt) => {}
        Some(usage) => {
            return Err(invalid(format!(
                "KeyUsage {} is not compatible with KeySpec SYMMETRIC_DEFAULT",
                usage.as_str()
            )));
        }
    }
    match &input.origin {
        None | Some(api::OriginType::AwsKms) => {}
        Some(origin) => {
            return unsupported(&format!(
                "Origin {} is not supported: AWS_KMS is.",
                origin.as_str()
            ));
        }
    }
    if input.multi_region == Some(true) {
        return unsupported("MultiRegion keys are not supported.");
    }
    if let Some(id) = &input.custom_key_store_id {
        return Err(api::Error::custom_key_store_not_found(format!(
            "There is no custom key store {id}: they are not supported."
        ))
        .into());
    }
    match &input.xks_key_id {
        Some(_) => unsupported("XksKeyId is not supported: there are no external key stores."),
        None => Ok(()),
    }
}
