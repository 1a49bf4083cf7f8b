//! One deployment of a service: a revision, and how far it has come.

use std::fmt;

use berth_model::{RolloutState, ServiceDeploymentStatus, TaskSetId, Timestamp};
use minicbor::{Decode, Encode};

#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Also what its tasks say they were started by.
    pub id: TaskSetId,
    pub created_at: Timestamp,
    /// How many tasks found no instance when they were last placed.
    pub unplaced: u32,
    pub progress: Progress,
}

/// How far a deployment has come. Kept by the caller and shown again.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Progress {
    #[n(0)]
    pub role: Role,
    #[n(1)]
    pub rollout: RolloutState,
    #[n(2)]
    pub reason: RolloutReason,
    /// The status of the service deployment that this deployment came with.
    #[n(3)]
    pub status: ServiceDeploymentStatus,
    /// How many tasks it is meant to have now: all for the primary one, ever fewer for others.
    #[n(4)]
    pub desired_count: u32,
    #[n(5)]
    pub failed_tasks: u32,
    #[n(6)]
    pub updated_at: Timestamp,
    #[n(7)]
    pub started_at: Option<Timestamp>,
    #[n(8)]
    pub finished_at: Option<Timestamp>,
    /// Whether all its tasks ever ran: what makes it fit to be rolled back to.
    #[n(9)]
    pub ever_completed: bool,
    #[n(10)]
    pub rollback: Option<Rollback>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// The one that the service is moving to.
    #[n(0)]
    Primary,
    /// One that still has tasks, or may be rolled back to.
    #[n(1)]
    Active,
}

impl Role {
    /// ECS's word, the `status` of a deployment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Primary => "PRIMARY",
            Role::Active => "ACTIVE",
        }
    }
}

/// Where a failed deployment went back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Rollback {
    #[n(0)]
    pub to: TaskSetId,
    #[n(1)]
    pub started_at: Timestamp,
    #[n(2)]
    pub why: RolloutReason,
}

/// Why a rollout is in the state it is in; rendered for one deployment by [`RolloutReason::render`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RolloutReason {
    #[n(0)]
    InProgress,
    #[n(1)]
    Completed,
    /// Too many tasks never ran.
    #[n(2)]
    TasksFailedToStart,
    /// Too many tasks ran and were not well.
    #[n(3)]
    TasksFailedHealthChecks,
    #[n(4)]
    AlarmFired,
    #[n(5)]
    StoppedByUser,
    #[n(6)]
    RollingBack,
    #[n(7)]
    Superseded,
}

impl RolloutReason {
    /// ECS's words, the `rolloutStateReason` of the deployment.
    pub fn render(self, deployment: TaskSetId) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            RolloutReason::InProgress => write!(f, "ECS deployment {deployment} in progress."),
            RolloutReason::Completed => write!(f, "ECS deployment {deployment} completed."),
            RolloutReason::TasksFailedToStart => {
                f.write_str("ECS deployment circuit breaker: tasks failed to start.")
            }
            RolloutReason::TasksFailedHealthChecks => {
                f.write_str("ECS deployment circuit breaker: tasks failed health checks.")
            }
            RolloutReason::AlarmFired => f.write_str("ECS deployment failed: alarm detected."),
            RolloutReason::StoppedByUser => {
                write!(f, "ECS deployment {deployment} was stopped by a user.")
            }
            RolloutReason::RollingBack => {
                write!(
                    f,
                    "ECS deployment circuit breaker: rolling back to deploymentId {deployment}."
                )
            }
            RolloutReason::Superseded => {
                write!(f, "ECS deployment {deployment} was superseded by a newer one.")
            }
        })
    }
}

impl Progress {
    /// Of a deployment that has just become the primary one.
    pub fn begin(desired_count: u32, now: Timestamp) -> Self {
        Progress {
            role: Role::Primary,
            rollout: RolloutState::InProgress,
            reason: RolloutReason::InProgress,
            status: ServiceDeploymentStatus::Pending,
            desired_count,
            failed_tasks: 0,
            updated_at: now,
            started_at: None,
            finished_at: None,
            ever_completed: false,
            rollback: None,
        }
    }

    /// Whether the service deployment it came with has come to its end.
    pub fn is_finished(&self) -> bool {
        use ServiceDeploymentStatus as Status;
        match self.status {
            Status::Successful
            | Status::Stopped
            | Status::RollbackSuccessful
            | Status::RollbackFailed => true,
            Status::Pending
            | Status::InProgress
            | Status::StopRequested
            | Status::RollbackRequested
            | Status::RollbackInProgress => false,
        }
    }
}

/// What changes about the others when a new deployment becomes the primary one.
///
/// The caller adds the new one with [`Progress::begin`] in the same transaction.
pub fn supersede(deployments: &[Deployment], now: Timestamp) -> Vec<(TaskSetId, Progress)> {
    deployments
        .iter()
        .filter(|deployment| deployment.progress.role == Role::Primary)
        .map(|deployment| {
            let mut progress = deployment.progress.clone();
            progress.role = Role::Active;
            progress.updated_at = now;
            if !progress.is_finished() {
                // AWS: developer guide, service-deployment: a newer one stops the one under way.
                progress.status = ServiceDeploymentStatus::Stopped;
                progress.reason = RolloutReason::Superseded;
                progress.finished_at = Some(now);
            }
            (deployment.id, progress)
        })
        .collect()
}
