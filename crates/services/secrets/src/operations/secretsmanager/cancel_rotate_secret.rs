//! CancelRotateSecret: no rotation by itself any more, and an end to the one that is under way.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::naming;
use crate::secretsmanager::rotation::runs;
use crate::service::Secrets;
use crate::tables::{RotationRun, Secret};

/// AWS: how to rotate it is remembered, and the labels stay where the rotation has left them.
pub async fn cancel_rotate_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::CancelRotateSecretRequest,
) -> Result<api::CancelRotateSecretResponse, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let cancel = move |tx: &mut Transaction| {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        if let Some(rotation) = &mut secret.rotation {
            rotation.enabled = false;
            rotation.due_at = None;
        }
        let version = runs::under_way(tx, &secret).cloned().map(|run| {
            let version = run.version.clone();
            tx.put(RotationRun { is_cancelled: true, ..run });
            version
        });
        tx.put(secret.clone());
        Ok::<(Secret, Option<String>), Failure<api::Error>>((secret, version))
    };
    let (secret, version_id) = secrets.cell.write(cancel).await?;
    let arn = Some(secret.arn());
    Ok(api::CancelRotateSecretResponse { arn, name: Some(secret.name), version_id })
}
