//! CreatePolicyVersion: another text, in force at once or later.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::managed::{self, Managed};
use crate::service::Identity;
use crate::tables::{Account, PolicyVersion};
use crate::{documents, render};

pub async fn create_policy_version(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreatePolicyVersionRequest,
) -> Result<api::CreatePolicyVersionResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let document = documents::managed(input.policy_document)?;
    let as_default = input.set_as_default.unwrap_or_default();
    let made = identity
        .cell
        .write(move |tx| {
            let mut policy = managed::expect_customer(tx, account, &arn)?.clone();
            if policy.versions.len() >= VERSIONS_PER_POLICY {
                return Err(api::Error::limit_exceeded(
                    "A managed policy can have up to 5 versions. Before you create a new version, you \
                     must delete an existing version.",
                ));
            }
            let version = PolicyVersion {
                number: policy.next_version,
                document,
                created_at: call.now,
            };
            policy.next_version += 1;
            policy.updated_at = call.now;
            if as_default {
                policy.default_version = version.number;
            }
            policy.versions.push(version.clone());
            tx.put(policy.clone());
            let version = (version.number, &version.document, version.created_at);
            Ok(render::policy_version(Managed::Customer(&policy), version))
        })
        .await?;
    // AWS: whoever sent the document is not sent it back.
    let made = api::PolicyVersion { document: None, ..made };
    Ok(api::CreatePolicyVersionResponse { policy_version: Some(made) })
}

/// AWS: no account may have more.
pub const VERSIONS_PER_POLICY: usize = 5;
