//! How a plan came about, in words.

use std::fmt;

use berth_model::{TaskSetId, Timestamp};

use crate::deployment::RolloutReason;
use crate::stage::LifecycleStage;
use crate::task::Zone;

/// Facts, not sentences: rendering waits until somebody asks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    NoPrimary,
    Counted {
        desired: u32,
        floor: u32,
        ceiling: u32,
        staying: u32,
        healthy: u32,
        leaving: u32,
        stopping: u32,
    },
    Daemon {
        hosts: u32,
        floor: u32,
        current: u32,
        healthy: u32,
        outdated: u32,
    },
    TaskSet {
        task_set: TaskSetId,
        desired: u32,
        live: u32,
    },
    /// Tasks that are stopped, by what they were worth.
    GivenUp {
        unhealthy: u32,
        waiting: u32,
        healthy: u32,
    },
    /// Tasks wait for others to stop.
    NoRoom {
        wanted: u32,
        ceiling: u32,
    },
    /// Tasks wait for others to become healthy.
    Floor {
        floor: u32,
    },
    NoPlace {
        unplaced: u32,
    },
    Throttled {
        deployment: TaskSetId,
        attempts: u32,
        retry_at: Timestamp,
    },
    OutOfBreath {
        deployment: TaskSetId,
        retry_at: Timestamp,
    },
    Failures {
        failed: u32,
        threshold: u32,
    },
    Stalled {
        deployment: TaskSetId,
    },
    RollingBack {
        from: TaskSetId,
        to: TaskSetId,
        why: RolloutReason,
    },
    /// Neither starting nor stopping one is possible.
    Stuck {
        floor: u32,
        ceiling: u32,
    },
    Protected {
        tasks: u32,
    },
    Baking {
        until: Timestamp,
    },
    Stage {
        stage: LifecycleStage,
        waits_for_hooks: bool,
    },
    Rebalancing {
        from: Zone,
        to: Zone,
        tasks: u32,
    },
    /// A zone lacks tasks that found no instance there.
    ZoneFull {
        zone: Zone,
        tasks: u32,
    },
    Steady,
    Deleted {
        live: u32,
        stopping: u32,
    },
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, note) in self.notes.iter().enumerate() {
            write!(f, "{}{note}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::NoPrimary => {
                f.write_str("No deployment is primary, so there is nothing to move to.")
            }
            Note::Counted { desired, floor, ceiling, staying, healthy, leaving, stopping } => {
                write!(
                    f,
                    "{desired} desired, at least {floor} healthy and at most {ceiling} in all: \
                     {staying} stay ({healthy} healthy), {leaving} leave, {stopping} are stopping."
                )
            }
            Note::Daemon { hosts, floor, current, healthy, outdated } => write!(
                f,
                "{hosts} hosts to run on, at least {floor} healthy: {current} have the current task \
                 ({healthy} healthy), {outdated} another."
            ),
            Note::TaskSet { task_set, desired, live } => {
                write!(f, "Task set {task_set} should have {desired} tasks and has {live}.")
            }
            Note::GivenUp { unhealthy, waiting, healthy } => {
                f.write_str("Stops")?;
                let parts =
                    [(unhealthy, "unhealthy"), (waiting, "not yet healthy"), (healthy, "healthy")];
                let told = parts.iter().filter(|(count, _)| **count > 0).enumerate();
                for (index, (count, what)) in told {
                    write!(f, "{} {count} {what}", if index == 0 { "" } else { "," })?;
                }
                f.write_str(", those where there are most first.")
            }
            Note::NoRoom { wanted, ceiling } => {
                write!(f, "{wanted} more wait for room under the ceiling of {ceiling}.")
            }
            Note::Floor { floor } => {
                write!(f, "No healthy task can be spared above the floor of {floor}.")
            }
            Note::NoPlace { unplaced } => write!(f, "{unplaced} found no instance last time."),
            Note::Throttled { deployment, attempts, retry_at } => write!(
                f,
                "Tasks of {deployment} failed to start {attempts} times in a row; the next attempt \
                 is due at {retry_at}."
            ),
            Note::OutOfBreath { deployment, retry_at } => write!(
                f,
                "A task of {deployment} ended right after its start; the next ones are started at \
                 {retry_at}."
            ),
            Note::Failures { failed, threshold } => {
                write!(f, "{failed} tasks failed; {threshold} failures are too many.")
            }
            Note::Stalled { deployment } => write!(
                f,
                "Deployment {deployment} has failed and nothing takes over from it: it starts no more \
                 tasks."
            ),
            Note::RollingBack { from, to, .. } => {
                write!(f, "Deployment {from} has failed; the service goes back to {to}.")
            }
            Note::Stuck { floor, ceiling } => write!(
                f,
                "Stuck: no task may be stopped above the floor of {floor}, and none started under the \
                 ceiling of {ceiling}."
            ),
            Note::Protected { tasks } => write!(f, "{tasks} tasks are protected from scale-in."),
            Note::Baking { until } => write!(f, "All there; watched until {until}."),
            Note::Stage { stage, waits_for_hooks } => write!(
                f,
                "At stage {}{}.",
                stage.as_str(),
                if *waits_for_hooks { ", waiting for a hook" } else { "" }
            ),
            Note::Rebalancing { from, to, tasks } => {
                write!(f, "{tasks} tasks are to move from {from} to {to}.")
            }
            Note::ZoneFull { zone, tasks } => {
                write!(
                    f,
                    "{zone} had no instance for {tasks} tasks that it lacks; it is tried again."
                )
            }
            Note::Steady => f.write_str("The service is steady."),
            Note::Deleted { live, stopping } => {
                write!(f, "The service was deleted: {live} tasks to stop, {stopping} are stopping.")
            }
        }
    }
}
