//! DeleteLoginProfile: nobody has a password.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use super::{is_somebody, no_login_profile};
use crate::service::Identity;

pub async fn delete_login_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteLoginProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let name = input.user_name.clone();
    is_somebody(&identity, &call, input.user_name)?;
    Err(no_login_profile(name).into())
}
