//! What must always be true, one rule a file. Each checker sees everything that can be observed from outside and
//! says when its rule is broken; none of them knows how the code keeps it.
//!
//! [`convergence`] and [`Ranks`] are another kind: they are asked at the end, when nothing is broken any more.

mod answers;
mod capacity;
pub mod convergence;
mod forward;
mod instants;
mod kept;
mod lost;
mod one_host;
mod overload;
mod ranks;
mod remains;
mod restless;
mod services;
#[cfg(test)]
mod specimens;
mod told;

pub use lost::is_lost;
pub use ranks::Ranks;

use berth_control::tables::Change;
use berth_ecs::tables::{Service, StateChange, Task};
use berth_model::{TaskId, Timestamp};
use std::time::Duration;

use crate::records::{Records, TaskChange, Wishes};
use crate::scene::HostView;

/// Something that was observed.
pub enum Sight<'a> {
    /// A task's record changed; `after` is missing when it was forgotten.
    Task { before: Option<&'a Task>, after: Option<&'a Task> },
    /// A commit as it is announced, before it is in the records.
    Commit(&'a [Change]),
    /// A server has started with these rows.
    Loaded { tasks: &'a [&'a Task], services: &'a [&'a Service], events: &'a [&'a StateChange] },
    /// All of a commit is in the records now.
    Records(&'a Records),
    /// The same, with what it was: wishes before, and tasks on both sides, in order.
    Commits { records: &'a Records, before: &'a Wishes, changes: &'a [TaskChange] },
    /// What runs on every host.
    Hosts { records: &'a Records, hosts: &'a [HostView] },
    /// A client was told that these tasks were started.
    Started(&'a [TaskId]),
    /// This client asks DescribeTasks for these tasks.
    Asks { client: usize, tasks: &'a [TaskId] },
    /// What changed a task was answered with how it is then.
    Told { task: TaskId, status: &'a str, version: u64 },
    /// DescribeTasks told this client how a task is: its status and its version.
    Described { client: usize, task: TaskId, status: &'a str, version: u64 },
    /// DescribeTasks told a client that there is no such task.
    Missing(TaskId),
}

/// One rule. What it remembers is only what it has seen.
pub trait Checker: Send {
    fn name(&self) -> &'static str;

    /// An `Err` tells how the rule is broken.
    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String>;
}

/// Every rule that holds at any time.
/// Every rule, of machines whose clocks are wrong by no more than that.
pub fn all(wrong: Duration) -> Vec<Box<dyn Checker>> {
    vec![
        Box::new(answers::Answers::default()),
        Box::new(capacity::Capacity),
        Box::new(services::Ceiling),
        Box::new(services::Daemons),
        Box::new(services::Distinct),
        Box::new(services::Floor::default()),
        Box::new(services::Protection),
        Box::new(services::Versions::default()),
        Box::new(forward::Forward),
        Box::new(instants::Instants { wrong }),
        Box::new(kept::Kept::default()),
        Box::new(lost::Lost::default()),
        Box::new(one_host::OneHost),
        Box::new(overload::Overload),
        Box::new(remains::Remains::default()),
        Box::new(restless::Restless::default()),
        Box::new(told::Told::default()),
    ]
}
