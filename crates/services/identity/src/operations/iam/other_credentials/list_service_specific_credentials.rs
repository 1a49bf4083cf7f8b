//! ListServiceSpecificCredentials: none, of whichever service.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use super::is_somebody;
use crate::service::Identity;

pub async fn list_service_specific_credentials(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListServiceSpecificCredentialsRequest,
) -> Result<api::ListServiceSpecificCredentialsResponse, Failure<api::Error>> {
    is_somebody(&identity, &call, input.user_name)?;
    Ok(api::ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
