//! SimulateCustomPolicy: what the policies of the request would decide.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_iam_policy::{Kind, Principal};

use crate::paging::invalid;
use crate::service::Identity;
use crate::simulation::{self, Asked};
use crate::tables::Account;

pub async fn simulate_custom_policy(
    _: Arc<Identity>,
    call: Call,
    input: api::SimulateCustomPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Failure<api::Error>> {
    if input.ordered_organization_policy_input_list.is_some_and(|list| !list.is_empty()) {
        return Err(invalid(
            "OrderedOrganizationPolicyInputList: there are no organisations here.",
        ));
    }
    if input.resource_policy.is_some() && input.caller_arn.is_none() {
        return Err(invalid("CallerArn is needed with a ResourcePolicy."));
    }
    let account = Account::of(&call.scope);
    let identity = simulation::given(input.policy_input_list, Kind::Identity, "PolicyInputList")?;
    let boundary = simulation::given(
        input.permissions_boundary_policy_input_list,
        Kind::Identity,
        "PermissionsBoundaryPolicyInputList",
    )?;
    let arn = input.caller_arn.unwrap_or_else(|| account.arn("user/nobody"));
    let principal = Principal::User { arn: &arn, id: "", account: account.id };
    let asked = Asked {
        actions: input.action_names.unwrap_or_default(),
        resources: input.resource_arns.unwrap_or_else(|| vec!["*".to_owned()]),
        context: input.context_entries.unwrap_or_default(),
        resource_policy: input.resource_policy,
        resource_owner: input.resource_owner,
        handling: input.resource_handling_option,
        max_items: input.max_items,
        marker: input.marker,
    };
    simulation::run("SimulateCustomPolicy", account, principal, &identity, &boundary, asked)
}
