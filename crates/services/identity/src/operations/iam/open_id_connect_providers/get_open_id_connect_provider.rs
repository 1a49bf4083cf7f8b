//! GetOpenIDConnectProvider.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{open_id_connect, tagging};

pub async fn get_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetOpenIDConnectProviderRequest,
) -> Result<api::GetOpenIDConnectProviderResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let view = identity.cell.snapshot();
    let provider = open_id_connect::find(&view, account, &arn)?;
    Ok(api::GetOpenIDConnectProviderResponse {
        url: Some(provider.url.clone()),
        client_id_list: Some(provider.client_ids.iter().cloned().collect()),
        thumbprint_list: Some(provider.thumbprints.clone()),
        create_date: Some(provider.created_at),
        tags: tagging::render(&provider.tags),
    })
}
