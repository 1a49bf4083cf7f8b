//! CreateService: writes down what is wanted; the service's reconciler starts the tasks.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_aws_protocol::stored;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::ports::{LoadBalancing, RoleSessions};
use berth_model::{
    DeploymentController, SchedulingStrategy, ServiceDeploymentId, ServiceId, ServiceStatus,
    TaskSetId,
};

use super::load_balancer_input::Judge;
use super::service_input::Capacity;
use super::{launch_input, service_input};
use crate::account_settings::{self, Setting};
use crate::deployment_settings;
use crate::identity::principal_arn;
use crate::launch;
use crate::limits::Limits;
use crate::render;
use crate::resolve;
use crate::rollout;
use crate::service::Ecs;
use crate::service_history;
use crate::service_launch;
use crate::tables::{Cluster, Service, Stored, TagSource};
use crate::tagging;

/// What is brought into the transaction, which has no randomness of its own and knows ECS alone.
struct Supplies {
    service: ServiceId,
    number: TaskSetId,
    deployment: ServiceDeploymentId,
    balancing: Arc<dyn LoadBalancing>,
    roles: Arc<dyn RoleSessions>,
}

pub async fn create_service(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::CreateServiceRequest,
) -> Result<api::CreateServiceResponse, Failure<api::Error>> {
    refuse_unsupported(&input)?;
    let claim = service_input::claim(&call, "CreateService", input.client_token.as_ref(), &input)?;
    let supplies = Supplies {
        service: ServiceId::from_bytes(ecs.env.id()),
        number: TaskSetId::from_random(ecs.env.id()),
        deployment: ServiceDeploymentId::from_bytes(ecs.env.id()),
        balancing: ecs.balancing.clone(),
        roles: ecs.roles.clone(),
    };
    let limits = ecs.limits.clone();
    let response = ecs
        .cell
        .write(move |tx| {
            if let Some(claim) = &claim {
                let conflict =
                    |_| api::Error::invalid_parameter("Creation of service was not idempotent.");
                if let Some(answer) = claim.replay(tx, call.now).map_err(conflict)? {
                    return stored::from_slice(answer).map_err(Failure::internal);
                }
            }
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let capacity = service_input::capacity(
                tx,
                &cluster,
                input.launch_type.as_ref(),
                input.capacity_provider_strategy.as_ref(),
            )?;
            let service =
                requested(tx, &call, &cluster, &input, &capacity, supplies.service, &limits)?;
            make_room(tx, &cluster, &service, limits.services_per_cluster)?;
            let service = begin(tx, &call, &cluster, service, &input, capacity, &supplies)?;
            let response = api::CreateServiceResponse {
                service: Some(render::service(tx, &cluster, &service, true)),
            };
            if let Some(claim) = claim {
                claim.keep(tx, stored::to_vec(&response), call.now);
            }
            Ok::<_, Failure<api::Error>>(response)
        })
        .await?;
    Ok(response)
}

/// What CreateService knows on AWS and Berth does not do yet.
fn refuse_unsupported(input: &api::CreateServiceRequest) -> Result<(), api::Error> {
    service_input::refuse_not_yet(input)?;
    let has_balancers = input.load_balancers.as_ref().is_some_and(|given| !given.is_empty());
    if !has_balancers && input.role.as_ref().is_some_and(|role| !role.is_empty()) {
        return Err(invalid(
            "You cannot specify an IAM role for services without a load balancer.",
        ));
    }
    launch_input::refuse_platform_version(input.platform_version.as_ref())?;
    launch_input::refuse_network_configuration(input.network_configuration.as_ref())
}

/// The service that the request describes.
fn requested(
    tx: &Transaction,
    call: &Call,
    cluster: &Cluster,
    input: &api::CreateServiceRequest,
    capacity: &Capacity,
    id: ServiceId,
    limits: &Limits,
) -> Result<Service, api::Error> {
    let scheduling = service_input::scheduling_strategy(input.scheduling_strategy.as_ref())?;
    let controller = service_input::controller(input.deployment_controller.as_ref())?;
    check_scheduling(scheduling, controller, input)?;
    service_input::check_daemon(scheduling, capacity)?;
    let launch_type = capacity.strategy.is_empty().then_some(capacity.launch_type);
    let desired_count = match (scheduling, input.desired_count) {
        (SchedulingStrategy::Daemon, _) => 0,
        (SchedulingStrategy::Replica, Some(given)) => {
            service_input::desired_count(given, limits.tasks_per_service)?
        }
        (SchedulingStrategy::Replica, None) => {
            return Err(invalid(
                "desiredCount cannot be null for the REPLICA scheduling strategy.",
            ));
        }
    };
    let created_by = principal_arn(call);
    let mut service = Service {
        id,
        cluster: cluster.id,
        scope: cluster.scope.clone(),
        name: resolve::new_service_name(input.service_name.as_deref())?,
        status: ServiceStatus::Active,
        created_at: call.now,
        long_arn: account_settings::is_on(
            tx,
            &call.scope,
            &created_by,
            Setting::ServiceLongArnFormat,
        ),
        created_by,
        scheduling_strategy: scheduling,
        controller,
        desired_count,
        deployment_configuration: Stored::new(deployment_settings::merged(
            input.deployment_configuration.clone(),
            None,
            scheduling,
            controller,
        )?),
        placement_constraints: service_input::placement_constraints(
            input.placement_constraints.clone().unwrap_or_default(),
            scheduling,
        )?,
        placement_strategy: service_input::placement_strategy(
            input.placement_strategy.clone().unwrap_or_default(),
            scheduling,
        )?,
        health_check_grace_period_seconds: input
            .health_check_grace_period_seconds
            .map(service_input::grace_period)
            .transpose()?,
        zone_rebalancing: false,
        propagate_tags: match &input.propagate_tags {
            Some(given) => service_input::tag_source(given)?,
            None => TagSource::Nothing,
        },
        managed_tags: input.enable_ecs_managed_tags.unwrap_or(false),
        enable_execute_command: input.enable_execute_command.unwrap_or(false),
        tags: tagging::new_tags(input.tags.clone())?,
        revision: None,
        memory: Default::default(),
        last_event: 0,
        inactive_at: None,
    };
    service_input::check_taggable(&service)?;
    // AWS: unless the caller says otherwise, zones are rebalanced wherever that is possible.
    service.zone_rebalancing = match &input.availability_zone_rebalancing {
        Some(given) => *given == api::AvailabilityZoneRebalancing::Enabled,
        None => service_input::obstacle_to_rebalancing(&service, launch_type)?.is_none(),
    };
    service_input::check_rebalancing(&service, launch_type)?;
    Ok(service)
}

