//! DescribeTrustStoreAssociations: the balancers that judge clients by it.

use std::collections::BTreeSet;
use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use crate::find;
use crate::paging::paging;
use crate::service::Balancing;
use crate::tables::{ElbId, Listener};

pub async fn describe_trust_store_associations(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTrustStoreAssociationsInput,
) -> Result<api::DescribeTrustStoreAssociationsOutput, Failure<api::Error>> {
    let arn = input.trust_store_arn.unwrap_or_default();
    let paging = paging("DescribeTrustStoreAssociations", &arn, input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let store = find::trust_store(&view, &call.scope, &arn)?;
    let associated = associated(&view, store.id).into_iter();
    let page = paging.cut(associated.map(|arn| (arn.clone(), arn)));
    let shown =
        page.items.into_iter().map(|arn| api::TrustStoreAssociation { resource_arn: Some(arn) });
    Ok(api::DescribeTrustStoreAssociationsOutput {
        trust_store_associations: Some(shown.collect()),
        next_marker: page.next,
    })
}

/// The ARNs of the balancers whose listeners use it.
pub fn associated(view: &impl View, store: ElbId) -> BTreeSet<String> {
    let table = view.table::<Listener>();
    let listeners = table.indexes().by_trust_store.get(&store).filter_map(|id| table.get(id));
    listeners.map(|listener| listener.of.arn()).collect()
}
