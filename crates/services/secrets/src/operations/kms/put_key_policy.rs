//! PutKeyPolicy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::policy;
use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::Key;

pub async fn put_key_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::PutKeyPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    policy::check_name(&input.policy_name)?;
    let bypass = input.bypass_policy_lockout_safety_check == Some(true);
    let policy = policy::checked(&secrets, &call, &input.policy.unwrap_or_default(), bypass)?;
    let put = |key: &mut Key| {
        key.policy = policy;
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Nothing, put).await?;
    Ok(Unit {})
}