/// AWS: a daemon has a task on every instance, so nobody says how many, and only ECS deploys it.
fn check_scheduling(
    scheduling: SchedulingStrategy,
    controller: DeploymentController,
    input: &api::CreateServiceRequest,
) -> Result<(), api::Error> {
    if scheduling == SchedulingStrategy::Daemon {
        if input.desired_count.is_some() {
            return Err(invalid(
                "The daemon scheduling strategy does not support a desired count for services. \
                 Remove the desired count value and try again.",
            ));
        }
        if controller != DeploymentController::Ecs {
            return Err(api::Error::invalid_parameter(format!(
                "The daemon scheduling strategy does not support the {controller} deployment controller."
            )));
        }
    }
    check_external(controller, input)?;
    let has_definition = input.task_definition.as_ref().is_some_and(|given| !given.is_empty());
    match controller {
        DeploymentController::External if has_definition => Err(invalid(
            "A task definition cannot be given for a service with an EXTERNAL deployment controller: \
             its task sets have theirs.",
        )),
        DeploymentController::Ecs | DeploymentController::CodeDeploy if !has_definition => {
            Err(invalid("TaskDefinition can not be blank."))
        }
        _ => Ok(()),
    }
}

/// AWS: for a service with an EXTERNAL deployment controller, only what is not its task sets' may be given.
fn check_external(
    controller: DeploymentController,
    input: &api::CreateServiceRequest,
) -> Result<(), api::Error> {
    if controller != DeploymentController::External {
        return Ok(());
    }
    let given = [
        (input.launch_type.is_some(), "launchType"),
        (input.capacity_provider_strategy.is_some(), "capacityProviderStrategy"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, name)) => Err(api::Error::invalid_parameter(format!(
            "{name}: cannot be given for a service with an EXTERNAL deployment controller: its task sets have theirs."
        ))),
    }
}

/// Sees to it that the name is free and the cluster has room for one service more.
fn make_room(
    tx: &mut Transaction,
    cluster: &Cluster,
    service: &Service,
    most: usize,
) -> Result<(), api::Error> {
    let existing = resolve::service(tx, cluster, service.name.as_str())?;
    if let Some(existing) = &existing {
        service_input::refuse_existing(existing)?;
    }
    let present = tx.table::<Service>().indexes().present.get(&cluster.id);
    if present >= most as u64 {
        return Err(api::Error::client(format!(
            "The maximum number of services in a cluster is {most}."
        )));
    }
    // AWS: a name is free again once its service is INACTIVE, and whoever asks for it gets the new one.
    if let Some(existing) = existing {
        service_history::forget(tx, existing.id);
    }
    Ok(())
}

/// Puts the service with its first deployment, or its first task set where CodeDeploy is to deploy.
fn begin(
    tx: &mut Transaction,
    call: &Call,
    cluster: &Cluster,
    mut service: Service,
    input: &api::CreateServiceRequest,
    capacity: Capacity,
    supplies: &Supplies,
) -> Result<Service, api::Error> {
    if service.controller != DeploymentController::External {
        let given = input.task_definition.as_deref().unwrap_or_default();
        let definition = launch_input::definition(tx, call, given)?;
        launch::suits(&definition, capacity.launch_type)?;
        let wanted = input.load_balancers.as_deref().unwrap_or_default();
        let judge = Judge {
            view: tx,
            balancing: &*supplies.balancing,
            roles: &*supplies.roles,
            scope: &call.scope,
            definition: &definition,
            strategy: deployment_settings::strategy(&service.deployment_configuration),
            now: call.now,
        };
        let load_balancers = judge.checked(wanted)?;
        let (number, now) = (supplies.number, call.now);
        let revision =
            service_input::revision(&service, number, &definition, capacity, load_balancers, now);
        // Whatever could never start is refused now, not told later.
        service_launch::launch(tx, cluster, &service, &revision, supplies.number, call.now)?
            .prepare()?;
        service.revision = Some(supplies.number);
        match service.controller {
            // DEVIATES: ECS wants a load balancer for CODE_DEPLOY, and CodeDeploy makes more task sets. Here there is
            // neither yet: such a service keeps its first one.
            DeploymentController::CodeDeploy => {
                let set = rollout::TaskSetOrder {
                    is_primary: true,
                    started_by: Some("CODE_DEPLOY".to_owned()),
                    scale: 100.0,
                    external_id: None,
                    tags: Default::default(),
                };
                rollout::begin_task_set(tx, &service, revision, set, call.now);
            }
            _ => {
                let (balancing, id) = (&*supplies.balancing, supplies.deployment);
                rollout::begin_deployment(tx, balancing, &service, revision, id, call.now);
            }
        }
    }
    tx.put(service.clone());
    Ok(service)
}

fn invalid(message: &str) -> api::Error {
    api::Error::invalid_parameter(message)
}
