//! ListPolicyVersions: the newest first.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::Account;
use crate::{managed, render};

pub async fn list_policy_versions(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListPolicyVersionsRequest,
) -> Result<api::ListPolicyVersionsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let paging = paging("ListPolicyVersions", &arn, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let policy = managed::expect(&view, account, &arn)?;
    let newest_first = policy.versions().into_iter().rev().map(|version| {
        let key = format!("{:010}", u32::MAX - version.0);
        (key, render::policy_version(policy, version))
    });
    let page = paging.cut(newest_first);
    // AWS: the documents are told one at a time.
    let briefly = |version| api::PolicyVersion { document: None, ..version };
    Ok(api::ListPolicyVersionsResponse {
        versions: Some(page.items.into_iter().map(briefly).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
