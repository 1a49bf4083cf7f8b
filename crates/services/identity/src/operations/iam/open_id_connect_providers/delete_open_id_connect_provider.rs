//! DeleteOpenIDConnectProvider. AWS: roles that trust it stay.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::open_id_connect;
use crate::service::Identity;
use crate::tables::{Account, OpenIdConnectProvider};

pub async fn delete_open_id_connect_provider(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteOpenIDConnectProviderRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.open_id_connect_provider_arn.unwrap_or_default();
    let url = open_id_connect::url_of(account, &arn)?;
    // AWS: deleting what is not there is no error.
    identity
        .cell
        .write(move |tx| {
            tx.delete::<OpenIdConnectProvider>(&(account, url));
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
