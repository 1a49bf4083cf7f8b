//! The load balancers of a service or a task set, checked against the task definition and the target groups.

mod advanced;

use berth_aws_api::ecs as api;
use berth_control::ports::{LoadBalancing, RoleSessions, TargetGroupFacts, TargetType};
use berth_control::tables::View;
use berth_deployment::Strategy;
use berth_model::{Scope, Timestamp};

use crate::tables::{Stored, TaskDefinition};

/// AWS: as many target groups as a service may have.
const MOST: usize = 5;

/// Against what load balancers are checked.
pub struct Judge<'a, V> {
    pub view: &'a V,
    pub balancing: &'a dyn LoadBalancing,
    pub roles: &'a dyn RoleSessions,
    pub scope: &'a Scope,
    pub definition: &'a TaskDefinition,
    /// How the service deploys.
    pub strategy: Strategy,
    pub now: Timestamp,
}

impl<V: View> Judge<'_, V> {
    /// As they are written into a revision.
    pub fn checked(
        &self,
        given: &[api::LoadBalancer],
    ) -> Result<Vec<Stored<api::LoadBalancer>>, api::Error> {
        if given.len() > MOST {
            return Err(invalid(format!("load balancers can have at most {MOST} items.")));
        }
        given.iter().try_for_each(refuse_classic)?;
        advanced::check_all(given, self.strategy)?;
        given.iter().try_for_each(|wanted| self.check(wanted))?;
        Ok(given.iter().cloned().map(Stored::new).collect())
    }

    fn check(&self, wanted: &api::LoadBalancer) -> Result<(), api::Error> {
        let group = wanted.target_group_arn.as_deref().unwrap_or_default();
        if group.is_empty() {
            return Err(invalid("targetGroupArn can not be blank.".to_owned()));
        }
        let facts = self.balancing.target_group(self.view.sight(), self.scope, group);
        let facts = facts.ok_or_else(|| not_there(group))?;
        if facts.balancer.is_none() {
            return Err(invalid(format!(
                "The target group with targetGroupArn {group} does not have an associated load balancer."
            )));
        }
        check_container(self.definition, wanted)?;
        suits(self.definition, group, &facts)?;
        advanced::check(self, wanted, (group, &facts))
    }
}

/// Whether load balancers that stay as they are suit another way to deploy.
pub fn check_strategy(
    kept: &[Stored<api::LoadBalancer>],
    strategy: Strategy,
) -> Result<(), api::Error> {
    let kept: Vec<api::LoadBalancer> = kept.iter().map(|it| (**it).clone()).collect();
    advanced::check_all(&kept, strategy)
}

fn refuse_classic(wanted: &api::LoadBalancer) -> Result<(), api::Error> {
    match &wanted.load_balancer_name {
        Some(name) if !name.is_empty() => Err(api::Error::unsupported_feature(
            "loadBalancers.loadBalancerName: Classic Load Balancers are not supported by Berth; name a target group.",
        )),
        _ => Ok(()),
    }
}

/// Whether a group takes the targets that tasks of this definition are.
fn suits(
    definition: &TaskDefinition,
    group: &str,
    facts: &TargetGroupFacts,
) -> Result<(), api::Error> {
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

fn not_there(group: &str) -> api::Error {
    invalid(format!("The specified target group does not exist: {group}."))
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}
