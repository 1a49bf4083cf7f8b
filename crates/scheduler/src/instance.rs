//! One container instance, as placement sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, LaunchType, MemoryMib, Timestamp,
};

use crate::attributes::Attributes;
use crate::ports::PortSet;
use crate::request::{Demand, Gpus, Request};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pub id: ContainerInstanceId,
    pub ec2_instance_id: Option<String>,
    /// `EC2` or `EXTERNAL`.
    pub launch_type: LaunchType,
    pub capacity_provider: Option<Arc<str>>,
    pub status: ContainerInstanceStatus,
    pub agent_connected: bool,
    pub agent_version: Option<String>,
    pub registered_at: Timestamp,
    pub attributes: Attributes,
    pub remaining: Remaining,
    pub running_tasks: u32,
    pub pending_tasks: u32,
    /// How many tasks of each group are here, running or on their way. Never zero.
    pub tasks_by_group: BTreeMap<Arc<str>, u32>,
}

/// What an instance still has to give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remaining {
    pub cpu: CpuUnits,
    pub memory: MemoryMib,
    /// GPUs that no task has.
    pub gpus: u32,
    /// GPUs that tasks have.
    pub taken_gpus: u32,
    /// Places for further network interfaces, which tasks in `awsvpc` mode need.
    pub network_interfaces: u32,
    /// Ports that are reserved or given away; every other one is free.
    pub taken_tcp: PortSet,
    pub taken_udp: PortSet,
    /// Open host ports that placed tasks will take, not known yet.
    pub promised_tcp: u32,
    pub promised_udp: u32,
}

impl Remaining {
    /// Takes what a task asks for. The caller has seen that it fits; what does not is taken down to nothing.
    pub fn take(&mut self, demand: &Demand) {
        self.cpu = self.cpu.saturating_sub(demand.cpu);
        self.memory = self.memory.saturating_sub(demand.memory);
        let gpus = match demand.gpus {
            Gpus::Number(number) => number.min(self.gpus),
            Gpus::All => self.gpus,
        };
        self.gpus -= gpus;
        self.taken_gpus = self.taken_gpus.saturating_add(gpus);
        self.network_interfaces = self.network_interfaces.saturating_sub(demand.network_interfaces);
        self.taken_tcp.extend(demand.tcp_ports.iter());
        self.taken_udp.extend(demand.udp_ports.iter());
        self.promised_tcp = self.promised_tcp.saturating_add(demand.dynamic_tcp_ports);
        self.promised_udp = self.promised_udp.saturating_add(demand.dynamic_udp_ports);
    }
}

impl Instance {
    pub fn tasks(&self) -> u32 {
        self.running_tasks.saturating_add(self.pending_tasks)
    }

    pub fn tasks_in(&self, group: &str) -> u32 {
        self.tasks_by_group.get(group).copied().unwrap_or(0)
    }

    /// The instance as it will be with so many more tasks of the request.
    pub fn after(&self, tasks: u32, request: &Request) -> Self {
        let mut instance = self.clone();
        (0..tasks).for_each(|_| instance.accept(request));
        instance
    }

    /// Whether both are the same but for what tasks and the agent's connection change.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.launch_type == other.launch_type
            && self.capacity_provider == other.capacity_provider
            && self.attributes == other.attributes
            && self.agent_version == other.agent_version
            && self.registered_at == other.registered_at
            && self.ec2_instance_id == other.ec2_instance_id
    }

    /// The instance as it will be with one more task of the request.
    pub fn accept(&mut self, request: &Request) {
        self.remaining.take(&request.demand);
        self.pending_tasks = self.pending_tasks.saturating_add(1);
        let group = self.tasks_by_group.entry(Arc::clone(&request.group)).or_insert(0);
        *group = group.saturating_add(1);
    }
}
