//! What an actor says of its task to whoever asks.

use berth_lifecycle::is_stopping;
use berth_model::DesiredStatus;

use super::super::description::{ContainerDescription, Description};
use super::Actor;
use crate::labels;

impl Actor {
    pub(super) fn describe(&self) -> Description {
        let is_stopping = is_stopping(&self.view) || self.refusal.is_some();
        let containers = self.containers.iter().zip(&self.view.containers);
        Description {
            task: labels::without_credentials(&self.task),
            status: self.status(),
            desired_status: match is_stopping {
                true => DesiredStatus::Stopped,
                false => DesiredStatus::Running,
            },
            pull_started_at: self.pull_started_at,
            pull_stopped_at: self.pull_stopped_at,
            execution_stopped_at: self.execution_stopped_at(),
            containers: containers
                .filter(|(container, _)| !container.definition.is_internal)
                .map(|(container, view)| {
                    let spec = &container.definition.spec;
                    ContainerDescription {
                        name: view.name.clone(),
                        runtime_name: spec.name.clone(),
                        id: container.id.clone().filter(|_| view.exists),
                        image: spec.image.clone(),
                        status: view.status,
                        exit_code: view.exit_code,
                        restarts: container.snapshot(view).restarts,
                        started_at: view.started_at,
                        finished_at: container.ended_at.filter(|_| view.started_at.is_some()),
                        health: container.snapshot(view).health,
                        bindings: container.bindings(),
                        mounts: spec.mounts.clone(),
                    }
                })
                .collect(),
        }
    }
}
