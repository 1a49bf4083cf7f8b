//! CreatePolicy: a managed policy of the account, in its first version.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::managed::Managed;
use crate::service::Identity;
use crate::tables::{Account, Policy, PolicyVersion};
use crate::{documents, entity, render, tagging};

pub async fn create_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreatePolicyRequest,
) -> Result<api::CreatePolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.policy_name.unwrap_or_default();
    let document = documents::managed(input.policy_document)?;
    let tags = tagging::new(input.tags)?;
    let policy = Policy {
        about: entity::about::<Policy>(&identity.env, account, name, input.path, tags, call.now),
        description: input.description,
        versions: vec![PolicyVersion { number: 1, document, created_at: call.now }],
        default_version: 1,
        next_version: 2,
        updated_at: call.now,
    };
    let made = identity
        .cell
        .write(move |tx| {
            entity::create(tx, policy.clone())?;
            Ok::<_, api::Error>(render::policy(tx, account, Managed::Customer(&policy)))
        })
        .await?;
    Ok(api::CreatePolicyResponse { policy: Some(made) })
}
