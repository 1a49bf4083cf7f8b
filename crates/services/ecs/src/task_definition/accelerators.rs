//! GPUs and other accelerators that containers ask for.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_scheduler::Gpus;

use super::{Verdict, containers_of, name_of, refuse, refuse_unless};
use crate::gpus::{self, ALL};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let offered = check_inference(definition)?;
    let (mut ways, mut with_neuron) = (BTreeSet::new(), 0);
    for container in containers_of(definition) {
        let requirements = container.resource_requirements.as_deref().unwrap_or_default();
        for requirement in requirements {
            match &requirement.r#type {
                Some(api::ResourceType::Gpu) => ways.extend(check_gpu(container, requirement)?),
                Some(api::ResourceType::NeuronDevice) => {
                    with_neuron += 1;
                    check_neuron(container, requirement)?;
                }
                Some(api::ResourceType::InferenceAccelerator) => {
                    let device = requirement.value.as_deref().unwrap_or_default();
                    if !offered.contains(device) {
                        return invalid(
                            container,
                            &format!("`{device}` is none of the task's inferenceAccelerators."),
                        );
                    }
                }
                // The pipeline has refused what the model does not know.
                Some(api::ResourceType::Unknown(_)) | None => {}
            }
        }
        let gpus =
            requirements.iter().filter(|each| each.r#type == Some(api::ResourceType::Gpu)).count();
        if gpus > 1 {
            return invalid(container, "GPU is asked for more than once.");
        }
    }
    refuse_unless(with_neuron <= 1, || {
        "Only one container of a task can have a resource requirement of type NeuronDevice."
            .to_owned()
    })?;
    let containers = containers_of(definition);
    let with_gpus = containers.iter().filter(|one| asks_for_gpus(one)).count();
    refuse_unless(gpus::wanted(containers) != Gpus::All || with_gpus == 1, || {
        "A container that asks for ALL GPUs must be the only one of its task that asks for any."
            .to_owned()
    })?;
    refuse_unless(ways.len() <= 1, || {
        "All containers of a task that ask for GPUs must do so in the same way: by value, or by sharingStrategy."
            .to_owned()
    })
}

fn asks_for_gpus(container: &api::ContainerDefinition) -> bool {
    gpus::wanted(std::slice::from_ref(container)) != Gpus::default()
}

fn invalid<T>(container: &api::ContainerDefinition, problem: &str) -> Result<T, api::Error> {
    refuse(format!(
        "Invalid 'resourceRequirements' setting for container '{}'. {problem}",
        name_of(container)
    ))
}

/// Whether whole GPUs are asked for, or a share of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Whole,
    Shared,
}

fn check_gpu(
    container: &api::ContainerDefinition,
    requirement: &api::ResourceRequirement,
) -> Result<Option<Way>, api::Error> {
    match (requirement.value.as_deref(), &requirement.sharing_strategy) {
        (Some(ALL), None) => Ok(Some(Way::Whole)),
        (Some(value), None) => match value.parse::<u32>() {
            // AWS: a GPU count of 0 asks for none.
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(Way::Whole)),
            Err(_) => {
                invalid(container, &format!("`{value}` is neither a number of GPUs nor ALL."))
            }
        },
        (None, Some(_)) => Ok(Some(Way::Shared)),
        (None, None) => invalid(container, "A GPU requirement needs a value or a sharingStrategy."),
        (Some(_), Some(_)) => {
            invalid(container, "A GPU requirement has either a value or a sharingStrategy.")
        }
    }
}

fn check_neuron(
    container: &api::ContainerDefinition,
    requirement: &api::ResourceRequirement,
) -> Verdict {
    if requirement.value.as_deref() != Some(ALL) {
        return invalid(container, "The value of a NeuronDevice requirement must be ALL.");
    }
    match &requirement.sharing_strategy {
        Some(_) => invalid(container, "sharingStrategy is for GPUs only."),
        None => Ok(()),
    }
}

fn check_inference(definition: &api::TaskDefinition) -> Result<BTreeSet<&str>, api::Error> {
    let mut names = BTreeSet::new();
    for accelerator in definition.inference_accelerators.iter().flatten() {
        let name = accelerator.device_name.as_deref().unwrap_or_default();
        if name.is_empty() || accelerator.device_type.as_deref().is_none_or(str::is_empty) {
            return refuse(
                "Invalid 'inferenceAccelerators' setting for task. deviceName and deviceType must not be empty.",
            );
        }
        if !names.insert(name) {
            return refuse(format!(
                "Invalid 'inferenceAccelerators' setting for task. `{name}` is given more than once."
            ));
        }
    }
    Ok(names)
}
