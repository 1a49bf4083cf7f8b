//! ListVirtualMFADevices: none, assigned or not.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;

pub async fn list_virtual_mfa_devices(
    _: Arc<Identity>,
    _: Call,
    _: api::ListVirtualMFADevicesRequest,
) -> Result<api::ListVirtualMFADevicesResponse, Failure<api::Error>> {
    Ok(api::ListVirtualMFADevicesResponse {
        virtual_mfa_devices: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
