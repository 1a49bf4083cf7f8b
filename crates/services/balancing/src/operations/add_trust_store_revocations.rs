//! AddTrustStoreRevocations: lists of revoked certificates, each with a number of its own.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::Revocation;
use crate::trust_stores::objects::{self, Object};
use crate::trust_stores::revocations;

pub async fn add_trust_store_revocations(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::AddTrustStoreRevocationsInput,
) -> Result<api::AddTrustStoreRevocationsOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    find::trust_store(call.view(&balancing.cell), &call.scope, &arn)?;
    let mut lists = Vec::new();
    for content in input.revocation_contents.unwrap_or_default() {
        let object = Object {
            bucket: content.s3_bucket,
            key: content.s3_key,
            version: content.s3_object_version,
        };
        let found = objects::read(&balancing, &object, revocations::invalid).await?;
        let missing = || objects::missing("revocation file", &object);
        let text = found.ok_or_else(|| api::Error::revocation_content_not_found(missing()))?;
        lists.push((revocations::count(&text)?, text));
    }
    if lists.is_empty() {
        return Err(api::Error::validation("Revocation contents must be specified").into());
    }
    let most = balancing.limits.revocation_entries;
    let add = move |tx: &mut Transaction| {
        let mut store = find::trust_store(tx, &call.scope, &arn)?.clone();
        let mut shown = Vec::new();
        for (entries, content) in lists {
            let id = store.next_revocation;
            store.next_revocation += 1;
            tx.put(Revocation { store: store.id, id, content, entries });
            shown.push(api::TrustStoreRevocation {
                trust_store_arn: Some(arn.clone()),
                revocation_id: i64::try_from(id).ok(),
                revocation_type: Some(api::RevocationType::Crl),
                number_of_revoked_entries: i64::try_from(entries).ok(),
            });
        }
        let all = tx.table::<Revocation>().within(&store.id);
        if all.map(|revocation| revocation.entries).sum::<u64>() > most {
            return Err(api::Error::too_many_trust_store_revocation_entries(format!(
                "The maximum number of revoked entries per trust store, '{most}', has been exceeded"
            )));
        }
        tx.put(store);
        Ok(shown)
    };
    let shown = balancing.cell.write(add).await?;
    Ok(api::AddTrustStoreRevocationsOutput { trust_store_revocations: Some(shown) })
}
