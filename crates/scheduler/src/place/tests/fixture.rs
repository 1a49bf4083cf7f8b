//! Tiny instances and requests.

use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, LaunchType, MemoryMib, Timestamp,
};

use crate::fleet::Fleet;
use crate::instance::{Instance, Remaining};
use crate::query::Expression;
use crate::request::{Constraint, Demand, Request};

pub(super) fn id(number: u8) -> ContainerInstanceId {
    let mut bytes = [0; 16];
    bytes[15] = number;
    ContainerInstanceId::from_bytes(bytes)
}

pub(super) fn instance(number: u8, zone: &str, cpu: u32, memory: u32) -> Instance {
    Instance {
        id: id(number),
        ec2_instance_id: None,
        launch_type: LaunchType::Ec2,
        capacity_provider: None,
        status: ContainerInstanceStatus::Active,
        agent_connected: true,
        agent_version: None,
        registered_at: Timestamp::EPOCH,
        attributes: [
            ("ecs.availability-zone", Some(zone.to_owned())),
            ("ecs.os-type", Some("linux".to_owned())),
        ]
        .into_iter()
        .collect(),
        remaining: Remaining {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
            ..Remaining::default()
        },
        running_tasks: 0,
        pending_tasks: 0,
        tasks_by_group: Default::default(),
    }
}

pub(super) fn fleet(instances: impl IntoIterator<Item = Instance>) -> Fleet {
    instances.into_iter().collect()
}

/// Of the group `service:web`, with no strategy and no constraint.
pub(super) fn request(count: u32, cpu: u32, memory: u32) -> Request {
    Request {
        count,
        group: Arc::from("service:web"),
        launch_type: LaunchType::Ec2,
        capacity_provider: None,
        demand: Demand { cpu: CpuUnits(cpu), memory: MemoryMib(memory), ..Demand::default() },
        required_attributes: Vec::new(),
        constraints: Vec::new(),
        strategies: Vec::new(),
        seed: 1,
        tasks_per_instance: None,
    }
}

pub(super) fn member_of(expression: &str) -> Constraint {
    Constraint::MemberOf(Arc::new(Expression::parse(expression).unwrap()))
}
