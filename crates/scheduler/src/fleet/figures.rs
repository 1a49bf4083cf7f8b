//! The numbers of an instance that placements look at and tasks change: one dense row each.

use berth_model::ContainerInstanceStatus;

use crate::instance::Instance;

/// An instance in numbers. What is rarely asked for (names, ports by number, groups) stays in [`Instance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) gpus: u32,
    pub(crate) taken_gpus: u32,
    pub(crate) network_interfaces: u32,
    /// Host ports that an agent may still choose.
    pub(crate) open_tcp: u32,
    pub(crate) open_udp: u32,
    pub(crate) tasks: u32,
    /// Without, nobody needs to look for the tasks of a group.
    pub(crate) has_groups: bool,
    pub(crate) in_service: bool,
    pub(crate) agent_connected: bool,
}

impl Figures {
    pub(crate) fn of(instance: &Instance) -> Self {
        let left = &instance.remaining;
        Figures {
            cpu: left.cpu.0,
            memory: left.memory.0,
            gpus: left.gpus,
            taken_gpus: left.taken_gpus,
            network_interfaces: left.network_interfaces,
            open_tcp: left.taken_tcp.dynamic_ports_outside().saturating_sub(left.promised_tcp),
            open_udp: left.taken_udp.dynamic_ports_outside().saturating_sub(left.promised_udp),
            tasks: instance.tasks(),
            has_groups: !instance.tasks_by_group.is_empty(),
            in_service: instance.status == ContainerInstanceStatus::Active,
            agent_connected: instance.agent_connected,
        }
    }
}
