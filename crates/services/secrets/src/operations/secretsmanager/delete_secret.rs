//! DeleteSecret: marks a secret, which is gone for good when its time has passed; or deletes it at once.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use crate::secretsmanager::refusals::invalid;
use crate::secretsmanager::{naming, versions};
use crate::service::Secrets;
use crate::tables::Secret;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// AWS: as long as nothing is said.
const WINDOW: i64 = 30;

pub async fn delete_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DeleteSecretRequest,
) -> Result<api::DeleteSecretResponse, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let at_once = input.force_delete_without_recovery.unwrap_or(false);
    if at_once && input.recovery_window_in_days.is_some() {
        return Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )
        .into());
    }
    let days = input.recovery_window_in_days.unwrap_or(WINDOW);
    let window =
        u32::try_from(days).ok().filter(|days| (7..=30).contains(days)).ok_or_else(|| {
            invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
        })?;
    let deletion_date = match at_once {
        true => call.now,
        false => call.now + DAY * window,
    };
    let delete = move |tx: &mut Transaction| match at_once {
        true => forget(tx, &call, &id),
        false => mark(tx, &call, &id, deletion_date),
    };
    let (arn, name) = secrets.cell.write(delete).await?;
    Ok(api::DeleteSecretResponse {
        arn: Some(arn),
        name: Some(name),
        deletion_date: Some(deletion_date),
    })
}

type Deleted = Result<(String, String), Failure<api::Error>>;

fn mark(tx: &mut Transaction, call: &Call, id: &str, at: Timestamp) -> Deleted {
    let mut secret = naming::find(tx, &call.scope, id)?.clone();
    if secret.deletes_at.is_some() {
        return Err(api::Error::invalid_request(
            "You can't perform this operation on the secret because it was already scheduled for deletion.",
        )
        .into());
    }
    secret.deletes_at = Some(at);
    tx.put(secret.clone());
    Ok((secret.arn(), secret.name))
}

/// AWS: whoever wants it gone at once is content if it is not there.
fn forget(tx: &mut Transaction, call: &Call, id: &str) -> Deleted {
    let found: Result<Secret, _> = naming::find(tx, &call.scope, id).cloned();
    match found {
        Ok(secret) => {
            versions::forget(tx, &secret);
            Ok((secret.arn(), secret.name))
        }
        Err(Failure::Service { error: api::Error::ResourceNotFoundException(_), .. }) => {
            let name = id.rsplit(':').next().unwrap_or(id).to_owned();
            Ok((naming::unknown_arn(&call.scope, id), name))
        }
        Err(refusal) => Err(refusal),
    }
}
