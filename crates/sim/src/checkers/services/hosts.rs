//! Which hosts a service may have tasks on, room apart.

use berth_ecs::tables::{ContainerInstance, Service};
use berth_model::{ContainerInstanceId, ContainerInstanceStatus};

use crate::host::HOST_ATTRIBUTE;
use crate::records::{Records, host_of};

/// Where a daemon is to have a task each.
pub fn hosts_of(records: &Records, service: &Service) -> impl Iterator<Item = ContainerInstanceId> {
    let instances = records.instances.values();
    instances.filter(|instance| takes(instance, service)).map(|instance| instance.id)
}

/// Whether the instance is there for new tasks, and those of the service may be on it.
pub fn takes(instance: &ContainerInstance, service: &Service) -> bool {
    instance.status == ContainerInstanceStatus::Active
        && instance.agent_connected
        && service
            .placement_constraints
            .iter()
            .filter_map(|constraint| constraint.expression.as_deref())
            .all(|expression| admits(expression, instance))
}

/// All expressions of owners leave out one host, so no more of the language need be known here.
fn admits(expression: &str, instance: &ContainerInstance) -> bool {
    let left_out = expression
        .strip_prefix("attribute:")
        .and_then(|rest| rest.strip_prefix(HOST_ATTRIBUTE)?.strip_prefix(" != ")?.parse().ok());
    let left_out: usize = left_out.expect("owners ask for nothing but that it be not one host");
    host_of(instance) != Some(left_out)
}

#[cfg(test)]
mod tests {
    use berth_aws_api::ecs as api;
    use berth_ecs::tables::Stored;

    use super::*;
    use crate::checkers::specimens::{apart, instance, service};

    #[test]
    fn hosts_that_are_away_or_left_out_take_nothing() {
        let picky = || {
            let expression = Some(format!("attribute:{HOST_ATTRIBUTE} != 1"));
            let constraint = api::PlacementConstraint { expression, ..Default::default() };
            Service { placement_constraints: vec![Stored::new(constraint)], ..service() }
        };
        assert!(takes(&instance(1), &service()) && takes(&instance(1), &apart()));
        assert!(takes(&instance(2), &picky()) && !takes(&instance(1), &picky()));
        let away = ContainerInstance { agent_connected: false, ..instance(1) };
        let status = ContainerInstanceStatus::Draining;
        let draining = ContainerInstance { status, ..instance(1) };
        assert!(!takes(&away, &service()) && !takes(&draining, &service()));
    }
}
