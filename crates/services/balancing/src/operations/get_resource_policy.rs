//! GetResourcePolicy: what somebody else shares. Nothing is shared between accounts here, so nothing has such a policy.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;

pub async fn get_resource_policy(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::GetResourcePolicyInput,
) -> Result<api::GetResourcePolicyOutput, Failure<api::Error>> {
    let arn = input.resource_arn.unwrap_or_default();
    find::anything(&balancing.cell.snapshot(), &call.scope, &arn)?;
    let none =
        format!("There is no resource policy for '{arn}': nothing is shared between accounts");
    Err(api::Error::resource_not_found(none).into())
}
