//! What an actor tells: others of this agent at every step, the control plane when it should know.

use berth_lifecycle::{derive_status, is_stopping};
use berth_model::{ContainerStatus, TaskStatus, Timestamp};

use super::super::snapshot::Snapshot;
use super::Actor;
use crate::report::{ContainerStateChange, TaskStateChange, shorten};

impl Actor {
    /// Shows others where the task stands, and reports it if the control plane should know.
    pub(super) fn tell(&mut self) {
        let status = self.status();
        let snapshot = Snapshot {
            ended_at: self.ended_at,
            status,
            is_stopping: is_stopping(&self.view) || self.refusal.is_some(),
            containers: self
                .containers
                .iter()
                .zip(&self.view.containers)
                .filter(|(container, _)| !container.definition.is_internal)
                .map(|(container, view)| container.snapshot(view))
                .collect(),
        };
        let parts = self.parts.clone();
        self.snapshot.send_if_modified(|held| {
            if *held == snapshot {
                return false;
            }
            if held
                .containers
                .iter()
                .map(|held| held.health)
                .ne(snapshot.containers.iter().map(|new| new.health))
            {
                parts.health_changed.notify_one();
            }
            *held = snapshot;
            true
        });
        let report = self.report(status);
        let is_news = match &self.told {
            None => {
                let has_begun = |told: &ContainerStateChange| told.status != "PENDING";
                status != TaskStatus::Pending
                    || report.containers.iter().any(has_begun)
                    || (!report.containers.is_empty() && self.has_all_images())
            }
            Some(told) => *told != report && !told.is_final(),
        };
        if is_news {
            self.parts.outbox.send(&report);
            if report.is_final() {
                // Only now: what is not in the report must not be forgotten before it.
                self.parts.ended(&self.task.arn);
            }
            self.told = Some(report);
        }
    }

    /// AWS: which images a task has got is told once, before it runs, so that other tasks of its service get the same.
    fn has_all_images(&self) -> bool {
        self.view.containers.iter().all(|view| view.status > ContainerStatus::Pending)
    }

    fn report(&self, status: TaskStatus) -> TaskStateChange {
        let containers = self.containers.iter().zip(&self.view.containers);
        let reason = match (status, &self.refusal, &self.cause) {
            (TaskStatus::Stopped, Some(refusal), _) => Some(refusal.clone()),
            (TaskStatus::Stopped, None, Some(cause)) => Some(cause.reason.clone()),
            _ => None,
        };
        TaskStateChange {
            cluster: self.parts.host.options.cluster.clone(),
            task: self.task.arn.clone(),
            status: status.as_str(),
            reason: reason.map(shorten),
            pull_started_at: self.pull_started_at,
            pull_stopped_at: self.pull_stopped_at,
            execution_stopped_at: self.execution_stopped_at(),
            containers: containers.filter_map(|(container, view)| container.change(view)).collect(),
        }
    }

    pub(super) fn status(&self) -> TaskStatus {
        if self.refusal.is_some() && self.is_ended() {
            return TaskStatus::Stopped;
        }
        derive_status(&self.view)
    }

    /// AWS: when the first essential container ended, or else the last of all.
    pub(super) fn execution_stopped_at(&self) -> Option<Timestamp> {
        let ends = |essential_only: bool| {
            self.containers
                .iter()
                .zip(&self.view.containers)
                .filter(move |(_, view)| !essential_only || view.essential)
                .filter(|(_, view)| view.exit_code.is_some())
                .filter_map(|(container, _)| container.ended_at)
        };
        let last = || self.is_ended().then(|| ends(false).max()).flatten();
        ends(true).min().or_else(last)
    }
}
