//! Groups of the fake's containers: limits that hold for several of them together.

use std::collections::BTreeMap;

use super::World;
use crate::{ErrorKind, GroupSpec, MemoryBytes, RuntimeError, RuntimeId, Verb};

/// By what members have as their cgroup parent.
#[derive(Debug, Default)]
pub(in crate::fake) struct Groups(BTreeMap<String, GroupSpec>);

impl Groups {
    pub fn ensure(&mut self, owner: &str, spec: GroupSpec) -> String {
        let parent = parent(owner, &spec.name);
        self.0.insert(parent.clone(), spec);
        parent
    }

    pub fn names(&self, owner: &str) -> Vec<String> {
        let ours = self.0.iter().filter(|(held, spec)| **held == parent(owner, &spec.name));
        ours.map(|(_, spec)| spec.name.clone()).collect()
    }

    pub fn all(&self) -> &BTreeMap<String, GroupSpec> {
        &self.0
    }
}

fn parent(owner: &str, name: &str) -> String {
    format!("/ecs/{owner}/{name}")
}

impl World {
    pub fn remove_group(&mut self, owner: &str, name: &str) -> Result<(), RuntimeError> {
        let parent = parent(owner, name);
        let mut members = self.containers.values().filter(|container| container.is_running());
        if members.any(|member| member.spec.cgroup_parent.as_ref() == Some(&parent)) {
            let message = format!("the group {parent} is in use");
            return Err(RuntimeError::new(Verb::RemoveGroup, ErrorKind::Conflict, message));
        }
        self.groups.0.remove(&parent);
        Ok(())
    }

    /// Whether this container would need more than its group has left. Who comes last is who is killed.
    pub(super) fn exceeds_group(&self, id: &RuntimeId, memory: MemoryBytes) -> bool {
        let parent =
            self.containers.get(id).and_then(|container| container.spec.cgroup_parent.as_ref());
        let limit = parent.and_then(|parent| self.groups.0.get(parent)?.memory_limit);
        let Some(limit) = limit else { return false };
        let others = self.containers.values().filter(|other| {
            other.id != *id && other.is_running() && other.spec.cgroup_parent.as_ref() == parent
        });
        let taken: u64 = others
            .filter_map(|other| other.script.as_ref().ok())
            .map(|script| script.memory.as_bytes())
            .sum();
        taken + memory.as_bytes() > limit.as_bytes()
    }
}
