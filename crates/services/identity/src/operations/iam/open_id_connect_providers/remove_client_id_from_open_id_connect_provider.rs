//! RemoveClientIDFromOpenIDConnectProvider: removing one that is not there changes nothing.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::open_id_connect;
use crate::service::Identity;
use crate::tables::Account;

pub async fn remove_client_id_from_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let client_id = input.client_id.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut provider = open_id_connect::find(tx, account, &arn)?.clone();
            provider.client_ids.remove(&client_id);
            tx.put(provider);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
