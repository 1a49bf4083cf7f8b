//! ListGroupPolicies: the names of its inline policies.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::inline;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn list_group_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListGroupPoliciesRequest,
) -> Result<api::ListGroupPoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let paging = paging("ListGroupPolicies", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let page = paging.cut(inline::names(entity::find::<Group>(&view, account, &name)?));
    Ok(api::ListGroupPoliciesResponse {
        policy_names: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
