//! SimulatePrincipalPolicy: what the policies of a user, a group or a role would decide, with further ones if wanted.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_iam_policy::{Kind, Principal};

use crate::paging::invalid;
use crate::service::Identity;
use crate::simulation::Source;
use crate::simulation::{self, Asked};
use crate::tables::Account;

pub async fn simulate_principal_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::SimulatePrincipalPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Failure<api::Error>> {
    if input.policy_exclusion_list.is_some_and(|list| !list.is_empty()) {
        return Err(invalid(
            "PolicyExclusionList is not supported by this version of Berth; leave it out.",
        ));
    }
    let account = Account::of(&call.scope);
    let arn = input.policy_source_arn.unwrap_or_default();
    let view = identity.cell.snapshot();
    let source = Source::find(&view, account, &arn)?;
    let (mut policies, mut boundary) = source.policies(&view)?;
    policies.extend(simulation::given(input.policy_input_list, Kind::Identity, "PolicyInputList")?);
    // AWS: a boundary that is given stands in for the one that there is.
    let given = simulation::given(
        input.permissions_boundary_policy_input_list,
        Kind::Identity,
        "PermissionsBoundaryPolicyInputList",
    )?;
    if !given.is_empty() {
        boundary = given;
    }
    let caller = match (input.caller_arn, source.is_user()) {
        (Some(caller), _) => caller,
        (None, false) if input.resource_policy.is_some() => {
            return Err(invalid(
                "CallerArn is needed with a ResourcePolicy, unless the source is a user.",
            ));
        }
        (None, _) => arn,
    };
    let id = source.id();
    let principal = Principal::User { arn: &caller, id: &id, account: account.id };
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
    simulation::run("SimulatePrincipalPolicy", account, principal, &policies, &boundary, asked)
}
