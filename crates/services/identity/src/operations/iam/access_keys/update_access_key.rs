//! UpdateAccessKey: active or inactive.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::invalid;
use crate::service::Identity;
use crate::tables::{AccessKey, Account};
use crate::{access_keys, caller};

pub async fn update_access_key(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateAccessKeyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = caller::user_name(&call, input.user_name)?;
    let id = input.access_key_id.unwrap_or_default();
    let is_active = match input.status {
        Some(api::StatusType::Active) => true,
        Some(api::StatusType::Inactive) => false,
        // AWS: only its own keys expire.
        _ => return Err(invalid("A key can be made Active or Inactive.")),
    };
    identity
        .cell
        .write(move |tx| {
            let mut key = access_keys::of_user(tx, account, &name, &id)?.clone();
            key.is_active = is_active;
            tx.put::<AccessKey>(key);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
