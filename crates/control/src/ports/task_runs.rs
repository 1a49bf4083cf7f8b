//! Tasks that another service has run for it: what a Lambda function is on AWS.

use std::collections::BTreeMap;

use async_trait::async_trait;
use berth_model::{Scope, TaskId, Timestamp};
use minicbor::{Decode, Encode};

use crate::pipeline::Call;
use crate::pipeline::access::Wanted;
use crate::tables::Change;

/// Implemented by ECS. A task is known by an id that the caller chooses and remembers beforehand, so that it is never
/// started twice, whoever dies in between.
#[async_trait]
pub trait TaskRuns: Send + Sync + 'static {
    /// The active revision that is meant now by a family, with or without a revision: `family:revision`.
    fn revision(&self, scope: &Scope, named: &str) -> Option<String>;

    /// Everything that must be allowed to a caller who wants such a task, as if the caller ran it.
    fn wants(&self, call: &Call, kind: &TaskKind) -> Vec<Wanted>;

    /// Starts the task, unless there is one with its id.
    async fn run(&self, run: TaskRun) -> Result<(), TaskRefusal>;

    /// What has become of it; `None` if nobody knows of it, or not any more.
    fn outcome(&self, task: TaskId) -> Option<TaskOutcome>;

    /// Asks it to stop, if it is there.
    async fn stop(&self, task: TaskId, reason: &str, now: Timestamp) -> anyhow::Result<()>;

    /// The task that has ended by this change, if one has.
    fn ended(&self, change: &Change) -> Option<TaskId>;
}

/// What to run, and where. The numbers are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TaskKind {
    /// `family:revision`.
    #[n(0)]
    pub task_definition: String,
    /// A name.
    #[n(1)]
    pub cluster: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRun {
    pub id: TaskId,
    pub scope: Scope,
    pub kind: TaskKind,
    pub started_by: String,
    /// For each of its containers, beside its own.
    pub environment: BTreeMap<String, String>,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    Running,
    /// Every essential container that ended by itself has ended well.
    Succeeded,
    /// It ended otherwise; in words.
    Failed(String),
}

/// Why there is no task.
#[derive(Debug, thiserror::Error)]
pub enum TaskRefusal {
    /// There is no room for it now.
    #[error("{0}")]
    NoRoom(String),
    /// The same would be refused again.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// Where nobody runs tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTasks;

#[async_trait]
impl TaskRuns for NoTasks {
    fn revision(&self, _: &Scope, _: &str) -> Option<String> {
        None
    }

    fn wants(&self, _: &Call, _: &TaskKind) -> Vec<Wanted> {
        Vec::new()
    }

    async fn run(&self, _: TaskRun) -> Result<(), TaskRefusal> {
        Err(TaskRefusal::Refused("nobody runs tasks here".to_owned()))
    }

    fn outcome(&self, _: TaskId) -> Option<TaskOutcome> {
        None
    }

    async fn stop(&self, _: TaskId, _: &str, _: Timestamp) -> anyhow::Result<()> {
        Ok(())
    }

    fn ended(&self, _: &Change) -> Option<TaskId> {
        None
    }
}
