//! StartTask: tasks on instances that the caller names, one on each.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ContainerInstanceArn, LaunchType};
use berth_scheduler::check_one;

use super::launch_input::{self, TaskRequest};
use super::run_task::failure;
use crate::fleet;
use crate::launch;
use crate::render;
use crate::resolve;
use crate::service::Ecs;

pub async fn start_task(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::StartTaskRequest,
) -> Result<api::StartTaskResponse, Failure<api::Error>> {
    launch_input::refuse("enableExecuteCommand", input.enable_execute_command == Some(true))?;
    launch_input::refuse(
        "volumeConfigurations",
        input.volume_configurations.as_ref().is_some_and(|list| !list.is_empty()),
    )?;
    launch_input::refuse_network_configuration(input.network_configuration.as_ref())?;
    let wanted = input.container_instances.unwrap_or_default();
    let most = ecs.limits.instances_per_start;
    if !(1..=most).contains(&wanted.len()) {
        let message = format!(
            "containerInstances: between 1 and {most} are expected; {} were given.",
            wanted.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    let asked = TaskRequest {
        call,
        task_definition: input.task_definition.unwrap_or_default(),
        launch_type: LaunchType::Ec2,
        group: input.group,
        started_by: input.started_by,
        overrides: input.overrides,
        tags: input.tags,
        propagate_tags: input.propagate_tags,
        managed_tags: input.enable_ecs_managed_tags.unwrap_or(false),
        reference_id: input.reference_id,
    };
    asked.check()?;
    let ids = launch::ids(&ecs.env, wanted.len());
    let tasks_per_instance = ecs.limits.tasks_per_instance;
    let starting = ecs.clone();
    let response = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &asked.call.scope, input.cluster.as_deref())?;
            let prepared = asked.launch(tx, &cluster, None)?.prepare()?;
            prepared.check_roles(&*starting.roles, &cluster.scope)?;
            // One instance at a time: nothing is left to chance.
            let request = prepared.request(0, tasks_per_instance);
            let (mut tasks, mut failures) = (Vec::new(), Vec::new());
            for (ids, given) in ids.iter().zip(&wanted) {
                let id = resolve::container_instance_id(&cluster, given)?;
                let Some(found) = resolve::container_instance(tx, &cluster, given)? else {
                    let arn = ContainerInstanceArn {
                        scope: cluster.scope.clone(),
                        cluster: Some(cluster.name.clone()),
                        id,
                    };
                    failures.push(render::failure(arn.to_string(), "MISSING"));
                    continue;
                };
                let instance = fleet::instance(tx, &found);
                prepared.suits(instance.launch_type)?;
                // A host of ECS Anywhere is named like any other; the task then is an external one.
                let request = berth_scheduler::Request {
                    launch_type: instance.launch_type,
                    ..request.clone()
                };
                if let Err(refusal) = check_one(&instance, &request) {
                    failures.push(failure(tx, &cluster, &refusal));
                    continue;
                }
                let mut task = prepared.task(tx, &cluster, ids, found.id);
                task.launch_type = instance.launch_type;
                tx.put(task.clone());
                tasks.push(render::task(tx, &cluster, &task, true));
            }
            Ok::<_, api::Error>(api::StartTaskResponse {
                tasks: Some(tasks),
                failures: Some(failures),
            })
        })
        .await?;
    Ok(response)
}
