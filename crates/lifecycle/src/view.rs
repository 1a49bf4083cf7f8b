//! A task as its agent sees it: what the task definition asks, and how far each container has come.

use std::time::Duration;

use berth_model::{ContainerStatus, DesiredStatus, HealthStatus, Timestamp};

use crate::graph::Need;
use crate::restart::{RestartPolicy, RunEnd};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskView {
    pub desired_status: DesiredStatus,
    pub containers: Vec<ContainerView>,
    /// Nobody needs the ended containers any more: they may be removed.
    pub may_remove: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerView {
    pub name: String,
    /// Its end is the task's end.
    pub essential: bool,
    /// What must be so with other containers before this one starts.
    pub needs: Vec<Need>,
    /// What it is made with is known only once everything that it needs is so.
    pub is_made_late: bool,
    /// How long the container gets between being asked to end and being killed.
    pub stop_grace: Duration,
    /// How long others wait for this container to be what they need, counted from its start.
    pub start_timeout: Option<Duration>,
    /// `None`: its first end is its last.
    pub restart_policy: Option<RestartPolicy>,

    pub status: ContainerStatus,
    pub started_at: Option<Timestamp>,
    /// Only a container that ran has one.
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
    /// A run ended, and the container has a restart policy: its status stays RUNNING until it is settled what follows.
    pub run_end: Option<RunEnd>,
    pub health: HealthStatus,
    /// What is being done with the container right now.
    pub doing: Option<Step>,
    /// The runtime knows the container, so that it must be removed one day.
    pub exists: bool,
}

/// An act on a container that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Pull,
    Create,
    Start,
    Stop,
    Remove,
}

impl ContainerView {
    /// A container of which nothing is done yet.
    pub fn new(name: impl Into<String>, essential: bool) -> Self {
        ContainerView {
            name: name.into(),
            essential,
            needs: Vec::new(),
            is_made_late: false,
            stop_grace: Duration::from_secs(30),
            start_timeout: None,
            restart_policy: None,
            status: ContainerStatus::Pending,
            started_at: None,
            exit_code: None,
            reason: None,
            run_end: None,
            health: HealthStatus::Unknown,
            doing: None,
            exists: false,
        }
    }

    /// As it is reported: also between two runs.
    pub fn is_running(&self) -> bool {
        matches!(self.status, ContainerStatus::Running | ContainerStatus::ResourcesProvisioned)
    }

    /// Its program runs.
    pub fn is_up(&self) -> bool {
        self.is_running() && self.run_end.is_none()
    }

    pub fn is_stopped(&self) -> bool {
        self.status == ContainerStatus::Stopped
    }

    /// Runs, or ran and ended. A container that failed before it ran has no exit code.
    pub fn has_run(&self) -> bool {
        self.is_running() || self.exit_code.is_some()
    }
}

impl TaskView {
    pub fn container(&self, name: &str) -> Option<&ContainerView> {
        self.containers.iter().find(|container| container.name == name)
    }
}
