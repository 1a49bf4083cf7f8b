//! What may rotate a secret: a task of a task definition, in a cluster.

use berth_aws_api::secretsmanager as api;
use berth_control::ports::{TaskKind, TaskRuns};
use berth_model::Scope;

use crate::secretsmanager::refusals::invalid;
use crate::tables::Rotator;

/// Where tasks run if nothing else is said, as with RunTask.
const CLUSTER: &str = "default";

/// DEVIATES: `RotationLambdaARN` is the ARN of a task definition, with or without its revision, and may name a cluster
/// behind it (`…:task-definition/rotator:3?cluster=jobs`). A family without a revision is the one that is its latest when
/// RotateSecret is called: what is registered later runs only after another call.
pub fn rotator(tasks: &dyn TaskRuns, scope: &Scope, arn: &str) -> Result<Rotator, api::Error> {
    let Scope { partition, account, region } = scope;
    let (definition, cluster) = arn.split_once("?cluster=").unwrap_or((arn, CLUSTER));
    let home = format!("arn:{partition}:ecs:{region}:{account}:task-definition/");
    let Some(named) = definition.strip_prefix(&home) else {
        return Err(invalid(match arn.contains(":lambda:") {
            true => format!(
                "RotationLambdaARN {arn} is not supported: there are no Lambda functions here. Name the ARN of an ECS \
                 task definition, of which one task is run for each step of a rotation."
            ),
            false => format!(
                "RotationLambdaARN {arn} is not the ARN of a task definition in {region}, such as {home}rotator:1."
            ),
        }));
    };
    if cluster.is_empty() {
        return Err(invalid(format!("RotationLambdaARN {arn} names no cluster behind ?cluster=.")));
    }
    let task_definition = tasks.revision(scope, named).ok_or_else(|| {
        api::Error::resource_not_found(format!(
            "Secrets Manager can't find an active task definition {named} to rotate with."
        ))
    })?;
    let kind = TaskKind { task_definition, cluster: cluster.to_owned() };
    Ok(Rotator { arn: arn.to_owned(), kind })
}
