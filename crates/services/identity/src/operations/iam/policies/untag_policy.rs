//! UntagPolicy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{managed, tagging};

pub async fn untag_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::UntagPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let (arn, keys) = (input.policy_arn.unwrap_or_default(), input.tag_keys.unwrap_or_default());
    identity
        .cell
        .write(move |tx| {
            let mut policy = managed::expect_customer(tx, account, &arn)?.clone();
            policy.about.tags = tagging::without(&policy.about.tags, &keys);
            tx.put(policy);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}
