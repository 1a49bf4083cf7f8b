//! UpdateSecretVersionStage: a label moves to another version, or goes.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use crate::secretsmanager::refusals::{invalid, no_such_version};
use crate::secretsmanager::{naming, versions};
use crate::service::Secrets;
use crate::tables::{CURRENT, MOST_LABELS, Secret};

pub async fn update_secret_version_stage(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UpdateSecretVersionStageRequest,
) -> Result<api::UpdateSecretVersionStageResponse, Failure<api::Error>> {
    let update = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let id = input.secret_id.as_deref().unwrap_or_default();
        let mut secret = naming::find_live(tx, &call.scope, id)?.clone();
        let before = secret.stages.clone();
        step(tx, &mut secret, &input)?;
        if secret.stages != before {
            secret.changed_at = call.now;
            tx.put(secret.clone());
        }
        Ok(secret)
    };
    let secret = secrets.cell.write(update).await?;
    Ok(api::UpdateSecretVersionStageResponse { arn: Some(secret.arn()), name: Some(secret.name) })
}

fn step(
    view: &impl View,
    secret: &mut Secret,
    input: &api::UpdateSecretVersionStageRequest,
) -> Result<(), api::Error> {
    let label = input.version_stage.as_deref().unwrap_or_default();
    let (from, to) = (input.remove_from_version_id.as_deref(), input.move_to_version_id.as_deref());
    let is_on = secret.stages.version(label);
    if let Some(from) = from.filter(|from| is_on != Some(*from)) {
        return Err(invalid(format!(
            "The parameter RemoveFromVersionId isn't valid. Staging label {label} isn't currently attached to \
             version {from}."
        )));
    }
    let Some(to) = to else {
        return match from {
            None => Err(invalid(
                "You must provide MoveToVersionId, RemoveFromVersionId, or both of them.",
            )),
            Some(_) if label == CURRENT => Err(invalid(
                "You can only move staging label AWSCURRENT to a different secret version. It can’t be \
                 completely removed.",
            )),
            Some(_) => {
                secret.stages.remove(label);
                Ok(())
            }
        };
    };
    versions::find(view, secret, to).ok_or_else(|| no_such_version(to))?;
    match (is_on, from) {
        (Some(on), _) if on == to => return Ok(()),
        // AWS: whoever moves a label has to know where it is, so that two who move it cannot both be right.
        (Some(on), None) => {
            return Err(invalid(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to \
                 version {on}, so you must explicitly reference that version in RemoveFromVersionId."
            )));
        }
        _ => {}
    }
    if secret.stages.of(to).len() >= MOST_LABELS {
        return Err(versions::too_many_labels());
    }
    secret.stages.shift(label, to);
    Ok(())
}
