//! ListKeys: AWS's own and the account's, whatever state they are in.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::page;
use crate::service::Secrets;
use crate::tables::Key;

pub async fn list_keys(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListKeysRequest,
) -> Result<api::ListKeysResponse, Failure<api::Error>> {
    // Nobody shares a key: there is no Resource Access Manager.
    let own = input
        .resource_owners
        .as_ref()
        .is_none_or(|owners| owners.contains(&api::ResourceOwnerType::Self_));
    let paging = page::of("ListKeys", &own, input.limit, input.marker)?;
    let view = secrets.cell.snapshot();
    let keys = view.table::<Key>().within(&call.scope).filter(|_| own);
    let page = paging.cut(keys.map(|key| {
        let entry =
            api::KeyListEntry { key_id: Some(key.id.to_string()), key_arn: Some(key.arn()) };
        (key.id.to_string(), entry)
    }));
    Ok(api::ListKeysResponse {
        keys: Some(page.items),
        truncated: Some(page.next.is_some()),
        next_marker: page.next,
    })
}
