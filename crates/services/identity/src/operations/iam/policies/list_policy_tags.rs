//! ListPolicyTags.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::managed::{self, Managed};
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::Account;
use crate::tagging;

pub async fn list_policy_tags(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListPolicyTagsRequest,
) -> Result<api::ListPolicyTagsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let paging = paging("ListPolicyTags", &arn, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let tags = match managed::expect(&view, account, &arn)? {
        Managed::Customer(policy) => policy.about.tags.clone(),
        Managed::Aws(_) => Default::default(),
    };
    let page = paging.cut(tagging::listed(&tags));
    Ok(api::ListPolicyTagsResponse {
        tags: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
