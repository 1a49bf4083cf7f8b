//! DeleteAccountAlias.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, AccountAlias};

pub async fn delete_account_alias(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteAccountAliasRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let alias = input.account_alias.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            if tx.get::<AccountAlias>(&account).is_none_or(|found| found.alias != alias) {
                let message = format!("The account alias {alias} cannot be found.");
                return Err(api::Error::no_such_entity(message));
            }
            tx.delete::<AccountAlias>(&account);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}
