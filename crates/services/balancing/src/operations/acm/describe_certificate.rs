//! DescribeCertificate: all that there is to say of one, but its key.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::{find, render};
use crate::service::Balancing;

pub async fn describe_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeCertificateRequest,
) -> Result<api::DescribeCertificateResponse, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let row = find::certificate(&view, &call.scope, input.certificate_arn.as_deref())?;
    let certificate = Some(render::detail(&view, row, call.now)?);
    Ok(api::DescribeCertificateResponse { certificate })
}
