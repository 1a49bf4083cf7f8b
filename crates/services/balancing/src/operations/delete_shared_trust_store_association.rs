//! DeleteSharedTrustStoreAssociation: ends what another account does with a trust store. There is one account at a time here,
//! so nothing is shared, and what is associated is one's own.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use super::describe_trust_store_associations::associated;
use crate::find;
use crate::service::Balancing;

pub async fn delete_shared_trust_store_association(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteSharedTrustStoreAssociationInput,
) -> Result<api::DeleteSharedTrustStoreAssociationOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.trust_store_arn.unwrap_or_default();
    let store = find::trust_store(&view, &call.scope, &arn)?;
    let resource = input.resource_arn.unwrap_or_default();
    if associated(&view, store.id).contains(&resource) {
        return Err(api::Error::delete_association_same_account(format!(
            "The association of '{resource}' is of the same account: modify its listener"
        ))
        .into());
    }
    Err(api::Error::trust_store_association_not_found(format!(
        "The trust store is not associated with '{resource}'"
    ))
    .into())
}
