//! PutResourcePolicy: who may do what with a secret, said by the secret.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, policy};
use crate::service::Secrets;
use crate::tables::Secret;

pub async fn put_resource_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::PutResourcePolicyRequest,
) -> Result<api::PutResourcePolicyResponse, Failure<api::Error>> {
    policy::check_name(input.policy_name.as_deref())?;
    let id = input.secret_id.unwrap_or_default();
    let policy = policy::parse(input.resource_policy)?;
    if input.block_public_policy.unwrap_or(false) && policy::is_public(&policy) {
        return Err(api::Error::public_policy(
            "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to \
             the secret.",
        )
        .into());
    }
    let policy = policy::bound(&secrets, &call, &policy)?;
    let put = move |tx: &mut Transaction| -> Result<Secret, Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        secret.policy = Some(policy);
        tx.put(secret.clone());
        Ok(secret)
    };
    let secret = secrets.cell.write(put).await?;
    Ok(api::PutResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name),
        policy_name: input.policy_name,
    })
}
