//! ContinueServiceDeployment: a person's answer to a lifecycle hook that a deployment waits at.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_deployment::{HookAction, answer_hook};

use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ServiceDeployment;

pub async fn continue_service_deployment(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ContinueServiceDeploymentRequest,
) -> Result<api::ContinueServiceDeploymentResponse, Failure<api::Error>> {
    let given = input.service_deployment_arn.unwrap_or_default();
    let wanted = input.hook_id.unwrap_or_default();
    let answer = match input.action {
        None | Some(api::DeploymentLifecycleHookAction::Continue) => HookAction::Continue,
        Some(api::DeploymentLifecycleHookAction::Rollback) => HookAction::Rollback,
        Some(api::DeploymentLifecycleHookAction::Unknown(word)) => {
            let message = format!("action: `{word}` is neither CONTINUE nor ROLLBACK.");
            return Err(api::Error::invalid_parameter(message).into());
        }
    };
    let arn = ecs
        .cell
        .write(move |tx| {
            let (cluster, service, row) =
                resolve::existing_service_deployment(tx, &call.scope, &given)?;
            let mut row = ServiceDeployment::clone(&row);
            let asked = row.progress.stage.as_ref().and_then(|stage| {
                let hook = stage.hooks.iter().find(|hook| render::hook_id(stage, hook) == wanted);
                hook.map(|hook| hook.hook)
            });
            if !asked.is_some_and(|hook| answer_hook(&mut row.progress, hook, answer)) {
                return Err(api::Error::invalid_parameter(format!(
                    "The service deployment does not wait at a lifecycle hook `{wanted}`."
                )));
            }
            row.progress.updated_at = call.now;
            let arn = render::service_deployment_arn(&cluster, &service, &row).to_string();
            tx.put(row);
            Ok::<_, api::Error>(arn)
        })
        .await?;
    Ok(api::ContinueServiceDeploymentResponse { service_deployment_arn: Some(arn) })
}
