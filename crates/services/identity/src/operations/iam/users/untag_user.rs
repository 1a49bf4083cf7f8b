//! UntagUser.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity::tags;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn untag_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::UntagUserRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let keys = input.tag_keys.unwrap_or_default();
    identity.cell.write(move |tx| tags::remove::<User>(tx, account, &name, &keys)).await?;
    Ok(Unit {})
}
