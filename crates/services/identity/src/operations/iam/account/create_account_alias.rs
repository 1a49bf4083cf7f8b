//! CreateAccountAlias: in place of the one that there is.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::invalid;
use crate::service::Identity;
use crate::tables::{Account, AccountAlias};

pub async fn create_account_alias(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateAccountAliasRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let alias = input.account_alias.unwrap_or_default();
    if !is_alias(&alias) {
        return Err(invalid(
            "The specified value for accountAlias is invalid. It must contain only digits, lowercase letters, and \
             hyphens (-), but cannot begin or end with a hyphen, have two of them in a row, or be 12 digits.",
        ));
    }
    identity
        .cell
        .write(move |tx| {
            let taken = tx.table::<AccountAlias>().indexes().by_alias.contains(&alias);
            if taken {
                let message = format!("The account alias {alias} already exists.");
                return Err(api::Error::entity_already_exists(message));
            }
            tx.put(AccountAlias { account, alias });
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

/// The model's validation has checked the length.
fn is_alias(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && !is_account
}
