//! GetContextKeysForCustomPolicy: the keys that policies ask for.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_iam_policy::Kind;

use crate::service::Identity;
use crate::simulation;

pub async fn get_context_keys_for_custom_policy(
    _: Arc<Identity>,
    _: Call,
    input: api::GetContextKeysForCustomPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Failure<api::Error>> {
    let policies = simulation::given(input.policy_input_list, Kind::Identity, "PolicyInputList")?;
    let context_key_names = Some(simulation::context_keys(&policies));
    Ok(api::GetContextKeysForPolicyResponse { context_key_names })
}
