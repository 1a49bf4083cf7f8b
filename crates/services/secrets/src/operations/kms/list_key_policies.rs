//! ListKeyPolicies: a key has one policy, of one name.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::{page, policy};
use crate::keys::find;
use crate::service::Secrets;

pub async fn list_key_policies(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListKeyPoliciesRequest,
) -> Result<api::ListKeyPoliciesResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let key = find(&view, &call.scope, &input.key_id.unwrap_or_default())?;
    let paging = page::of("ListKeyPolicies", &key.id, input.limit, input.marker)?;
    let page = paging.cut([(policy::NAME.to_owned(), policy::NAME.to_owned())]);
    Ok(api::ListKeyPoliciesResponse {
        policy_names: Some(page.items),
        truncated: Some(page.next.is_some()),
        next_marker: page.next,
    })
}
