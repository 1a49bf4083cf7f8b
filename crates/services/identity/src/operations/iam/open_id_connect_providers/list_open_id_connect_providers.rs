//! ListOpenIDConnectProviders.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, OpenIdConnectProvider};

pub async fn list_open_id_connect_providers(
    identity: Arc<Identity>,
    call: Call,
    _: api::ListOpenIDConnectProvidersRequest,
) -> Result<api::ListOpenIDConnectProvidersResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let providers = view.table::<OpenIdConnectProvider>().within(&account);
    let entry = |provider: &OpenIdConnectProvider| api::OpenIDConnectProviderListEntry {
        arn: Some(provider.arn()),
    };
    Ok(api::ListOpenIDConnectProvidersResponse {
        open_id_connect_provider_list: Some(providers.map(entry).collect()),
    })
}
