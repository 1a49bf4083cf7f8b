//! A service's tasks and the hosts of a daemon, as they are seen.

use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, DesiredStatus, HealthStatus, StopCode, TaskId, TaskSetId, TaskStatus,
    Timestamp,
};

/// The name of an availability zone.
pub type Zone = Arc<str>;

/// One task of the service. Tasks that have stopped are shown until a plan has accounted for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub deployment: TaskSetId,
    /// `None` while it has no place yet.
    pub instance: Option<ContainerInstanceId>,
    pub zone: Option<Zone>,
    /// Its instance is DRAINING: the task has to go.
    pub instance_draining: bool,
    /// It runs another image than its deployment was found to mean: the task has to go.
    pub is_another_version: bool,
    pub last_status: TaskStatus,
    pub desired_status: DesiredStatus,
    /// `None`: no container of it has a health check.
    pub health: Option<HealthStatus>,
    pub created_at: Timestamp,
    /// When it became RUNNING, if it ever did.
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    pub stop_code: Option<StopCode>,
    /// Protected from scale-in until then.
    pub protected_until: Option<Timestamp>,
}

impl Task {
    pub(crate) fn has_stopped(&self) -> bool {
        self.last_status >= TaskStatus::Stopped
    }

    /// RUNNING or on its way there, and meant to be: what a service counts as its tasks.
    pub(crate) fn is_live(&self) -> bool {
        self.takes_room() && self.desired_status != DesiredStatus::Stopped
    }

    /// RUNNING or on its way there, whatever it is meant to become.
    ///
    /// AWS: the ceiling is about tasks that are RUNNING or PENDING; one that is STOPPING is beyond.
    pub(crate) fn takes_room(&self) -> bool {
        self.last_status <= TaskStatus::Running
    }

    /// However well it is, another has to take its place.
    pub(crate) fn has_to_go(&self) -> bool {
        self.instance_draining || self.is_another_version
    }

    pub(crate) fn is_protected(&self, now: Timestamp) -> bool {
        self.protected_until.is_some_and(|until| until > now)
    }
}

/// An instance that a daemon could have a task on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub instance: ContainerInstanceId,
    pub state: HostState,
    /// It satisfies the placement constraints and has the attributes that the primary deployment requires.
    /// Room is another matter: a task that finds none is counted in
    /// [`Deployment::unplaced`](crate::Deployment::unplaced).
    pub eligible: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostState {
    /// ACTIVE, and its agent connected.
    InService,
    /// Its agent is not connected: what runs there stays, nothing is added.
    Away,
    Draining {
        /// Tasks of other services, daemons left out, are still there.
        occupied: bool,
    },
}
