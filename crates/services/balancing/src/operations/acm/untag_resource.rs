//! UntagResource: tags by their keys.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::tagging;
use crate::service::Balancing;

pub async fn untag_resource(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::UntagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let change = move |tx: &mut Transaction| {
        let arn = input.resource_arn.as_deref();
        tagging::change(tx, &call.scope, arn, |tags| {
            let mut tags = tags.clone();
            for key in input.tag_keys.iter().flatten() {
                tags.remove(key);
            }
            Ok(tags)
        })
    };
    balancing.cell.write(change).await?;
    Ok(Unit {})
}
