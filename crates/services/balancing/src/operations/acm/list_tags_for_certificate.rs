//! ListTagsForCertificate: the tags of a certificate.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::{find, tagging};
use crate::service::Balancing;

pub async fn list_tags_for_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ListTagsForCertificateRequest,
) -> Result<api::ListTagsForCertificateResponse, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let row = find::certificate(&view, &call.scope, input.certificate_arn.as_deref())?;
    Ok(api::ListTagsForCertificateResponse { tags: Some(tagging::render(&row.tags)) })
}
