//! One deployment of a service: a revision, and how far it has come.

use std::fmt;

use berth_model::{RolloutState, ServiceDeploymentStatus, TaskSetId, Timestamp};
use minicbor::{Decode, Encode};

use crate::memory::Throttle;
use crate::stage::{Hook, StageProgress, Strategy};
use crate::task::Zone;
use crate::traffic::Weights;

#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Also what its tasks say they were started by.
    pub id: TaskSetId,
    pub created_at: Timestamp,
    pub strategy: Strategy,
    pub hooks: Vec<Hook>,
    /// Which target groups its tasks are in: those of equal numbers share them. `None`: behind no load balancer.
    pub lane: Option<u32>,
    /// Why its requests cannot be shifted, in ECS's words.
    pub obstacle: Option<String>,
    /// For a task set: its share of the desired count, in percent.
    pub scale: f64,
    /// How many tasks found no instance when they were last placed.
    pub unplaced: u32,
    /// Why the first of them did not, in the scheduler's words.
    pub unplaced_because: Option<String>,
    /// The zones that they were meant for, if it was for zones: each was full, or could not take them at all.
    pub full_zones: Vec<Zone>,
    /// What came of the last start if nothing was even placed: a failure that nobody has counted yet.
    pub unlaunched: Option<Unlaunched>,
    pub progress: Progress,
}

/// Tasks that could not be launched, wherever there is room: their role is not to be had, their definition is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlaunched {
    pub tasks: u32,
    pub because: String,
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
    #[n(11)]
    pub throttle: Throttle,
    /// When the last started of its tasks that became healthy was started.
    #[n(12)]
    pub(crate) healthy_mark: Option<Timestamp>,
    /// Since when it has been all there and is watched.
    #[n(13)]
    pub baking_since: Option<Timestamp>,
    /// Since when it has had just the tasks it should have, all of them healthy.
    #[n(14)]
    pub steady_since: Option<Timestamp>,
    /// Tasks of others asked to stop for want of room, whose room was not tried yet.
    #[n(15)]
    pub(crate) room_made: u32,
    /// Where it is, if its strategy has stages.
    #[n(16)]
    pub stage: Option<StageProgress>,
    /// Its share of the service's requests, if those are shifted.
    #[n(17)]
    pub traffic: Option<Weights>,
    /// What was wrong with its network, if it failed for that.
    #[n(18)]
    pub obstacle: Option<String>,
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
    /// A task set that was deleted: it goes when its tasks have stopped.
    #[n(2)]
    Draining,
}

impl Role {
    /// ECS's word, the `status` of a deployment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Primary => "PRIMARY",
            Role::Active => "ACTIVE",
            Role::Draining => "DRAINING",
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
    /// Too many tasks did not become healthy.
    #[n(2)]
    TasksFailedToStart,
    #[n(3)]
    AlarmFired,
    #[n(4)]
    StoppedByUser,
    #[n(5)]
    RollingBack,
    #[n(6)]
    Superseded,
    /// A lifecycle hook said so, or said nothing for too long.
    #[n(7)]
    HookFailed,
    /// Its listener rules are not what requests can be shifted with.
    #[n(8)]
    InvalidNetworking,
}

impl RolloutReason {
    /// ECS's words, the `rolloutStateReason` of the deployment.
    pub fn render(self, deployment: TaskSetId) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            RolloutReason::InProgress => write!(f, "ECS deployment {deployment} in progress."),
            RolloutReason::Completed => write!(f, "ECS deployment {deployment} completed."),
            // AWS: failed health checks are told in the same words.
            RolloutReason::TasksFailedToStart => {
                f.write_str("ECS deployment circuit breaker: tasks failed to start.")
            }
            RolloutReason::AlarmFired => f.write_str("ECS deployment failed: alarm detected."),
            RolloutReason::StoppedByUser => {
                write!(f, "ECS deployment {deployment} was stopped by a user.")
            }
            RolloutReason::RollingBack => write!(
                f,
                "ECS deployment circuit breaker: rolling back to deploymentId {deployment}."
            ),
            RolloutReason::Superseded => {
                write!(f, "ECS deployment {deployment} was superseded by a newer one.")
            }
            RolloutReason::HookFailed => {
                f.write_str("ECS deployment failed: a lifecycle hook did not succeed.")
            }
            RolloutReason::InvalidNetworking => f.write_str(
                "Service deployment rolled back because of invalid networking configuration.",
            ),
        })
    }

    /// For a service event, after "deployment failed:".
    pub(crate) const fn in_short(self) -> &'static str {
        match self {
            RolloutReason::TasksFailedToStart => "tasks failed to start",
            RolloutReason::AlarmFired => "alarm detected",
            RolloutReason::HookFailed => "a lifecycle hook did not succeed",
            RolloutReason::InvalidNetworking => "invalid networking configuration",
            RolloutReason::StoppedByUser => "stopped by a user",
            RolloutReason::Superseded => "superseded by a newer one",
            RolloutReason::InProgress | RolloutReason::Completed | RolloutReason::RollingBack => {
                "not failed"
            }
        }
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
            throttle: Throttle::default(),
            healthy_mark: None,
            baking_since: None,
            steady_since: None,
            room_made: 0,
            stage: None,
            traffic: None,
            obstacle: None,
        }
    }

    /// What StopServiceDeployment asks for; the next plan does it. `false`: it has come to its end already.
    pub fn request_stop(&mut self, rollback: bool) -> bool {
        use ServiceDeploymentStatus as Status;
        match (self.status, rollback) {
            (Status::Pending | Status::InProgress, true) => self.status = Status::RollbackRequested,
            (Status::Pending | Status::InProgress, false) => self.status = Status::StopRequested,
            _ => {}
        }
        !self.is_finished()
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
    let mut changed = Vec::new();
    for Deployment { id, progress: before, .. } in deployments {
        let mut progress = before.clone();
        if progress.role == Role::Primary {
            progress.role = Role::Active;
        }
        if !progress.is_finished() {
            // AWS: developer guide, service-deployment: a newer one asks the one under way to stop, which the
            // next plan does; a rollback under way has failed, for there is no other end that is not its own.
            progress.reason = RolloutReason::Superseded;
            if progress.status == ServiceDeploymentStatus::RollbackInProgress {
                progress.status = ServiceDeploymentStatus::RollbackFailed;
                progress.finished_at = Some(now);
            } else {
                progress.status = ServiceDeploymentStatus::StopRequested;
            }
        }
        if progress != *before {
            progress.updated_at = now;
            changed.push((*id, progress));
        }
    }
    changed
}
