//! ListPolicies: the account's own, AWS's, or both.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::managed::{self, Managed};
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Policy};
use crate::{entity, render};

pub async fn list_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListPoliciesRequest,
) -> Result<api::ListPoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let scope = input.scope.unwrap_or(api::PolicyScopeType::All);
    let prefix = input.path_prefix.unwrap_or_default();
    let only_attached = input.only_attached.unwrap_or_default();
    let filters = (&scope, &prefix, only_attached, &input.policy_usage_filter);
    let paging = paging("ListPolicies", &filters, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let mut found = Vec::new();
    if scope != api::PolicyScopeType::Aws {
        found.extend(entity::all::<Policy>(&view, account).map(|(_, own)| Managed::Customer(own)));
    }
    if scope != api::PolicyScopeType::Local {
        found.extend(managed::library());
    }
    let is_wanted = |policy: &Managed<'_>| {
        let attachments = || policy.attachments(&view, account) > 0;
        let boundaries = || policy.boundaries(&view, account) > 0;
        let is_used = match input.policy_usage_filter {
            Some(api::PolicyUsageType::PermissionsPolicy) => attachments(),
            Some(api::PolicyUsageType::PermissionsBoundary) => boundaries(),
            _ => !only_attached || attachments() || boundaries(),
        };
        policy.path().starts_with(&prefix) && is_used
    };
    found.retain(is_wanted);
    let mut found: Vec<_> = found.into_iter().map(|policy| (policy.arn(account), policy)).collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let page = paging.cut(found);
    let render = |policy| render::policy_briefly(&view, account, policy);
    Ok(api::ListPoliciesResponse {
        policies: Some(page.items.into_iter().map(render).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
