//! RemoveTrustStoreRevocations: all that are named, or none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use super::describe_trust_store_revocations::revocation;
use crate::find;
use crate::service::Balancing;
use crate::tables::Revocation;

pub async fn remove_trust_store_revocations(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RemoveTrustStoreRevocationsInput,
) -> Result<api::RemoveTrustStoreRevocationsOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    let ids = input.revocation_ids.unwrap_or_default();
    let remove = move |tx: &mut Transaction| {
        let store = find::trust_store(tx, &call.scope, &arn)?.id;
        for id in ids {
            let key = revocation(tx, store, id)?.key();
            tx.delete::<Revocation>(&key);
        }
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(remove).await?;
    Ok(api::RemoveTrustStoreRevocationsOutput::default())
}
