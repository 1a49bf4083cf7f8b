//! AddTagsToCertificate: a key that is there already gets its new value.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::tagging;
use crate::service::Balancing;

pub async fn add_tags_to_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::AddTagsToCertificateRequest,
) -> Result<Unit, Failure<api::Error>> {
    let change = move |tx: &mut Transaction| {
        let arn = input.certificate_arn.as_deref();
        tagging::change(tx, &call.scope, arn, |tags| tagging::add(tags, input.tags))
    };
    balancing.cell.write(change).await?;
    Ok(Unit {})
}
