//! PutSecretValue: a new version, in force or under other labels.

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

pub async fn put_secret_value(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::PutSecretValueRequest,
) -> Result<api::PutSecretValueResponse, Failure<api::Error>> {
    if input.rotation_token.is_some() {
        return Err(not_supported("RotationToken", "nobody rotates a secret for another").into());
    }
    let id = input.secret_id.unwrap_or_default();
    let labels = input.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
    let value = SecretValue::of(input.secret_string, input.secret_binary)?;
    let new = NewVersion::of(input.client_request_token, value, labels)?;
    let new = new.ok_or_else(|| {
        api::Error::invalid_request("You must provide either SecretString or SecretBinary.")
    })?;
    let service = secrets.clone();
    let version_id = new.token.clone();
    let put = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        versions::put(tx, &service, &mut secret, &new, call.now)?;
        tx.put(secret.clone());
        Ok(secret)
    };
    let secret = secrets.cell.write(put).await?;
    Ok(api::PutSecretValueResponse {
        arn: Some(secret.arn()),
        version_stages: Some(secret.stages.of(&version_id)),
        name: Some(secret.name),
        version_id: Some(version_id),
    })
}
