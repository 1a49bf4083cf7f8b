//! GetContextKeysForPrincipalPolicy: the keys that the policies of a user, a group or a role ask for.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_iam_policy::Kind;

use crate::service::Identity;
use crate::simulation;
use crate::simulation::Source;
use crate::tables::Account;

pub async fn get_context_keys_for_principal_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetContextKeysForPrincipalPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Failure<api::Error>> {
    let view = identity.cell.snapshot();
    let arn = input.policy_source_arn.unwrap_or_default();
    let source = Source::find(&view, Account::of(&call.scope), &arn)?;
    let (mut policies, boundary) = source.policies(&view)?;
    policies.extend(boundary);
    policies.extend(simulation::given(input.policy_input_list, Kind::Identity, "PolicyInputList")?);
    let context_key_names = Some(simulation::context_keys(&policies));
    Ok(api::GetContextKeysForPolicyResponse { context_key_names })
}
