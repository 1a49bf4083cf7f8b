//! DeleteResourcePolicy: takes a secret's policy away.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, policy};
use crate::service::Secrets;
use crate::tables::Secret;

/// AWS: a secret that has none is left as it is.
pub async fn delete_resource_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DeleteResourcePolicyRequest,
) -> Result<api::DeleteResourcePolicyResponse, Failure<api::Error>> {
    policy::check_name(input.policy_name.as_deref())?;
    let id = input.secret_id.unwrap_or_default();
    let delete = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        secret.policy = None;
        tx.put(secret.clone());
        Ok(secret)
    };
    let secret = secrets.cell.write(delete).await?;
    Ok(api::DeleteResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name),
        policy_name: input.policy_name,
    })
}
