//! The role of hosts whose token names none: made when an activation first wants it, as the console of AWS does.
//!
//! It is made when somebody lets hosts in, never at a start. An administrator who deletes it takes it from the
//! hosts that have it, and has it again only by asking for another token without a role.

use anyhow::{Context, Result, bail};
use berth_agent::{CallError, HttpControlPlane, JsonService};
use berth_aws_api::iam;
use serde_json::Value;

/// AWS: the console's name for the role of container instances.
pub const USUAL: &str = "ecsInstanceRole";

/// EC2, so that it serves in an instance profile too; SSM, since hosts join by its activations.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ssm.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;

/// AWS: what the developer guide has for the roles of container instances and of external ones.
const POLICIES: [&str; 2] = [
    "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
];

/// CreateActivation with this role; without one, with the usual role, which is made if there is none.
pub async fn create_activation(
    client: &HttpControlPlane,
    role: Option<&str>,
    mut input: Value,
) -> Result<Value> {
    input["IamRole"] = role.unwrap_or(USUAL).into();
    let create = || client.call_service(JsonService::SSM, "CreateActivation", input.clone());
    let made = match create().await {
        Err(refusal) if role.is_none() && is_missing(&refusal) => {
            let made =
                make(client).await.with_context(|| format!("role {USUAL} could not be made"))?;
            match create().await {
                // Somebody else made it at the same time, unless it is still not to be had.
                Err(refusal) if !made && is_missing(&refusal) => bail!(
                    "role {USUAL} is there and does not trust ssm.amazonaws.com: let its trust policy say so, or name another role (--role)"
                ),
                created => created,
            }
        }
        made => made,
    };
    made.context("CreateActivation failed")
}

/// Before a token is asked for, nobody asks whether the role is there: that would need a permission more.
fn is_missing(refusal: &CallError) -> bool {
    matches!(refusal, CallError::Refused { code, message, .. }
        if code == "ValidationException" && message.starts_with("Nonexistent role"))
}

/// Whether it was not there before.
async fn make(client: &HttpControlPlane) -> Result<bool> {
    let role = iam::CreateRoleRequest {
        role_name: Some(USUAL.to_owned()),
        assume_role_policy_document: Some(TRUST.to_owned()),
        description: Some("Of hosts that joined by a token without a role".to_owned()),
        ..Default::default()
    };
    match client.operate::<iam::ops::CreateRole>(&role).await {
        Err(refusal) if refusal.code() == Some("EntityAlreadyExists") => return Ok(false),
        made => drop(made?),
    }
    for policy in POLICIES {
        let attached = iam::AttachRolePolicyRequest {
            role_name: Some(USUAL.to_owned()),
            policy_arn: Some(policy.to_owned()),
        };
        client.operate::<iam::ops::AttachRolePolicy>(&attached).await?;
    }
    tracing::info!(role = USUAL, "made the role of hosts");
    Ok(true)
}
