//! UpdateService: new wishes for a service; what it runs changes by a new deployment.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::ports::{LoadBalancing, RoleSessions};
use berth_control::tables::View;
use berth_model::{DeploymentController, LaunchType, ServiceDeploymentId, TaskSetId};

use super::load_balancer_input::{self, Judge};
use super::service_input::Capacity;
use super::{launch_input, service_input};
use crate::deployment_settings;
use crate::launch;
use crate::render;
use crate::resolve;
use crate::rollout;
use crate::service::Ecs;
use crate::service_launch;
use crate::tables::{Cluster, Service, ServiceRevision, Stored, TaskDefinition};

/// What is brought into the transaction, which has no randomness of its own and knows ECS alone.
struct Supplies {
    number: TaskSetId,
    deployment: ServiceDeploymentId,
    balancing: Arc<dyn LoadBalancing>,
    roles: Arc<dyn RoleSessions>,
}

pub async fn update_service(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateServiceRequest,
) -> Result<api::UpdateServiceResponse, Failure<api::Error>> {
    refuse_unsupported(&input)?;
    let supplies = Supplies {
        number: TaskSetId::from_random(ecs.env.id()),
        deployment: ServiceDeploymentId::from_bytes(ecs.env.id()),
        balancing: ecs.balancing.clone(),
        roles: ecs.roles.clone(),
    };
    let most_tasks = ecs.limits.tasks_per_service;
    let service = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let given = input.service.as_deref().unwrap_or_default();
            let before = resolve::active_service(tx, &cluster, given)?;
            check_controller(&before, &input)?;
            let mut service = Service::clone(&before);
            apply(&mut service, &input, most_tasks)?;
            let running = before.revision.and_then(|number| revision(tx, &before, number));
            let launch_type = running.as_ref().and_then(|running| running.launch_type);
            service_input::check_rebalancing(&service, launch_type)?;
            if let Some(running) = running {
                deploy(tx, &call, &cluster, &mut service, &running, &input, &supplies)?;
            }
            if service != *before {
                tx.put(service.clone());
            }
            Ok::<_, api::Error>(render::service(tx, &cluster, &service, true))
        })
        .await?;
    Ok(api::UpdateServiceResponse { service: Some(service) })
}

/// What UpdateService knows on AWS and Berth does not do yet.
fn refuse_unsupported(input: &api::UpdateServiceRequest) -> Result<(), api::Error> {
    service_input::refuse_not_yet(input)?;
    launch_input::refuse_platform_version(input.platform_version.as_ref())?;
    launch_input::refuse_network_configuration(input.network_configuration.as_ref())
}

/// AWS: what somebody else deploys, UpdateService does not.
fn check_controller(
    service: &Service,
    input: &api::UpdateServiceRequest,
) -> Result<(), api::Error> {
    if let Some(given) = &input.deployment_controller
        && service_input::controller(Some(given))? != service.controller
    {
        return Err(api::Error::unsupported_feature(
            "deploymentController: changing a service's deployment controller is not supported by this \
             version of Berth.",
        ));
    }
    let remedy = match service.controller {
        DeploymentController::Ecs => return Ok(()),
        DeploymentController::CodeDeploy => "Use AWS CodeDeploy to trigger a new deployment.",
        DeploymentController::External => "Use CreateTaskSet to deploy.",
    };
    let controller = service.controller;
    let what = if input.task_definition.is_some() {
        "update task definition"
    } else if input.capacity_provider_strategy.is_some() {
        "update capacity provider strategy"
    } else if input.force_new_deployment == Some(true) {
        "force a new deployment"
    } else {
        return Ok(());
    };
    Err(api::Error::invalid_parameter(format!(
        "Unable to {what} on services with a {controller} deployment controller. {remedy}"
    )))
}

