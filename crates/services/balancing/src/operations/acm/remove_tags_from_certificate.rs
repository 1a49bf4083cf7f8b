//! RemoveTagsFromCertificate: AWS: with a value, only the tag that has it.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::tagging;
use crate::service::Balancing;

pub async fn remove_tags_from_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RemoveTagsFromCertificateRequest,
) -> Result<Unit, Failure<api::Error>> {
    let change = move |tx: &mut Transaction| {
        let arn = input.certificate_arn.as_deref();
        tagging::change(tx, &call.scope, arn, |tags| {
            let mut tags = tags.clone();
            for api::Tag { key, value } in input.tags.iter().flatten() {
                let key = key.as_deref().unwrap_or_default();
                if value.is_none() || value.as_deref() == tags.get(key).map(String::as_str) {
                    tags.remove(key);
                }
            }
            Ok(tags)
        })
    };
    balancing.cell.write(change).await?;
    Ok(Unit {})
}
