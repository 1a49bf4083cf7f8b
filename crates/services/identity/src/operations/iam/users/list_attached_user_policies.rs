//! ListAttachedUserPolicies: its managed policies.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::attached;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn list_attached_user_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListAttachedUserPoliciesRequest,
) -> Result<api::ListAttachedUserPoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let prefix = input.path_prefix.unwrap_or_default();
    let paging =
        paging("ListAttachedUserPolicies", &(&name, &prefix), input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let user = entity::find::<User>(&view, account, &name)?;
    let page = paging.cut(attached::list(&view, account, user, &prefix));
    Ok(api::ListAttachedUserPoliciesResponse {
        attached_policies: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
