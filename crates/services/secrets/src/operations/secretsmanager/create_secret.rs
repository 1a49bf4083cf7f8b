//! CreateSecret: a name, and its first version if the request brings one.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::secretsmanager::refusals::not_supported;
use crate::secretsmanager::value::SecretValue;
use crate::secretsmanager::versions::{self, NewVersion};
use crate::secretsmanager::{naming, tagging};
use crate::service::Secrets;
use crate::tables::{CURRENT, Secret, Stages};

pub async fn create_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::CreateSecretRequest,
) -> Result<api::CreateSecretResponse, Failure<api::Error>> {
    refuse_what_is_not_done(&input)?;
    let name = input.name.unwrap_or_default();
    naming::check_name(&name)?;
    let value = SecretValue::of(input.secret_string, input.secret_binary)?;
    let new = NewVersion::of(input.client_request_token, value, [CURRENT.to_owned()])?;
    let secret = Secret {
        suffix: naming::suffix(&secrets.env),
        name,
        description: input.description.filter(|text| !text.is_empty()),
        kms_key: input.kms_key_id.filter(|key| !key.is_empty()),
        tags: tagging::add(&Tags::new(), input.tags)?,
        created_at: call.now,
        changed_at: call.now,
        accessed_on: None,
        deletes_at: None,
        stages: Stages::default(),
        policy: None,
        rotation: None,
        scope: call.scope,
    };
    let version_id = new.as_ref().map(|new| new.token.clone());
    let service = secrets.clone();
    let secret = secrets.cell.write(move |tx| create(tx, &service, secret, new.as_ref())).await?;
    Ok(api::CreateSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name),
        version_id,
        replication_status: None,
    })
}

/// The secret that was made, by this request or by its first sending.
fn create(
    tx: &mut Transaction,
    secrets: &Secrets,
    mut secret: Secret,
    new: Option<&NewVersion>,
) -> Result<Secret, Failure<api::Error>> {
    let key = (secret.scope.clone(), secret.name.clone());
    let existing = tx.get::<Secret>(&key).filter(|existing| existing.deletes_at.is_none());
    if let (Some(existing), Some(new)) = (existing, new)
        && versions::is_made(tx, secrets, existing, &new.token, &new.value)?
    {
        return Ok(existing.clone());
    }
    naming::check_free(tx, &secret.scope, &secret.name)?;
    if let Some(new) = new {
        let now = secret.created_at;
        versions::put(tx, secrets, &mut secret, new, now)?;
    }
    tx.put(secret.clone());
    Ok(secret)
}

fn refuse_what_is_not_done(input: &api::CreateSecretRequest) -> Result<(), api::Error> {
    let one_region = "a secret is kept in one region";
    if input.add_replica_regions.is_some() {
        return Err(not_supported("AddReplicaRegions", one_region));
    }
    if input.force_overwrite_replica_secret == Some(true) {
        return Err(not_supported("ForceOverwriteReplicaSecret", one_region));
    }
    if input.cross_account_primary_arn.is_some() {
        return Err(not_supported("CrossAccountPrimaryARN", "a secret is kept in one account"));
    }
    if input.r#type.as_ref().is_some_and(|of| !of.is_empty()) {
        return Err(not_supported("Type", "no secret is managed by somebody outside"));
    }
    Ok(())
}
