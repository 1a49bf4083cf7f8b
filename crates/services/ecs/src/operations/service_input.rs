//! What callers say of a service, checked: shared by CreateService, UpdateService and CreateTaskSet.

use berth_aws_api::{Structure, View as Given, ecs as api};
use berth_aws_protocol::stored;
use berth_control::idempotency::Claim;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{
    DeploymentController, LaunchType, SchedulingStrategy, ServiceStatus, TaskSetId, Timestamp,
};
use berth_scheduler::{Attributes, Constraint, SpreadField, Strategy};

use super::launch_input;
use crate::capacity_providers;
use crate::placement_rules;
use crate::shares;
use crate::tables::{Cluster, Service, ServiceRevision, Stored, TagSource, TaskDefinition};

const LONGEST_TOKEN: usize = 36;

/// Parts of AWS that a service or a task set may be tied to, and that are not there yet.
const NOT_YET: [&str; 6] = [
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "monitoring",
];

/// Refuses by name what this version does not do, whichever request it is in.
pub fn refuse_not_yet(request: &dyn Structure) -> Result<(), api::Error> {
    let members = request.shape().members().iter().enumerate();
    members.filter(|(_, member)| NOT_YET.contains(&member.name)).try_for_each(|(index, member)| {
        launch_input::refuse(member.name, request.get(index).is_some_and(asks_for_something))
    })
}

/// AWS: an empty list takes away what is not there, and switched off is what it is anyway.
fn asks_for_something(given: Given<'_>) -> bool {
    match given {
        Given::List(list) => !list.is_empty(),
        Given::Structure(given) => {
            let enabled = given.shape().position(0, |member| member.name == "enabled");
            let switch = enabled.and_then(|index| given.get(index));
            !matches!(switch, Some(Given::Boolean(false)))
        }
        _ => true,
    }
}

/// AWS: up to 36 visible ASCII characters.
pub fn claim(
    call: &Call,
    operation: &'static str,
    token: Option<&String>,
    request: &dyn Structure,
) -> Result<Option<Claim>, api::Error> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    if token.len() > LONGEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid(format!(
            "clientToken can have at most {LONGEST_TOKEN} characters, each of them visible ASCII."
        )));
    }
    Ok(Some(Claim::new(call.scope.clone(), operation, token.clone(), &stored::to_vec(request))))
}

pub fn scheduling_strategy(
    given: Option<&api::SchedulingStrategy>,
) -> Result<SchedulingStrategy, api::Error> {
    match given {
        None | Some(api::SchedulingStrategy::Replica) => Ok(SchedulingStrategy::Replica),
        Some(api::SchedulingStrategy::Daemon) => Ok(SchedulingStrategy::Daemon),
        Some(api::SchedulingStrategy::Unknown(word)) => {
            Err(invalid(format!("schedulingStrategy: `{word}` is neither REPLICA nor DAEMON.")))
        }
    }
}

pub fn controller(
    given: Option<&api::DeploymentController>,
) -> Result<DeploymentController, api::Error> {
    match given.and_then(|controller| controller.r#type.as_ref()) {
        None | Some(api::DeploymentControllerType::Ecs) => Ok(DeploymentController::Ecs),
        Some(api::DeploymentControllerType::External) => Ok(DeploymentController::External),
        Some(api::DeploymentControllerType::CodeDeploy) => Ok(DeploymentController::CodeDeploy),
        Some(api::DeploymentControllerType::Unknown(word)) => Err(invalid(format!(
            "deploymentController.type: `{word}` is none of ECS, CODE_DEPLOY and EXTERNAL."
        ))),
    }
}

pub fn desired_count(given: i32, most: u32) -> Result<u32, api::Error> {
    let count = u32::try_from(given)
        .map_err(|_| invalid(format!("desiredCount must be at least 0, not {given}.")))?;
    if count > most {
        return Err(invalid(format!(
            "desiredCount: a service can have at most {most} tasks; {count} were asked for."
        )));
    }
    Ok(count)
}

pub fn grace_period(given: i32) -> Result<u32, api::Error> {
    u32::try_from(given).map_err(|_| {
        invalid(format!("healthCheckGracePeriodSeconds must be at least 0, not {given}."))
    })
}

