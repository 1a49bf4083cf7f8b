//! ListSigningCertificates: none.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use super::is_somebody;
use crate::service::Identity;

pub async fn list_signing_certificates(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListSigningCertificatesRequest,
) -> Result<api::ListSigningCertificatesResponse, Failure<api::Error>> {
    is_somebody(&identity, &call, input.user_name)?;
    Ok(api::ListSigningCertificatesResponse {
        certificates: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
