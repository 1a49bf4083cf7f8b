//! GetTrustStoreCaCertificatesBundle: what is in a trust store.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::trust_stores::render;

pub async fn get_trust_store_ca_certificates_bundle(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::GetTrustStoreCaCertificatesBundleInput,
) -> Result<api::GetTrustStoreCaCertificatesBundleOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.trust_store_arn.unwrap_or_default();
    let store = find::trust_store(&view, &call.scope, &arn)?;
    let location = render::location(&store.authorities);
    Ok(api::GetTrustStoreCaCertificatesBundleOutput { location: Some(location) })
}
