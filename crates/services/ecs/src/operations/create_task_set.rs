//! CreateTaskSet: one more share of a service whose deployments somebody else makes.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_aws_protocol::stored;
use berth_control::pipeline::{Call, Failure};
use berth_deployment::Strategy;
use berth_model::TaskSetId;

use super::load_balancer_input::Judge;
use super::{launch_input, service_input, task_set_input};
use crate::launch;
use crate::render;
use crate::rollout::{self, TaskSetOrder};
use crate::service::Ecs;
use crate::service_launch;
use crate::tables::TaskSet;
use crate::tagging;

const LONGEST_EXTERNAL_ID: usize = 1024;

pub async fn create_task_set(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::CreateTaskSetRequest,
) -> Result<api::CreateTaskSetResponse, Failure<api::Error>> {
    refuse_unsupported(&input)?;
    let claim = service_input::claim(&call, "CreateTaskSet", input.client_token.as_ref(), &input)?;
    let scale = task_set_input::scale(input.scale.as_ref())?;
    let tags = tagging::new_tags(input.tags.clone())?;
    let id = TaskSetId::from_random(ecs.env.id());
    let most = ecs.limits.task_sets_per_service;
    let (balancing, roles) = (ecs.balancing.clone(), ecs.roles.clone());
    let response = ecs
        .cell
        .write(move |tx| {
            if let Some(claim) = &claim {
                let conflict =
                    |_| api::Error::invalid_parameter("Creation of task set was not idempotent.");
                if let Some(answer) = claim.replay(tx, call.now).map_err(conflict)? {
                    return stored::from_slice(answer).map_err(Failure::internal);
                }
            }
            let (cluster, service) = task_set_input::external_service(
                tx,
                &call,
                input.cluster.as_deref(),
                input.service.as_deref(),
            )?;
            let capacity = service_input::capacity(
                tx,
                &cluster,
                input.launch_type.as_ref(),
                input.capacity_provider_strategy.as_ref(),
            )?;
            if tx.table::<TaskSet>().within(&service.id).count() >= most {
                return Err(api::Error::limit_exceeded(format!(
                    "A service can have at most {most} task sets."
                ))
                .into());
            }
            let given = input.task_definition.as_deref().unwrap_or_default();
            let definition = launch_input::definition(tx, &call, given)?;
            launch::suits(&definition, capacity.launch_type)?;
            let judge = Judge {
                view: tx,
                balancing: &*balancing,
                roles: &*roles,
                scope: &call.scope,
                definition: &definition,
                // Whose task sets they are shifts requests himself.
                strategy: Strategy::Rolling,
                now: call.now,
            };
            let load_balancers =
                judge.checked(input.load_balancers.as_deref().unwrap_or_default())?;
            let revision = service_input::revision(
                &service,
                id,
                &definition,
                capacity,
                load_balancers,
                call.now,
            );
            // Whatever could never start is refused now, not told later.
            service_launch::launch(tx, &cluster, &service, &revision, id, call.now)?.prepare()?;
            let order = TaskSetOrder {
                is_primary: false,
                started_by: None,
                external_id: input.external_id.clone(),
                scale,
                tags,
            };
            let set = rollout::begin_task_set(tx, &service, revision, order, call.now);
            let response = api::CreateTaskSetResponse {
                task_set: Some(render::task_set(tx, &cluster, &service, &set, true)),
            };
            if let Some(claim) = claim {
                claim.keep(tx, stored::to_vec(&response), call.now);
            }
            Ok::<_, Failure<api::Error>>(response)
        })
        .await?;
    Ok(response)
}

/// What CreateTaskSet knows on AWS and Berth does not do yet.
fn refuse_unsupported(input: &api::CreateTaskSetRequest) -> Result<(), api::Error> {
    service_input::refuse_not_yet(input)?;
    launch_input::refuse_platform_version(input.platform_version.as_ref())?;
    let length = input.external_id.as_ref().map_or(0, |id| id.chars().count());
    if length > LONGEST_EXTERNAL_ID {
        return Err(api::Error::invalid_parameter(format!(
            "externalId can have at most {LONGEST_EXTERNAL_ID} characters."
        )));
    }
    launch_input::refuse_network_configuration(input.network_configuration.as_ref())
}
