//! RotateSecret: says how a secret is rotated, and begins a rotation. Nobody waits for its end.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::refusals::{not_supported, token_in_use};
use crate::secretsmanager::rotation::runs::{self, RunIds};
use crate::secretsmanager::{naming, rotation, versions};
use crate::service::Secrets;
use crate::tables::{RotationRules, Rotator, Secret, SecretRotation};

pub async fn rotate_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::RotateSecretRequest,
) -> Result<api::RotateSecretResponse, Failure<api::Error>> {
    refuse_what_is_not_done(&input)?;
    let given = input.rotation_lambda_arn.filter(|arn| !arn.is_empty());
    let rotator = given.map(|arn| rotation::rotator(&*secrets.tasks, &call.scope, &arn));
    let rotator = rotator.transpose()?;
    let rules = input.rotation_rules.map(RotationRules::read).transpose()?;
    let at_once = input.rotate_immediately.unwrap_or(true);
    let id = input.secret_id.unwrap_or_default();
    let token = input.client_request_token;
    let mut ids = RunIds::new(&secrets.env);
    if let Some(token) = &token {
        ids.version.clone_from(token);
    }
    let service = secrets.clone();
    let rotate = move |tx: &mut Transaction| -> Result<(Secret, String), Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        if token.as_deref().is_some_and(|token| runs::is_of(&secret, token)) {
            return Ok((secret, ids.version));
        }
        if runs::under_way(tx, &secret).is_some() || runs::pending(&secret).is_some() {
            return Err(runs::not_ended().into());
        }
        if versions::find(tx, &secret, &ids.version).is_some() {
            return Err(token_in_use(&ids.version, &secret).into());
        }
        let rotation = set_up(secret.rotation.take(), rotator, rules, call.now)?;
        secret.rotation = Some(rotation);
        let version = ids.version.clone();
        match at_once {
            true => runs::begin(tx, &mut secret, ids, call.now),
            false => runs::begin_trial(tx, &service, &mut secret, ids, call.now)?,
        }
        tx.put(secret.clone());
        Ok((secret, version))
    };
    let (secret, version) = secrets.cell.write(rotate).await?;
    Ok(api::RotateSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name),
        version_id: Some(version),
    })
}

/// What was said before holds for what is not said now.
fn set_up(
    before: Option<SecretRotation>,
    rotator: Option<Rotator>,
    rules: Option<RotationRules>,
    now: berth_model::Timestamp,
) -> Result<SecretRotation, api::Error> {
    let known = before.as_ref().map(|before| before.rotator.clone());
    let rotator = rotator.or(known).ok_or_else(|| {
        api::Error::invalid_request(
            "No Lambda rotation function ARN is associated with this secret.",
        )
    })?;
    let ruled_at = match (&rules, &before) {
        (None, Some(before)) => before.ruled_at,
        _ => now,
    };
    let mut rotation = SecretRotation {
        rotator,
        rules: rules.or_else(|| before.as_ref()?.rules.clone()),
        enabled: true,
        ruled_at,
        rotated_at: before.and_then(|before| before.rotated_at),
        due_at: None,
    };
    rotation.due_at = rotation::next_due(&rotation, now);
    Ok(rotation)
}

fn refuse_what_is_not_done(input: &api::RotateSecretRequest) -> Result<(), api::Error> {
    let why = "no secret is managed by somebody outside";
    if input.external_secret_rotation_metadata.is_some() {
        return Err(not_supported("ExternalSecretRotationMetadata", why));
    }
    if input.external_secret_rotation_role_arn.is_some() {
        return Err(not_supported("ExternalSecretRotationRoleArn", why));
    }
    Ok(())
}
