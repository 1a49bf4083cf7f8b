//! DeleteAccessKey: it stops working at once.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{AccessKey, Account, LastUse};
use crate::{access_keys, caller};

pub async fn delete_access_key(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteAccessKeyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = caller::user_name(&call, input.user_name)?;
    let id = input.access_key_id.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            access_keys::of_user(tx, account, &name, &id)?;
            tx.delete::<AccessKey>(&id);
            tx.delete::<LastUse>(&id);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
