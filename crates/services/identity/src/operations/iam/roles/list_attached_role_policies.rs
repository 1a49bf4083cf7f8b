//! ListAttachedRolePolicies: its managed policies.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::attached;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn list_attached_role_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListAttachedRolePoliciesRequest,
) -> Result<api::ListAttachedRolePoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let prefix = input.path_prefix.unwrap_or_default();
    let paging =
        paging("ListAttachedRolePolicies", &(&name, &prefix), input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let role = entity::find::<Role>(&view, account, &name)?;
    let page = paging.cut(attached::list(&view, account, role, &prefix));
    Ok(api::ListAttachedRolePoliciesResponse {
        attached_policies: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
