//! RestoreSecret: takes back the mark of deletion.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::naming;
use crate::service::Secrets;
use crate::tables::Secret;

/// AWS: one that is not marked is left as it is.
pub async fn restore_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::RestoreSecretRequest,
) -> Result<api::RestoreSecretResponse, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let restore = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let secret = naming::find(tx, &call.scope, &id)?.clone();
        let restored = Secret { deletes_at: None, ..secret };
        tx.put(restored.clone());
        Ok(restored)
    };
    let secret = secrets.cell.write(restore).await?;
    Ok(api::RestoreSecretResponse { arn: Some(secret.arn()), name: Some(secret.name) })
}
