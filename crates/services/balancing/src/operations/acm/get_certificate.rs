//! GetCertificate: what clients are shown, as PEM.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::find;
use crate::service::Balancing;

pub async fn get_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::GetCertificateRequest,
) -> Result<api::GetCertificateResponse, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let row = find::certificate(&view, &call.scope, input.certificate_arn.as_deref())?;
    Ok(api::GetCertificateResponse {
        certificate: Some(row.certificate.clone()),
        certificate_chain: row.chain.clone(),
    })
}
