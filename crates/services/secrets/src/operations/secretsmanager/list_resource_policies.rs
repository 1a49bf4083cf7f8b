//! ListResourcePolicies: the name of a secret's policy, if it has one.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::paging::paging;
use crate::secretsmanager::{naming, policy};
use crate::service::Secrets;

const PAGE: i32 = 100;

pub async fn list_resource_policies(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListResourcePoliciesRequest,
) -> Result<api::ListResourcePoliciesResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let secret = naming::find(&view, &call.scope, &input.secret_id.unwrap_or_default())?;
    let size = input.max_results.unwrap_or(PAGE);
    let paging = paging("ListResourcePolicies", &secret.arn(), size, input.next_token)?;
    let names = secret.policy.iter().map(|_| policy::DEFAULT.to_owned());
    let page = paging.cut(names.map(|name| (name.clone(), name)));
    let summary = |name| api::ResourcePolicySummary { policy_name: Some(name) };
    Ok(api::ListResourcePoliciesResponse {
        resource_policies: Some(page.items.into_iter().map(summary).collect()),
        next_token: page.next,
    })
}
