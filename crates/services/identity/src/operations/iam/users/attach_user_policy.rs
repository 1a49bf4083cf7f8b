//! AttachUserPolicy: a managed policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::attached;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn attach_user_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::AttachUserPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let (name, arn) = (input.user_name.unwrap_or_default(), input.policy_arn.unwrap_or_default());
    identity.cell.write(move |tx| attached::attach::<User>(tx, account, &name, &arn)).await?;
    Ok(Unit {})
}
