//! A cluster's container instances as the scheduler sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_control::tables::View;
use berth_model::{ClusterId, LaunchType};
use berth_scheduler::{Attributes, Fleet, Instance, Remaining};

use crate::tables::{ContainerInstance, Task};

/// Every instance that the cluster remembers; the scheduler itself leaves out those not in service.
pub fn fleet(view: &impl View, cluster: ClusterId) -> Fleet {
    let instances = view.table::<ContainerInstance>();
    let of_cluster = instances.indexes().by_cluster.get(&cluster);
    of_cluster.filter_map(|id| instances.get(id)).map(|found| instance(view, found)).collect()
}

pub fn instance(view: &impl View, found: &ContainerInstance) -> Instance {
    let tasks = view.table::<Task>();
    let usage = tasks.indexes().usage(&found.id);
    let mut tasks_by_group: BTreeMap<Arc<str>, u32> = BTreeMap::new();
    let here = tasks.indexes().unfinished_by_instance.get(&found.id).filter_map(|id| tasks.get(id));
    for task in here {
        *tasks_by_group.entry(task.group.as_str().into()).or_default() += 1;
    }
    let registered = &found.registered;
    let free_gpus = registered.gpus.iter().filter(|gpu| !usage.gpus.contains(*gpu)).count();
    Instance {
        id: found.id,
        ec2_instance_id: found.ec2_instance_id.clone(),
        launch_type: if is_external(found) { LaunchType::External } else { LaunchType::Ec2 },
        capacity_provider: found.capacity_provider.as_deref().map(Arc::from),
        status: found.status,
        agent_connected: found.agent_connected,
        agent_version: Some(found.agent.agent_version.clone())
            .filter(|version| !version.is_empty()),
        registered_at: found.registered_at,
        attributes: attributes(found),
        remaining: Remaining {
            cpu: registered.cpu.saturating_sub(usage.cpu),
            memory: registered.memory.saturating_sub(usage.memory),
            gpus: free_gpus as u32,
            taken_gpus: (registered.gpus.len() - free_gpus) as u32,
            network_interfaces: 0,
            taken_tcp: registered.reserved_tcp.union(&usage.tcp).copied().collect(),
            taken_udp: registered.reserved_udp.union(&usage.udp).copied().collect(),
            promised_tcp: usage.dynamic_tcp,
            promised_udp: usage.dynamic_udp,
        },
        running_tasks: usage.counts.running,
        pending_tasks: usage.counts.pending,
        tasks_by_group,
    }
}

/// AWS: a host of ECS Anywhere says so by this capability, which its agent registers.
pub const EXTERNAL: &str = "ecs.capability.external";

pub fn is_external(instance: &ContainerInstance) -> bool {
    instance.attributes.contains_key(EXTERNAL)
}

fn attributes(instance: &ContainerInstance) -> Attributes {
    instance
        .attributes
        .iter()
        .map(|(name, attribute)| (name.as_str(), attribute.value.clone()))
        .collect()
}
