//! AttachGroupPolicy: a managed policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::attached;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn attach_group_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::AttachGroupPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let (name, arn) = (input.group_name.unwrap_or_default(), input.policy_arn.unwrap_or_default());
    identity.cell.write(move |tx| attached::attach::<Group>(tx, account, &name, &arn)).await?;
    Ok(Unit {})
}
