//! GetCallerIdentity: who somebody is here. Nobody can be kept from asking.

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;

pub async fn get_caller_identity(
    _: Arc<Identity>,
    call: Call,
    _: api::GetCallerIdentityRequest,
) -> Result<api::GetCallerIdentityResponse, Failure<api::Error>> {
    Ok(api::GetCallerIdentityResponse {
        user_id: Some(call.user_id()),
        account: Some(call.scope.account.to_string()),
        arn: Some(call.principal_arn()),
    })
}
