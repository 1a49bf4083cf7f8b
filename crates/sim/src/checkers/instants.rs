//! A task's instants read in order, lie in the past, and are there when its status says so. Whoever wrote them down may
//! have had a wrong clock.

use std::time::Duration;

use berth_ecs::tables::{Task, TaskTimes};
use berth_model::{DesiredStatus, TaskStatus, Timestamp};

use super::{Checker, Sight};

pub(super) struct Instants {
    /// How wrong clocks may be.
    pub(super) wrong: Duration,
}

impl Checker for Instants {
    fn name(&self) -> &'static str {
        "instants"
    }

    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Task { after: Some(task), .. } => {
                self.check(task, now).map_err(|problem| format!("task {}: {problem}", task.id))
            }
            _ => Ok(()),
        }
    }
}

impl Instants {
    fn check(&self, task: &Task, now: Timestamp) -> Result<(), String> {
        let known = known(&task.times);
        for pair in known.windows(2) {
            let [(earlier, first), (later, second)] = pair else { continue };
            if *first > *second + self.wrong * 2 {
                return Err(format!("{earlier} {first} comes after {later} {second}"));
            }
        }
        if let Some((name, at)) = known.iter().find(|(_, at)| *at > now + self.wrong) {
            return Err(format!("{name} {at} is still to come, at {now}"));
        }
        let must = |is_due: bool, is_there: bool, what: &str| match is_due && !is_there {
            true => Err(format!("it is {} and has no {what}", task.last_status)),
            false => Ok(()),
        };
        let has_stopped = task.last_status == TaskStatus::Stopped;
        must(
            task.last_status == TaskStatus::Running,
            task.times.started_at.is_some(),
            "startedAt",
        )?;
        must(has_stopped, task.times.stopped_at.is_some(), "stoppedAt")?;
        must(has_stopped, task.stop_code.is_some(), "stopCode")?;
        must(has_stopped, task.stopped_reason.is_some(), "stoppedReason")?;
        must(has_stopped, task.desired_status == DesiredStatus::Stopped, "end in mind")
    }
}

/// In the order in which they must read.
fn known(times: &TaskTimes) -> Vec<(&'static str, Timestamp)> {
    [
        ("createdAt", Some(times.created_at)),
        ("connectivityAt", times.connectivity_at),
        ("pullStartedAt", times.pull_started_at),
        ("pullStoppedAt", times.pull_stopped_at),
        ("startedAt", times.started_at),
        ("stoppingAt", times.stopping_at),
        ("executionStoppedAt", times.execution_stopped_at),
        ("stoppedAt", times.stopped_at),
    ]
    .into_iter()
    .filter_map(|(name, at)| Some((name, at?)))
    .collect()
}
