//! DescribeSecret: all of a secret but its values.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, render};
use crate::service::Secrets;

pub async fn describe_secret(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DescribeSecretRequest,
) -> Result<api::DescribeSecretResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let id = input.secret_id.unwrap_or_default();
    Ok(render::described(naming::find(&view, &call.scope, &id)?))
}
