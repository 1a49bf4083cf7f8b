//! ListMFADevices: none.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use super::is_somebody;
use crate::service::Identity;

pub async fn list_mfa_devices(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListMFADevicesRequest,
) -> Result<api::ListMFADevicesResponse, Failure<api::Error>> {
    is_somebody(&identity, &call, input.user_name)?;
    Ok(api::ListMFADevicesResponse {
        mfa_devices: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
