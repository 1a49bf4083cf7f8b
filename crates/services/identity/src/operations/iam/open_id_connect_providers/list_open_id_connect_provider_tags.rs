//! ListOpenIDConnectProviderTags.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::Account;
use crate::{open_id_connect, tagging};

pub async fn list_open_id_connect_provider_tags(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListOpenIDConnectProviderTagsRequest,
) -> Result<api::ListOpenIDConnectProviderTagsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let paging = paging("ListOpenIDConnectProviderTags", &arn, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let provider = open_id_connect::find(&view, account, &arn)?;
    let page = paging.cut(tagging::listed(&provider.tags));
    Ok(api::ListOpenIDConnectProviderTagsResponse {
        tags: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
