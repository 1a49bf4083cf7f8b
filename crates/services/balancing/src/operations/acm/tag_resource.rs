//! TagResource: what AddTagsToCertificate does, by the newer name.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::tagging;
use crate::service::Balancing;

pub async fn tag_resource(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::TagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let change = move |tx: &mut Transaction| {
        let arn = input.resource_arn.as_deref();
        tagging::change(tx, &call.scope, arn, |tags| tagging::add(tags, input.tags))
    };
    balancing.cell.write(change).await?;
    Ok(Unit {})
}
