//! The load balancers of a service or a task set, checked against the task definition and the target groups.

use berth_aws_api::ecs as api;
use berth_control::ports::{LoadBalancing, TargetType};
use berth_control::tables::View;
use berth_model::Scope;

use crate::tables::{Stored, TaskDefinition};

/// AWS: as many target groups as a service may have.
const MOST: usize = 5;

/// As they are written into a revision.
pub fn checked(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    scope: &Scope,
    definition: &TaskDefinition,
    given: &[api::LoadBalancer],
) -> Result<Vec<Stored<api::LoadBalancer>>, api::Error> {
    if given.len() > MOST {
        return Err(invalid(format!("load balancers can have at most {MOST} items.")));
    }
    for wanted in given {
        check(view, balancing, scope, definition, wanted)?;
    }
    Ok(given.iter().cloned().map(Stored::new).collect())
}

fn check(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    scope: &Scope,
    definition: &TaskDefinition,
    wanted: &api::LoadBalancer,
) -> Result<(), api::Error> {
    if wanted.load_balancer_name.as_ref().is_some_and(|name| !name.is_empty()) {
        return Err(api::Error::unsupported_feature(
            "loadBalancers.loadBalancerName: Classic Load Balancers are not supported by Berth; name a target group.",
        ));
    }
    if wanted.advanced_configuration.is_some() {
        return Err(api::Error::unsupported_feature(
            "loadBalancers.advancedConfiguration: shifting traffic between target groups is not supported by this version of Berth.",
        ));
    }
    let group = wanted.target_group_arn.as_deref().unwrap_or_default();
    if group.is_empty() {
        return Err(invalid("targetGroupArn can not be blank.".to_owned()));
    }
    let Some(facts) = balancing.target_group(view.sight(), scope, group) else {
        return Err(invalid(format!("The specified target group does not exist: {group}.")));
    };
    if facts.balancer.is_none() {
        return Err(invalid(format!(
            "The target group with targetGroupArn {group} does not have an associated load balancer."
        )));
    }
    check_container(definition, wanted)?;
    let mode = definition.content.network_mode.clone().unwrap_or(api::NetworkMode::Bridge);
    let suits = match (&mode, facts.target_type) {
        (api::NetworkMode::Awsvpc, kind) => kind == TargetType::Ip,
        (_, kind) => kind == TargetType::Instance,
    };
    if !suits {
        let kind = match facts.target_type {
            TargetType::Instance => "instance",
            TargetType::Ip => "ip",
            TargetType::Alb => "alb",
        };
        return Err(invalid(format!(
            "The provided target group {group} has target type {kind}, which is incompatible with the {} network mode specified in the task definition.",
            mode.as_str()
        )));
    }
    Ok(())
}

fn check_container(
    definition: &TaskDefinition,
    wanted: &api::LoadBalancer,
) -> Result<(), api::Error> {
    let name = wanted.container_name.as_deref().unwrap_or_default();
    let mut defined = definition.content.container_definitions.iter().flatten();
    let Some(container) = defined.find(|container| container.name.as_deref() == Some(name)) else {
        return Err(invalid(format!(
            "The container {name} does not exist in the task definition."
        )));
    };
    let port = wanted.container_port;
    let is_mapped =
        container.port_mappings.iter().flatten().any(|mapping| mapping.container_port == port);
    match port {
        Some(_) if is_mapped => Ok(()),
        _ => Err(invalid(format!(
            "The container {name} did not have a container port {} defined.",
            port.unwrap_or_default()
        ))),
    }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}
