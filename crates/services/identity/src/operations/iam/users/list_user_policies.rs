//! ListUserPolicies: the names of its inline policies.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::inline;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn list_user_policies(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListUserPoliciesRequest,
) -> Result<api::ListUserPoliciesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let paging = paging("ListUserPolicies", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let page = paging.cut(inline::names(entity::find::<User>(&view, account, &name)?));
    Ok(api::ListUserPoliciesResponse {
        policy_names: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
