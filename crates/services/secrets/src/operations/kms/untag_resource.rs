//! UntagResource: keys that are not there do no harm.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::Key;

pub async fn untag_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UntagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let untag = move |key: &mut Key| {
        for name in input.tag_keys.iter().flatten() {
            key.tags.remove(name);
        }
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Lasting, untag).await?;
    Ok(Unit {})
}
