//! CreateOpenIDConnectProvider: whose tokens may become sessions.
//!
//! DEVIATES: nobody asks the provider for its certificate; thumbprints are kept as they are given.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::service::Identity;
use crate::tables::{Account, OpenIdConnectProvider};
use crate::{open_id_connect, tagging};

pub async fn create_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateOpenIDConnectProviderRequest,
) -> Result<api::CreateOpenIDConnectProviderResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let tags = tagging::new(input.tags)?;
    let provider = OpenIdConnectProvider {
        account,
        url: open_id_connect::url(&input.url.unwrap_or_default())?,
        client_ids: open_id_connect::client_ids(input.client_id_list)?,
        thumbprints: open_id_connect::thumbprints(input.thumbprint_list)?,
        created_at: call.now,
        tags,
    };
    let (arn, shown) = (provider.arn(), tagging::render(&provider.tags));
    identity
        .cell
        .write(move |tx| {
            if tx.get::<OpenIdConnectProvider>(&provider.key()).is_some() {
                let message = format!("Provider with url https://{} already exists.", provider.url);
                return Err(api::Error::entity_already_exists(message));
            }
            open_id_connect::room_for_one(tx, account)?;
            tx.put(provider);
            Ok(())
        })
        .await?;
    Ok(api::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(arn),
        tags: shown,
    })
}
