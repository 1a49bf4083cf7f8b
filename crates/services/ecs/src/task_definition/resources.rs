//! CPU and memory of the containers, each by itself and against the task's.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, refuse, refuse_unless};

/// AWS: what Docker reserves for the least container.
const LEAST_MIB: i32 = 6;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let (cpu, memory) = (limit(&definition.cpu), limit(&definition.memory));
    let containers = containers_of(definition);
    for container in containers {
        check_container(container, memory)?;
    }
    let sum = |of: fn(&api::ContainerDefinition) -> Option<i32>| -> i64 {
        containers.iter().filter_map(of).map(i64::from).sum()
    };
    let cpu_of_containers = sum(|container| container.cpu);
    refuse_unless(cpu.is_none_or(|cpu| cpu_of_containers <= cpu), || {
        format!(
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'. The containers have {cpu_of_containers}, the task {}.",
            cpu.unwrap_or_default()
        )
    })?;
    let reserved = sum(|container| container.memory_reservation);
    refuse_unless(memory.is_none_or(|memory| reserved <= memory), || {
        format!(
            "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'. The containers have {reserved} MiB, the task {}.",
            memory.unwrap_or_default()
        )
    })
}

/// `size.rs` has written it, as a number.
fn limit(text: &Option<String>) -> Option<i64> {
    text.as_deref()?.parse().ok()
}

fn check_container(container: &api::ContainerDefinition, of_task: Option<i64>) -> Verdict {
    let name = name_of(container);
    if let Some(cpu) = container.cpu.filter(|cpu| *cpu < 0) {
        return refuse(format!(
            "Invalid 'cpu' setting for container '{name}'. {cpu} is less than 0."
        ));
    }
    for (member, value) in
        [("memory", container.memory), ("memoryReservation", container.memory_reservation)]
    {
        if let Some(mib) = value.filter(|mib| *mib < LEAST_MIB) {
            return refuse(format!(
                "Invalid '{member}' setting for container '{name}'. {mib} MiB is less than the {LEAST_MIB} MiB that a container needs."
            ));
        }
    }
    match (container.memory, container.memory_reservation) {
        (None, None) if of_task.is_none() => {
            return refuse(format!(
                "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
            ));
        }
        (Some(hard), Some(soft)) if soft > hard => {
            return refuse(format!(
                "Invalid setting for container '{name}'. The 'memory' value, {hard} MiB, must be greater than or equal to the 'memoryReservation' value, {soft} MiB."
            ));
        }
        _ => {}
    }
    let hard = container.memory.map_or(0, i64::from);
    refuse_unless(of_task.is_none_or(|of_task| hard <= of_task), || {
        format!(
            "The 'memory' setting for container '{name}' is greater than for the task. It is {hard} MiB; the task has {}.",
            of_task.unwrap_or_default()
        )
    })
}
