//! A cluster's container instances as the scheduler sees them.
//!
//! [`Fleets`] keeps one for each cluster in use; [`fleet`] makes one anew, for whoever only looks.

mod kept;
mod shared_attributes;
#[cfg(test)]
mod tests;

use berth_control::tables::View;
use berth_model::{ClusterId, LaunchType};
use berth_scheduler::{Fleet, Instance, Remaining};

pub use kept::Fleets;

use crate::tables::{ContainerInstance, Task, Usage};
use shared_attributes::SharedAttributes;

/// AWS: a host of ECS Anywhere says so by this capability, which its agent registers.
pub const EXTERNAL: &str = "ecs.capability.external";

/// Every instance that the cluster remembers; the scheduler itself leaves out those not in service.
pub fn fleet(view: &impl View, cluster: ClusterId) -> Fleet {
    made(view, cluster, &mut SharedAttributes::default())
}

pub fn instance(view: &impl View, found: &ContainerInstance) -> Instance {
    let usage = view.table::<Task>().indexes().usage.get(&found.id);
    seen(found, usage, &mut SharedAttributes::default())
}

pub fn is_external(instance: &ContainerInstance) -> bool {
    instance.attributes.contains_key(EXTERNAL)
}

fn made(view: &impl View, cluster: ClusterId, attributes: &mut SharedAttributes) -> Fleet {
    let (instances, usage) =
        (view.table::<ContainerInstance>(), &view.table::<Task>().indexes().usage);
    let of_cluster = instances.indexes().by_cluster.get(&cluster);
    let found = of_cluster.filter_map(|id| instances.get(id));
    found.map(|found| seen(found, usage.get(&found.id), attributes)).collect()
}

fn seen(found: &ContainerInstance, usage: &Usage, attributes: &mut SharedAttributes) -> Instance {
    let registered = &found.registered;
    let free_gpus = registered.gpus.iter().filter(|gpu| !usage.gpus.contains(*gpu)).count();
    Instance {
        id: found.id,
        ec2_instance_id: found.ec2_instance_id.clone(),
        launch_type: if is_external(found) { LaunchType::External } else { LaunchType::Ec2 },
        capacity_provider: found.capacity_provider.as_deref().map(Into::into),
        status: found.status,
        agent_connected: found.agent_connected,
        agent_version: Some(found.agent.agent_version.clone())
            .filter(|version| !version.is_empty()),
        registered_at: found.registered_at,
        attributes: attributes.of(&found.attributes),
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
        tasks_by_group: usage.groups.clone(),
    }
}