pub fn tag_source(given: &api::PropagateTags) -> Result<TagSource, api::Error> {
    match given {
        api::PropagateTags::None => Ok(TagSource::Nothing),
        api::PropagateTags::TaskDefinition => Ok(TagSource::TaskDefinition),
        api::PropagateTags::Service => Ok(TagSource::Service),
        api::PropagateTags::Unknown(word) => Err(invalid(format!(
            "propagateTags: `{word}` is none of TASK_DEFINITION, SERVICE and NONE."
        ))),
    }
}

/// Constraints that the scheduler can read, as they were written.
pub fn placement_constraints(
    given: Vec<api::PlacementConstraint>,
    scheduling: SchedulingStrategy,
) -> Result<Vec<Stored<api::PlacementConstraint>>, api::Error> {
    let parsed = placement_rules::constraints(given.clone())?;
    if scheduling == SchedulingStrategy::Daemon && parsed.contains(&Constraint::DistinctInstance) {
        return Err(invalid(
            "The daemon scheduling strategy does not support the distinctInstance placement constraint: \
             an instance has one task of a daemon anyway."
                .to_owned(),
        ));
    }
    Ok(given.into_iter().map(Stored::new).collect())
}

/// Strategies that the scheduler can read, as they were written.
pub fn placement_strategy(
    given: Vec<api::PlacementStrategy>,
    scheduling: SchedulingStrategy,
) -> Result<Vec<Stored<api::PlacementStrategy>>, api::Error> {
    if scheduling == SchedulingStrategy::Daemon && !given.is_empty() {
        return Err(invalid(
            "The daemon scheduling strategy does not support placement strategies. \
             Remove the placement strategy and try again."
                .to_owned(),
        ));
    }
    placement_rules::strategies(given.clone())?;
    Ok(given.into_iter().map(Stored::new).collect())
}

/// Why availability zones cannot be rebalanced for this service, if so.
///
/// AWS: developer guide, service-rebalancing.
pub fn obstacle_to_rebalancing(
    service: &Service,
    launch_type: Option<LaunchType>,
) -> Result<Option<&'static str>, api::Error> {
    let settings = &service.deployment_configuration;
    let strategies = service.placement_strategy.iter().map(|strategy| (**strategy).clone());
    let spreads_over_zones = match placement_rules::strategies(strategies.collect())?.first() {
        None => true,
        Some(Strategy::Spread(SpreadField::Attribute(name))) => {
            name == Attributes::AVAILABILITY_ZONE
        }
        Some(_) => false,
    };
    let names_zones = service.placement_constraints.iter().any(|constraint| {
        let expression = constraint.expression.as_deref().unwrap_or_default();
        expression.contains(Attributes::AVAILABILITY_ZONE)
    });
    Ok(if service.is_daemon() {
        Some("a service with the DAEMON scheduling strategy")
    } else if service.has_task_sets() {
        Some("a service whose deployment controller is not ECS")
    } else if launch_type == Some(LaunchType::External) {
        Some("the launch type EXTERNAL")
    } else if settings.maximum_percent.is_some_and(|maximum| maximum <= 100) {
        Some("a maximumPercent of 100")
    } else if !spreads_over_zones {
        Some(
            "a placement strategy that does not begin with spread over attribute:ecs.availability-zone",
        )
    } else if names_zones {
        Some("a placement constraint about ecs.availability-zone")
    } else {
        None
    })
}

pub fn check_rebalancing(
    service: &Service,
    launch_type: Option<LaunchType>,
) -> Result<(), api::Error> {
    match obstacle_to_rebalancing(service, launch_type)?.filter(|_| service.zone_rebalancing) {
        None => Ok(()),
        Some(obstacle) => Err(invalid(format!(
            "availabilityZoneRebalancing cannot be ENABLED with {obstacle}; set it to DISABLED."
        ))),
    }
}

/// What decides on whose instances tasks run.
#[derive(Clone)]
pub struct Capacity {
    /// What the task definition has to be made for.
    pub launch_type: LaunchType,
    /// If there is one, the launch type is only its providers'.
    pub strategy: Vec<Stored<api::CapacityProviderStrategyItem>>,
}

