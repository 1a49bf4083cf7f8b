//! PutUserPolicy: an inline policy, in place of the one of its name.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::documents;
use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn put_user_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::PutUserPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    let policy = documents::inline(input.policy_document)?;
    identity
        .cell
        .write(move |tx| inline::put::<User>(tx, account, &name, policy_name, policy))
        .await?;
    Ok(Unit {})
}
