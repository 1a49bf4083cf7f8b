//! GetTrustStoreRevocationContent: what is in a list of revoked certificates.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use super::describe_trust_store_revocations::revocation;
use crate::find;
use crate::service::Balancing;
use crate::trust_stores::render;

pub async fn get_trust_store_revocation_content(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::GetTrustStoreRevocationContentInput,
) -> Result<api::GetTrustStoreRevocationContentOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.trust_store_arn.unwrap_or_default();
    let store = find::trust_store(&view, &call.scope, &arn)?;
    let list = revocation(&view, store.id, input.revocation_id.unwrap_or_default())?;
    let location = render::location(&list.content);
    Ok(api::GetTrustStoreRevocationContentOutput { location: Some(location) })
}
