//! UpdateSecret: its description, its key, and its value as a new version in force.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::naming;
use crate::secretsmanager::refusals::not_supported;
use crate::secretsmanager::value::SecretValue;
use crate::secretsmanager::versions::{self, NewVersion};
use crate::service::Secrets;
use crate::tables::{CURRENT, Secret};

pub async fn update_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UpdateSecretRequest,
) -> Result<api::UpdateSecretResponse, Failure<api::Error>> {
    if input.r#type.as_ref().is_some_and(|of| !of.is_empty()) {
        return Err(not_supported("Type", "no secret is managed by somebody outside").into());
    }
    let id = input.secret_id.unwrap_or_default();
    let value = SecretValue::of(input.secret_string, input.secret_binary)?;
    let new = NewVersion::of(input.client_request_token, value, [CURRENT.to_owned()])?;
    let version_id = new.as_ref().map(|new| new.token.clone());
    let (description, kms_key) = (input.description, input.kms_key_id);
    let service = secrets.clone();
    let update = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        if let Some(description) = description {
            secret.description = Some(description).filter(|text| !text.is_empty());
            secret.changed_at = call.now;
        }
        if let Some(key) = kms_key {
            // AWS: an empty one is the account's own.
            secret.kms_key = Some(key).filter(|key| !key.is_empty());
            secret.changed_at = call.now;
            versions::seal_anew(tx, &service, &secret)?;
        }
        if let Some(new) = &new {
            versions::put(tx, &service, &mut secret, new, call.now)?;
        }
        tx.put(secret.clone());
        Ok(secret)
    };
    let secret = secrets.cell.write(update).await?;
    Ok(api::UpdateSecretResponse { arn: Some(secret.arn()), name: Some(secret.name), version_id })
}
