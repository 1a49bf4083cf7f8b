//! DescribeTrustStoreRevocations: all of a trust store, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use crate::find;
use crate::paging::paging;
use crate::service::Balancing;
use crate::tables::{ElbId, Revocation};

pub async fn describe_trust_store_revocations(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTrustStoreRevocationsInput,
) -> Result<api::DescribeTrustStoreRevocationsOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    let ids = input.revocation_ids.unwrap_or_default();
    let bound = (&arn, &ids);
    let paging = paging("DescribeTrustStoreRevocations", &bound, input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let store = find::trust_store(&view, &call.scope, &arn)?;
    let mut found: Vec<&Revocation> = Vec::new();
    for id in &ids {
        found.push(revocation(&view, store.id, *id)?);
    }
    if ids.is_empty() {
        found.extend(view.table::<Revocation>().within(&store.id));
    }
    found.sort_by_key(|revocation| revocation.id);
    found.dedup_by_key(|revocation| revocation.id);
    let page = paging.cut(found.into_iter().map(|found| (format!("{:020}", found.id), found)));
    let shown = page.items.into_iter().map(|found| api::DescribeTrustStoreRevocation {
        trust_store_arn: Some(arn.clone()),
        revocation_id: i64::try_from(found.id).ok(),
        revocation_type: Some(api::RevocationType::Crl),
        number_of_revoked_entries: i64::try_from(found.entries).ok(),
    });
    Ok(api::DescribeTrustStoreRevocationsOutput {
        trust_store_revocations: Some(shown.collect()),
        next_marker: page.next,
    })
}

/// A list by its number.
pub fn revocation(view: &impl View, store: ElbId, id: i64) -> Result<&Revocation, api::Error> {
    let number = u64::try_from(id).ok();
    let found = number.and_then(|id| view.get::<Revocation>(&(store, id)));
    found.ok_or_else(|| {
        api::Error::revocation_id_not_found(format!("The revocation ID '{id}' does not exist"))
    })
}
