//! ListAttachedGroupPolicies: its managed policies.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::attached;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn list_attached_group_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListAttachedGroupPoliciesRequest,
) -> Result<api::ListAttachedGroupPoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let prefix = input.path_prefix.unwrap_or_default();
    let paging =
        paging("ListAttachedGroupPolicies", &(&name, &prefix), input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let group = entity::find::<Group>(&view, account, &name)?;
    let page = paging.cut(attached::list(&view, account, group, &prefix));
    Ok(api::ListAttachedGroupPoliciesResponse {
        attached_policies: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
