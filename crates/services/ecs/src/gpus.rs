//! Which GPUs of its host each container of a task gets.
//!
//! Placement finds a host with as many free GPUs as the task wants; in the same transaction they are given
//! to its containers by name, so that no GPU is promised twice. AWS: a GPU belongs to one container.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_scheduler::Gpus;

/// AWS: the value that asks for every GPU of the host.
pub const ALL: &str = "ALL";

/// What the containers of a task want together.
pub fn wanted(containers: &[api::ContainerDefinition]) -> Gpus {
    containers.iter().map(of_container).fold(Gpus::default(), |sum, gpus| match (sum, gpus) {
        (Gpus::Number(sum), Gpus::Number(more)) => Gpus::Number(sum.saturating_add(more)),
        (Gpus::All, _) | (_, Gpus::All) => Gpus::All,
    })
}

/// The GPUs of each container, in the containers' order, from those of the host that no task has.
pub fn assign(
    containers: &[api::ContainerDefinition],
    registered: &[String],
    taken: &BTreeSet<String>,
) -> Vec<Vec<String>> {
    let mut free = registered.iter().filter(|gpu| !taken.contains(*gpu)).cloned();
    let of_container = |container| match of_container(container) {
        Gpus::Number(number) => free.by_ref().take(number as usize).collect(),
        Gpus::All => free.by_ref().collect(),
    };
    containers.iter().map(of_container).collect()
}

/// Values have been checked before: what is no number asks for none.
fn of_container(container: &api::ContainerDefinition) -> Gpus {
    let mut requirements = container.resource_requirements.iter().flatten();
    let gpu = requirements.find(|requirement| requirement.r#type == Some(api::ResourceType::Gpu));
    match gpu.and_then(|gpu| gpu.value.as_deref()) {
        Some(ALL) => Gpus::All,
        Some(number) => Gpus::Number(number.parse().unwrap_or(0)),
        None => Gpus::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(gpus: Option<&str>) -> api::ContainerDefinition {
        let requirement = |value: &str| api::ResourceRequirement {
            r#type: Some(api::ResourceType::Gpu),
            value: Some(value.to_owned()),
            sharing_strategy: None,
        };
        api::ContainerDefinition {
            resource_requirements: gpus.map(|value| vec![requirement(value)]),
            ..Default::default()
        }
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn each_container_gets_gpus_of_its_own() {
        let containers = [container(Some("2")), container(None), container(Some("1"))];
        assert_eq!(wanted(&containers), Gpus::Number(3));
        let taken = BTreeSet::from(["b".to_owned()]);
        let given = assign(&containers, &ids(&["a", "b", "c", "d", "e"]), &taken);
        assert_eq!(given, [ids(&["a", "c"]), ids(&[]), ids(&["d"])]);
    }

    #[test]
    fn all_is_whatever_the_host_has() {
        let containers = [container(None), container(Some("ALL"))];
        assert_eq!(wanted(&containers), Gpus::All);
        let given = assign(&containers, &ids(&["a", "b"]), &BTreeSet::new());
        assert_eq!(given, [ids(&[]), ids(&["a", "b"])]);
    }
}