/// AWS: a launch type or a strategy; with neither, the cluster's strategy.
pub fn capacity(
    view: &impl View,
    cluster: &Cluster,
    launch_type: Option<&api::LaunchType>,
    strategy: Option<&Vec<api::CapacityProviderStrategyItem>>,
) -> Result<Capacity, api::Error> {
    let given = strategy.cloned().unwrap_or_default();
    if launch_type.is_some() && !given.is_empty() {
        return Err(invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. \
             Remove one and try again."
                .to_owned(),
        ));
    }
    let strategy = match (given.is_empty(), launch_type) {
        (false, _) => {
            capacity_providers::strategy(&cluster.scope, given, &cluster.capacity_providers)?
        }
        (true, Some(_)) => Vec::new(),
        (true, None) => cluster.default_capacity_provider_strategy.clone(),
    };
    shares::check(view, cluster, &strategy)?;
    Ok(Capacity { launch_type: launch_input::launch_type(launch_type)?, strategy })
}

/// AWS: a daemon is on every instance, whosever it is.
pub fn check_daemon(scheduling: SchedulingStrategy, capacity: &Capacity) -> Result<(), api::Error> {
    if scheduling == SchedulingStrategy::Daemon && !capacity.strategy.is_empty() {
        return Err(invalid(
            "The daemon scheduling strategy does not support capacity provider strategies; \
             give a launchType."
                .to_owned(),
        ));
    }
    Ok(())
}

/// AWS: a tag is found by its resource's ARN, and only the long ones are unique enough.
pub fn check_taggable(service: &Service) -> Result<(), api::Error> {
    if service.long_arn || service.tags.is_empty() {
        return Ok(());
    }
    Err(invalid(
        "The new ARN and resource ID format must be enabled to add tags to the service. \
         Opt in to the new format and try again."
            .to_owned(),
    ))
}

/// What a service is to run.
pub fn revision(
    service: &Service,
    number: TaskSetId,
    definition: &TaskDefinition,
    capacity: Capacity,
    load_balancers: Vec<Stored<api::LoadBalancer>>,
    now: Timestamp,
) -> ServiceRevision {
    let containers = definition.content.container_definitions.iter().flatten();
    let image = |container: &api::ContainerDefinition| {
        Some((container.name.clone()?, container.image.clone()?))
    };
    ServiceRevision {
        service: service.id,
        number,
        task_definition: definition.id,
        family: definition.family.clone(),
        family_revision: definition.revision,
        launch_type: capacity.strategy.is_empty().then_some(capacity.launch_type),
        capacity_provider_strategy: capacity.strategy,
        images: containers.filter_map(image).collect(),
        created_at: now,
        load_balancers,
        resolved_target_groups: Vec::new(),
    }
}

/// A service of this name is in the way of a new one.
pub fn refuse_existing(existing: &Service) -> Result<(), api::Error> {
    match existing.status {
        ServiceStatus::Active => Err(invalid("Creation of service was not idempotent.".to_owned())),
        ServiceStatus::Draining => {
            Err(invalid("Unable to Start a service that is still Draining.".to_owned()))
        }
        ServiceStatus::Inactive => Ok(()),
    }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_there_yet_is_a_member_of_both_requests() {
        let requests: [&dyn Structure; 2] =
            [&api::CreateServiceRequest::default(), &api::UpdateServiceRequest::default()];
        for request in requests {
            for name in NOT_YET {
                let found = request.shape().position(0, |member| member.name == name);
                assert!(found.is_some(), "{} has no {name}", request.shape().name);
            }
            assert!(refuse_not_yet(request).is_ok());
        }
    }

    #[test]
    fn what_asks_for_nothing_is_not_refused() {
        let switched = |enabled| api::UpdateServiceRequest {
            service_connect_configuration: Some(api::ServiceConnectConfiguration {
                enabled,
                ..Default::default()
            }),
            ..Default::default()
        };
        assert!(refuse_not_yet(&switched(Some(false))).is_ok());
        for enabled in [Some(true), None] {
            let refused = refuse_not_yet(&switched(enabled)).expect_err("it is asked for");
            assert!(refused.to_string().contains("serviceConnectConfiguration"), "{refused}");
        }
    }
}
