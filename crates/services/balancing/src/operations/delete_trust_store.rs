//! DeleteTrustStore: with its revocation lists, unless a listener uses it.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::{Listener, Revocation, TrustStore};

pub async fn delete_trust_store(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteTrustStoreInput,
) -> Result<api::DeleteTrustStoreOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    let delete = move |tx: &mut Transaction| {
        let id = find::trust_store(tx, &call.scope, &arn)?.id;
        if tx.table::<Listener>().indexes().by_trust_store.contains(&id) {
            return Err(api::Error::trust_store_in_use(format!(
                "Trust store '{arn}' is currently in use by a listener"
            )));
        }
        let revocations: Vec<u64> =
            tx.table::<Revocation>().within(&id).map(|revocation| revocation.id).collect();
        for revocation in revocations {
            tx.delete::<Revocation>(&(id, revocation));
        }
        tx.delete::<TrustStore>(&id);
        Ok(())
    };
    balancing.cell.write(delete).await?;
    Ok(api::DeleteTrustStoreOutput::default())
}
