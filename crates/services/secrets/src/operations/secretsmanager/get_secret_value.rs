//! GetSecretValue: what is in a secret.

use std::slice;
use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::reading;
use crate::service::Secrets;

pub async fn get_secret_value(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetSecretValueRequest,
) -> Result<api::GetSecretValueResponse, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let (version, label) = (input.version_id.as_deref(), input.version_stage.as_deref());
    let view = secrets.cell.snapshot();
    let read = reading::read(&view, &secrets, &call.scope, &id, version, label)?;
    reading::remember(&secrets, slice::from_ref(&read), call.now).await?;
    let (secret_string, secret_binary) = read.value.render();
    Ok(api::GetSecretValueResponse {
        arn: Some(read.secret.arn()),
        created_date: Some(read.version.created_at),
        version_stages: read.labels(),
        name: Some(read.secret.name),
        version_id: Some(read.version.id),
        secret_string,
        secret_binary,
    })
}
