//! TagOpenIDConnectProvider.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{open_id_connect, tagging};

pub async fn tag_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::TagOpenIDConnectProviderRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let tags = input.tags;
    identity
        .cell
        .write(move |tx| {
            let mut provider = open_id_connect::find(tx, account, &arn)?.clone();
            provider.tags = tagging::add(&provider.tags, tags)?;
            tx.put(provider);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
