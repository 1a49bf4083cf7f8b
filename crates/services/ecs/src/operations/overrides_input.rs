//! The overrides of RunTask and StartTask, checked against the task definition.

use std::collections::BTreeSet;

use berth_aws_api::{ServiceError, ecs as api};
use berth_model::{CpuUnits, MemoryMib};

use crate::runnable::Runnable;
use crate::task_definition::{self, roles};

const LARGEST: usize = 8192;
const SMALLEST_MEMORY: i32 = 6;

pub fn check(
    given: api::TaskOverride,
    definition: &api::TaskDefinition,
) -> Result<api::TaskOverride, api::Error> {
    let unsupported = |name: &str| Err(unsupported(name));
    if given.ephemeral_storage.is_some() {
        return unsupported("ephemeralStorage");
    }
    if given.inference_accelerator_overrides.as_ref().is_some_and(|overrides| !overrides.is_empty())
    {
        return unsupported("inferenceAcceleratorOverrides");
    }
    if let Some(cpu) = &given.cpu {
        cpu.parse::<CpuUnits>().map_err(|error| invalid(format!("overrides.cpu: {error}.")))?;
    }
    if let Some(memory) = &given.memory {
        memory
            .parse::<MemoryMib>()
            .map_err(|error| invalid(format!("overrides.memory: {error}.")))?;
    }
    for (name, role) in [
        ("overrides.taskRoleArn", &given.task_role_arn),
        ("overrides.executionRoleArn", &given.execution_role_arn),
    ] {
        if let Some(role) = role {
            as_parameter(roles::check_role(name, role))?;
        }
    }
    containers(given.container_overrides.as_deref().unwrap_or_default(), definition)?;
    let merged = Runnable::new(definition, Some(&given)).merged_into(definition);
    as_parameter(task_definition::check_overridden(&merged))?;
    // AWS: everything together must fit into 8192 characters.
    if characters(&given) > LARGEST {
        return Err(invalid(format!("overrides can have at most {LARGEST} characters in all.")));
    }
    Ok(given)
}

fn containers(
    given: &[api::ContainerOverride],
    definition: &api::TaskDefinition,
) -> Result<(), api::Error> {
    let mut seen = BTreeSet::new();
    for overrides in given {
        let name = overrides.name.as_deref().unwrap_or_default();
        let mut defined = definition.container_definitions.iter().flatten();
        let Some(defined) = defined.find(|defined| defined.name.as_deref() == Some(name)) else {
            return Err(invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        };
        if !seen.insert(name) {
            return Err(invalid(format!("There is more than one override for container {name}.")));
        }
        for (what, memory) in
            [("memory", overrides.memory), ("memoryReservation", overrides.memory_reservation)]
        {
            if let Some(memory) = memory.filter(|memory| *memory < SMALLEST_MEMORY) {
                return Err(invalid(format!(
                    "Override of {what} for container {name}: at least {SMALLEST_MEMORY} MiB are needed, not {memory}."
                )));
            }
        }
        let memory = overrides.memory.or(defined.memory);
        let reservation = overrides.memory_reservation.or(defined.memory_reservation);
        if let (Some(memory), Some(reservation)) = (memory, reservation)
            && memory <= reservation
        {
            return Err(invalid(format!(
                "Override for container {name}: memory ({memory}) must be more than memoryReservation ({reservation})."
            )));
        }
        let nameless =
            |pair: &&api::KeyValuePair| pair.name.as_deref().unwrap_or_default().is_empty();
        if overrides.environment.iter().flatten().any(|pair| nameless(&pair)) {
            return Err(invalid(format!(
                "Override of environment for container {name}: a variable has no name."
            )));
        }
        if let Some(cpu) = overrides.cpu.filter(|cpu| *cpu < 0) {
            return Err(invalid(format!(
                "Override of cpu for container {name}: {cpu} is below zero."
            )));
        }
    }
    Ok(())
}

/// The texts of an override, which is what its size is made of.
fn characters(given: &api::TaskOverride) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    let pair = |pair: &api::KeyValuePair| text(&pair.name) + text(&pair.value);
    let of_container = |container: &api::ContainerOverride| {
        let command: usize =
            container.command.iter().flatten().map(|word| word.chars().count()).sum();
        text(&container.name)
            + command
            + container.environment.iter().flatten().map(pair).sum::<usize>()
            + container
                .environment_files
                .iter()
                .flatten()
                .map(|file| text(&file.value))
                .sum::<usize>()
    };
    given.container_overrides.iter().flatten().map(of_container).sum()
}

/// The rules of task definitions speak of a registration; here it is the caller's parameter that is wrong.
fn as_parameter(verdict: Result<(), api::Error>) -> Result<(), api::Error> {
    verdict.map_err(|error| invalid(error.message().unwrap_or_default().to_owned()))
}

fn unsupported(name: &str) -> api::Error {
    api::Error::unsupported_feature(format!(
        "overrides.{name} is not supported by this version of Berth; leave it out."
    ))
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}
