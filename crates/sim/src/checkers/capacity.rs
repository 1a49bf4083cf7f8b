//! No host is promised away twice: what the records give to tasks fits what the instance registered.

use std::collections::{BTreeMap, BTreeSet};

use berth_ecs::tables::{ContainerInstance, Reservation, Task};
use berth_model::{ContainerInstanceId, Timestamp};

use super::{Checker, Sight};
use crate::records::Records;

pub(super) struct Capacity;

impl Checker for Capacity {
    fn name(&self) -> &'static str {
        "capacity"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Records(records) = sight else { return Ok(()) };
        by_instance(records).into_iter().try_for_each(|(instance, tasks)| {
            let instance = records.instances.get(&instance).ok_or_else(|| {
                format!("tasks hold room on instance {instance}, which does not exist")
            })?;
            fits(instance, &tasks)
        })
    }
}

fn by_instance(records: &Records) -> BTreeMap<ContainerInstanceId, Vec<&Task>> {
    let mut tasks: BTreeMap<_, Vec<&Task>> = BTreeMap::new();
    for task in records.tasks.values().filter(|task| task.holds_resources()) {
        if let Some(instance) = task.container_instance {
            tasks.entry(instance).or_default().push(task);
        }
    }
    tasks
}

fn fits(instance: &ContainerInstance, tasks: &[&Task]) -> Result<(), String> {
    let sum =
        |of: fn(&Reservation) -> u64| tasks.iter().map(|task| of(&task.reserved)).sum::<u64>();
    let (cpu, memory) =
        (sum(|reserved| reserved.cpu.0.into()), sum(|reserved| reserved.memory.0.into()));
    let (offered_cpu, offered_memory) =
        (u64::from(instance.registered.cpu.0), u64::from(instance.registered.memory.0));
    if cpu > offered_cpu || memory > offered_memory {
        return Err(format!(
            "instance {} has {offered_cpu} CPU units and {offered_memory} MiB, and {} tasks hold {cpu} and {memory}",
            instance.id,
            tasks.len(),
        ));
    }
    let mut taken: BTreeSet<u16> = instance.registered.reserved_tcp.clone();
    for task in tasks {
        for port in &task.reserved.tcp {
            if !taken.insert(*port) {
                return Err(format!("port {port} of instance {} is promised twice", instance.id));
            }
        }
    }
    Ok(())
}
