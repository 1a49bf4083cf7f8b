//! The stages of a task that are not its agent's: what others do before it starts and after it ends.
//!
//! A network interface is made before the task is told to its agent, a balancer hears of it before it counts
//! as RUNNING, hears of its end before it is stopped, and the interface goes last. Whoever has such work
//! holds the task in a [`Stage`]; a stage that nobody holds is passed through and never seen.
//!
//! ```text
//! PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED
//! ```

use berth_model::{TaskStatus, Timestamp};

use crate::report::{KnownTask, Transition};

/// Where others may hold a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before its agent is told of it.
    Provisioning,
    /// Its containers run; it does not count as running yet.
    Activating,
    /// It is to stop; its agent is not told yet.
    Deactivating,
    /// Its containers have ended.
    Deprovisioning,
}

impl Stage {
    /// The status of a task that is held here.
    pub fn status(self) -> TaskStatus {
        match self {
            Stage::Provisioning => TaskStatus::Provisioning,
            Stage::Activating => TaskStatus::Activating,
            Stage::Deactivating => TaskStatus::Deactivating,
            Stage::Deprovisioning => TaskStatus::Deprovisioning,
        }
    }

    /// What comes after it.
    pub fn next_status(self) -> TaskStatus {
        match self {
            Stage::Provisioning => TaskStatus::Pending,
            Stage::Activating => TaskStatus::Running,
            Stage::Deactivating => TaskStatus::Stopping,
            Stage::Deprovisioning => TaskStatus::Stopped,
        }
    }

    /// The status of a task that enters this stage, held in it or not.
    pub fn entered(self, held: &[Stage]) -> TaskStatus {
        if held.contains(&self) { self.status() } else { self.next_status() }
    }
}

/// Lets a task go on that nobody holds any more where it is.
pub fn go_on(known: &KnownTask<'_>, now: Timestamp) -> Transition {
    let stages =
        [Stage::Provisioning, Stage::Activating, Stage::Deactivating, Stage::Deprovisioning];
    let here = stages.into_iter().find(|stage| stage.status() == known.last_status);
    let Some(stage) = here.filter(|stage| !known.held.contains(stage)) else {
        return Transition::default();
    };
    let mut times = known.times;
    match stage {
        Stage::Activating => times.start(now),
        Stage::Deprovisioning => times.end(now),
        Stage::Provisioning | Stage::Deactivating => {}
    }
    Transition {
        last_status: Some(stage.next_status()),
        times: (times != known.times).then_some(times),
        ..Transition::default()
    }
}
