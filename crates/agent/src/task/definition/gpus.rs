//! Which of the host's GPUs a container sees.
//!
//! AWS: the control plane says which GPU is whose, and a GPU belongs to one container. Another container of
//! the task may see the same ones by setting NVIDIA's variable itself.

use std::collections::BTreeMap;

use berth_agent_protocol::acs;
use berth_runtime::ContainerSpec;

use super::Refusal;

/// NVIDIA's runtime reads from it what to give.
const VISIBLE: &str = "NVIDIA_VISIBLE_DEVICES";

/// The GPUs of a task, by container.
#[derive(Debug)]
pub(super) struct Gpus<'a>(BTreeMap<&'a str, Vec<String>>);

impl<'a> Gpus<'a> {
    pub(super) fn of(task: &'a acs::Task) -> Result<Self, Refusal> {
        let mut gpus: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for association in &task.associations {
            let (name, kind) = (&association.name, association.kind.as_str());
            if kind != "gpu" {
                return Err(Refusal::unsupported(format_args!("associations of type `{kind}`")));
            }
            let [container] = association.containers.as_slice() else {
                return Err(Refusal::unreadable(format_args!(
                    "the GPU {name} is for {} containers, not for one",
                    association.containers.len()
                )));
            };
            if !task.containers.iter().any(|known| known.name == *container) {
                return Err(Refusal::unreadable(format_args!(
                    "the GPU {name} is for the container `{container}`, which the task does not have"
                )));
            }
            gpus.entry(container).or_default().push(name.clone());
        }
        Ok(Self(gpus))
    }

    /// All of them, which no other task may have meanwhile.
    pub(super) fn all(&self) -> impl Iterator<Item = String> {
        self.0.values().flatten().cloned()
    }

    pub(super) fn give(&self, container: &str, spec: &mut ContainerSpec) {
        if let Some(own) = self.0.get(container) {
            spec.environment.insert(VISIBLE.to_owned(), own.join(","));
            spec.gpus.clone_from(own);
        } else if !self.0.is_empty() {
            let asked = spec.environment.get(VISIBLE).map_or("", String::as_str);
            let is_one = |word: &&str| !matches!(*word, "" | "none" | "void");
            spec.gpus = asked.split(',').filter(is_one).map(str::to_owned).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{container, task};

    fn gpu(name: &str, containers: &[&str]) -> acs::Association {
        acs::Association {
            name: name.to_owned(),
            kind: "gpu".to_owned(),
            content: None,
            containers: containers.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn with(associations: Vec<acs::Association>) -> acs::Task {
        acs::Task {
            associations,
            ..task("t", vec![container("one", &[]), container("other", &[])])
        }
    }

    fn seen(
        gpus: &Gpus<'_>,
        container: &str,
        variable: Option<&str>,
    ) -> (Vec<String>, Option<String>) {
        let mut spec = ContainerSpec::new("container", "image");
        spec.environment.extend(variable.map(|value| (VISIBLE.to_owned(), value.to_owned())));
        gpus.give(container, &mut spec);
        (spec.gpus, spec.environment.remove(VISIBLE))
    }

    #[test]
    fn a_container_sees_its_own_and_others_only_what_they_ask_for() {
        let task = with(vec![gpu("GPU-a", &["one"]), gpu("GPU-b", &["one"])]);
        let gpus = Gpus::of(&task).unwrap();
        let both = vec!["GPU-a".to_owned(), "GPU-b".to_owned()];
        let told = Some("GPU-a,GPU-b".to_owned());
        assert_eq!(seen(&gpus, "one", None), (both.clone(), told.clone()));
        assert_eq!(seen(&gpus, "one", Some("all")), (both, told), "no more than it was given");
        assert_eq!(seen(&gpus, "other", None), (vec![], None));
        let asked = (vec!["GPU-a".to_owned()], Some("GPU-a".to_owned()));
        assert_eq!(seen(&gpus, "other", Some("GPU-a")), asked);
        assert_eq!(seen(&gpus, "other", Some("none")).0, Vec::<String>::new());
        assert_eq!(gpus.all().count(), 2);
    }

    #[test]
    fn a_gpu_is_for_one_container_of_the_task() {
        for (association, fault) in [
            (gpu("GPU-a", &["one", "other"]), "for 2 containers"),
            (gpu("GPU-a", &[]), "for 0 containers"),
            (gpu("GPU-a", &["ghost"]), "`ghost`"),
            (
                acs::Association { kind: "elastic-inference".into(), ..gpu("e", &["one"]) },
                "elastic-inference",
            ),
        ] {
            let reason = Gpus::of(&with(vec![association])).unwrap_err();
            assert!(reason.reason().contains(fault), "{}", reason.reason());
        }
    }
}
