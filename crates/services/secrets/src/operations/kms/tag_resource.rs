//! TagResource.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use super::tagging;
use crate::service::Secrets;
use crate::tables::Key;

pub async fn tag_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::TagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let tag = |key: &mut Key| {
        key.tags = tagging::add(&key.tags, input.tags)?;
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Lasting, tag).await?;
    Ok(Unit {})
}
