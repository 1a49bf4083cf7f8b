//! ModifyTrustStore: other authorities in place of those that there were.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::create_trust_store::read;
use crate::find;
use crate::service::Balancing;
use crate::trust_stores::objects::Object;
use crate::trust_stores::{authorities, render};

pub async fn modify_trust_store(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyTrustStoreInput,
) -> Result<api::ModifyTrustStoreOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    find::trust_store(call.view(&balancing.cell), &call.scope, &arn)?;
    let object = Object {
        bucket: input.ca_certificates_bundle_s3_bucket,
        key: input.ca_certificates_bundle_s3_key,
        version: input.ca_certificates_bundle_s3_object_version,
    };
    let authorities = read(&balancing, &object).await?;
    let count = authorities::check(&authorities)?;
    let modify = move |tx: &mut Transaction| {
        let mut store = find::trust_store(tx, &call.scope, &arn)?.clone();
        (store.authorities, store.count) = (authorities, count);
        let shown = render::trust_store(tx, &store);
        tx.put(store);
        Ok::<_, api::Error>(shown)
    };
    let shown = balancing.cell.write(modify).await?;
    Ok(api::ModifyTrustStoreOutput { trust_stores: Some(vec![shown]) })
}
