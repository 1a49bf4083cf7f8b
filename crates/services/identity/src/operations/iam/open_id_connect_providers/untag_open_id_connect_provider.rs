//! UntagOpenIDConnectProvider.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{open_id_connect, tagging};

pub async fn untag_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::UntagOpenIDConnectProviderRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let keys = input.tag_keys.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut provider = open_id_connect::find(tx, account, &arn)?.clone();
            provider.tags = tagging::without(&provider.tags, &keys);
            tx.put(provider);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
