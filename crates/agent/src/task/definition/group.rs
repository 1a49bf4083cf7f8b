//! The limits of a task as a whole: a group that all of its containers are in.

use berth_agent_protocol::acs;
use berth_model::CpuUnits;
use berth_runtime::{GroupSpec, MemoryBytes};

use super::{Refusal, task_id};

/// What a task's own limits are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// A group of the task's containers, as in ECS.
    OfTask,
    /// Each of its containers.
    ///
    /// DEVIATES: where the host lets no groups be made, ECS's agent leaves a task's own limits out. Here no container
    /// of it gets more than the task may have.
    OfContainers,
}

/// `None` if the task has no limits of its own: weights of containers mean the same in a group and without one.
pub(super) fn compile(task: &acs::Task, limits: Limits) -> Result<Option<GroupSpec>, Refusal> {
    let (cpu, memory) = (cpu_units(task), memory_mib(task));
    if limits == Limits::OfContainers || (cpu.is_none() && memory.is_none()) {
        return Ok(None);
    }
    // AWS: a container may not ask for more memory than its task has.
    for container in &task.containers {
        let asked = container.memory.unwrap_or(0);
        if memory.is_some_and(|limit| asked > i64::from(limit)) {
            return Err(Refusal::unreadable(format_args!(
                "container `{}` has a memory limit of {asked} MiB, which is more than the task's",
                container.name
            )));
        }
    }
    Ok(Some(GroupSpec {
        // DEVIATES: ECS's agent gives a group with a limit no weight, so that on a busy host all such tasks get the
        // same, whatever they were promised. Here a task weighs what it has reserved.
        cpu_shares: Some(cpu.unwrap_or_else(|| shares_of_containers(task))),
        cpu_limit: cpu.map(CpuUnits),
        memory_limit: memory.map(MemoryBytes::from_mib),
        ..GroupSpec::new(task_id(&task.arn))
    }))
}

/// AWS: what its containers weigh together, if the task itself says nothing.
fn shares_of_containers(task: &acs::Task) -> u32 {
    task.containers.iter().map(super::container::cpu_shares).fold(0, u32::saturating_add)
}

/// The task's own CPU, which the payload has in vCPUs.
pub(super) fn cpu_units(task: &acs::Task) -> Option<u32> {
    // A figure beyond all hosts becomes the largest there is.
    task.cpu.filter(|vcpus| *vcpus > 0.0).map(|vcpus| (vcpus * 1024.0).round() as u32)
}

pub(super) fn memory_mib(task: &acs::Task) -> Option<u32> {
    task.memory.filter(|mib| *mib > 0).map(|mib| u32::try_from(mib).unwrap_or(u32::MAX))
}
