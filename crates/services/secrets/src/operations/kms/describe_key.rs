//! DescribeKey.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::{render, request};
use crate::service::Secrets;

/// AWS: describing one of AWS's own keys by its alias makes it.
pub async fn describe_key(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DescribeKeyRequest,
) -> Result<api::DescribeKeyResponse, Failure<api::Error>> {
    request::no_grants(&input.grant_tokens)?;
    let name = input.key_id.unwrap_or_default();
    let key = request::find_or_make(&secrets, &call.scope, &name).await?;
    Ok(api::DescribeKeyResponse { key_metadata: Some(render::metadata(&key)) })
}
