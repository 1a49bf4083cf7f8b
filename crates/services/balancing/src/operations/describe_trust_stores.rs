//! DescribeTrustStores: all of a region, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::paging::paging;
use crate::service::Balancing;
use crate::tables::TrustStore;
use crate::trust_stores::render;

pub async fn describe_trust_stores(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTrustStoresInput,
) -> Result<api::DescribeTrustStoresOutput, Failure<api::Error>> {
    let arns = input.trust_store_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    let paging = paging("DescribeTrustStores", &(&arns, &names), input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let table = view.table::<TrustStore>();
    let index = &table.indexes().names;
    let mut found: Vec<&TrustStore> = Vec::new();
    for arn in &arns {
        found.push(find::trust_store(&view, &call.scope, arn)?);
    }
    for name in &names {
        let store = index.find(&call.scope, name).and_then(|id| table.get(&id));
        found.push(store.ok_or_else(|| {
            api::Error::trust_store_not_found(format!("Trust store '{name}' not found"))
        })?);
    }
    if arns.is_empty() && names.is_empty() {
        found.extend(index.within(&call.scope).filter_map(|id| table.get(&id)));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by_key(|store| store.id);
    let page = paging.cut(found.into_iter().map(|store| (store.name.clone(), store)));
    let shown = page.items.into_iter().map(|store| render::trust_store(&view, store));
    Ok(api::DescribeTrustStoresOutput {
        trust_stores: Some(shown.collect()),
        next_marker: page.next,
    })
}