/// What changes in place, without a deployment.
fn apply(
    service: &mut Service,
    input: &api::UpdateServiceRequest,
    most_tasks: u32,
) -> Result<(), api::Error> {
    if let Some(given) = input.desired_count {
        if service.is_daemon() {
            return Err(api::Error::invalid_parameter(
                "The daemon scheduling strategy does not support a desired count for services. \
                 Remove the desired count value and try again.",
            ));
        }
        service.desired_count = service_input::desired_count(given, most_tasks)?;
    }
    if input.deployment_configuration.is_some() {
        service.deployment_configuration = Stored::new(deployment_settings::merged(
            input.deployment_configuration.clone(),
            Some(&service.deployment_configuration),
            service.scheduling_strategy,
            service.controller,
        )?);
    }
    if let Some(given) = &input.placement_constraints {
        service.placement_constraints =
            service_input::placement_constraints(given.clone(), service.scheduling_strategy)?;
    }
    if let Some(given) = &input.placement_strategy {
        service.placement_strategy =
            service_input::placement_strategy(given.clone(), service.scheduling_strategy)?;
    }
    if let Some(given) = input.health_check_grace_period_seconds {
        service.health_check_grace_period_seconds = Some(service_input::grace_period(given)?);
    }
    if let Some(given) = &input.availability_zone_rebalancing {
        service.zone_rebalancing = *given == api::AvailabilityZoneRebalancing::Enabled;
    }
    if let Some(given) = &input.propagate_tags {
        service.propagate_tags = service_input::tag_source(given)?;
    }
    if let Some(given) = input.enable_ecs_managed_tags {
        service.managed_tags = given;
    }
    if let Some(given) = input.enable_execute_command {
        service.enable_execute_command = given;
    }
    Ok(())
}

/// Begins a deployment if the service is to run something else, or the same anew.
fn deploy(
    tx: &mut Transaction,
    call: &Call,
    cluster: &Cluster,
    service: &mut Service,
    running: &ServiceRevision,
    input: &api::UpdateServiceRequest,
    supplies: &Supplies,
) -> Result<(), api::Error> {
    let definition = match input.task_definition.as_deref().filter(|given| !given.is_empty()) {
        Some(given) => launch_input::definition(tx, call, given)?,
        None if input.force_new_deployment == Some(true)
            || input.capacity_provider_strategy.is_some()
            || input.load_balancers.is_some() =>
        {
            tx.table::<TaskDefinition>()
                .get_shared(&running.task_definition)
                .ok_or_else(|| api::Error::client("TaskDefinition not found."))?
        }
        None if input.deployment_configuration.is_none() => return Ok(()),
        None => {
            let strategy = deployment_settings::strategy(&service.deployment_configuration);
            return load_balancer_input::check_strategy(&running.load_balancers, strategy);
        }
    };
    let capacity = capacity(tx, cluster, running, input)?;
    service_input::check_daemon(service.scheduling_strategy, &capacity)?;
    launch::suits(&definition, capacity.launch_type)?;
    // AWS: whoever says nothing of load balancers keeps those that there are.
    let kept = || running.load_balancers.iter().map(|it| (**it).clone()).collect();
    let wanted = input.load_balancers.clone().unwrap_or_else(kept);
    let judge = Judge {
        view: tx,
        balancing: &*supplies.balancing,
        roles: &*supplies.roles,
        scope: &call.scope,
        definition: &definition,
        strategy: deployment_settings::strategy(&service.deployment_configuration),
        now: call.now,
    };
    let load_balancers = judge.checked(&wanted)?;
    let (number, now) = (supplies.number, call.now);
    let revision =
        service_input::revision(service, number, &definition, capacity, load_balancers, now);
    if revision.runs_the_same_as(running) && input.force_new_deployment != Some(true) {
        return Ok(());
    }
    // Whatever could never start is refused now, not told later.
    service_launch::launch(tx, cluster, service, &revision, supplies.number, call.now)?
        .prepare()?;
    service.revision = Some(supplies.number);
    let (balancing, id) = (&*supplies.balancing, supplies.deployment);
    rollout::begin_deployment(tx, balancing, service, revision, id, call.now);
    Ok(())
}

/// AWS: an empty strategy takes the service back to its launch type.
fn capacity(
    view: &impl View,
    cluster: &Cluster,
    running: &ServiceRevision,
    input: &api::UpdateServiceRequest,
) -> Result<Capacity, api::Error> {
    let launch_type = running.launch_type.unwrap_or(LaunchType::Ec2);
    match &input.capacity_provider_strategy {
        None => {
            let strategy = running.capacity_provider_strategy.clone();
            Ok(Capacity { launch_type, strategy })
        }
        Some(given) if given.is_empty() => Ok(Capacity { launch_type, strategy: Vec::new() }),
        given => service_input::capacity(view, cluster, None, given.as_ref()),
    }
}

fn revision(view: &impl View, service: &Service, number: TaskSetId) -> Option<ServiceRevision> {
    view.get::<ServiceRevision>(&(service.id, number)).cloned()
}
