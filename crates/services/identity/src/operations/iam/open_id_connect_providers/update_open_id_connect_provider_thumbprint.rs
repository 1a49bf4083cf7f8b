//! UpdateOpenIDConnectProviderThumbprint: all of them anew.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::open_id_connect;
use crate::service::Identity;
use crate::tables::Account;

pub async fn update_open_id_connect_provider_thumbprint(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let thumbprints = open_id_connect::thumbprints(input.thumbprint_list)?;
    identity
        .cell
        .write(move |tx| {
            let mut provider = open_id_connect::find(tx, account, &arn)?.clone();
            provider.thumbprints = thumbprints;
            tx.put(provider);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
