//! GetAccessKeyInfo: whose account an access key is of, good or not.
//!
//! DEVIATES: AWS reads the account out of any key's id; here keys are those of this server's one account, or unknown.

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, Failure};

use super::session_input::invalid;
use crate::service::Identity;
use crate::sessions;
use crate::tables::{AccessKey, Account};

pub async fn get_access_key_info(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetAccessKeyInfoRequest,
) -> Result<api::GetAccessKeyInfoResponse, Failure<api::Error>> {
    let id = input.access_key_id.unwrap_or_default();
    let view = identity.cell.snapshot();
    let of_user = view.get::<AccessKey>(&id);
    let is_own = call.principal.access_key_id.as_deref() == Some(id.as_str());
    let account = match of_user {
        Some(key) => key.account,
        // A temporary key leaves nothing behind by which it could be told from one that never was.
        None if is_own || id.starts_with(sessions::TEMPORARY) => Account::of(&call.scope),
        None => return Err(invalid(format!("There is no access key {id}."))),
    };
    Ok(api::GetAccessKeyInfoResponse { account: Some(account.id.to_string()) })
}
