//! What an agent does next for a task.
//!
//! Ask again after every change: the answer depends on nothing but the view, so an agent that was
//! killed asks once more and goes on. What is under way (`doing`) is not asked for twice.
//!
//! Images are pulled at once; a container is created and started when those it needs have come far
//! enough, and stopped when those that need it are gone. A container that can never start is concluded.
//!
//! DEVIATES: the ECS agent pulls an image when its container's needs are met, unless told to pull
//! everything first; pulling first is always quicker.

#[cfg(test)]
mod tests;

use std::time::Duration;

use berth_model::{ContainerStatus, Timestamp};

use crate::derive::is_stopping;
use crate::graph::{Condition, Judgement};
use crate::view::{ContainerView, Step, TaskView};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Pull {
        container: String,
    },
    Create {
        container: String,
    },
    Start {
        container: String,
    },
    /// Ask the container to end, kill it after the grace.
    Stop {
        container: String,
        grace: Duration,
    },
    /// Call the container STOPPED: it never ran and will not, and a pull for it is given up; or its last run is over.
    Conclude {
        container: String,
        reason: Option<String>,
    },
    Remove {
        container: String,
    },
}

impl Action {
    pub fn container(&self) -> &str {
        match self {
            Action::Pull { container }
            | Action::Create { container }
            | Action::Start { container }
            | Action::Stop { container, .. }
            | Action::Conclude { container, .. }
            | Action::Remove { container } => container,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    /// At most one per container. They do not wait for one another.
    pub actions: Vec<Action>,
    /// Ask again then even if nothing changes: somebody will have waited too long.
    pub ask_again_at: Option<Timestamp>,
}

pub fn next_actions(task: &TaskView, now: Timestamp) -> Actions {
    let mut next = Actions::default();
    let stopping = is_stopping(task);
    for container in &task.containers {
        let action = if container.is_stopped() {
            remove(task, container)
        } else if stopping {
            wind_down(task, container)
        } else {
            bring_up(task, container, now, &mut next.ask_again_at)
        };
        next.actions.extend(action);
    }
    next
}

/// Only once the whole task has ended: others may share the container's volumes or network until then.
fn remove(task: &TaskView, container: &ContainerView) -> Option<Action> {
    let all_ended = task.containers.iter().all(|container| container.is_stopped());
    let may_go = task.may_remove && all_ended && container.exists && container.doing.is_none();
    may_go.then(|| Action::Remove { container: container.name.clone() })
}

fn wind_down(task: &TaskView, container: &ContainerView) -> Option<Action> {
    let name = || container.name.clone();
    match container.doing {
        // Nobody waits for an image that nobody will use.
        Some(Step::Pull) => Some(Action::Conclude { container: name(), reason: None }),
        Some(Step::Create | Step::Start | Step::Stop | Step::Remove) => None,
        None if !container.is_up() => Some(Action::Conclude { container: name(), reason: None }),
        None => {
            let leans_on_it = |other: &&ContainerView| {
                other.needs.iter().any(|need| need.container == container.name)
            };
            let still_up = |other: &ContainerView| {
                other.is_up()
                    || (!other.is_stopped()
                        && matches!(other.doing, Some(Step::Create | Step::Start)))
            };
            let free = !task.containers.iter().filter(leans_on_it).any(still_up);
            free.then(|| Action::Stop { container: name(), grace: container.stop_grace })
        }
    }
}

fn bring_up(
    task: &TaskView,
    container: &ContainerView,
    now: Timestamp,
    ask_again_at: &mut Option<Timestamp>,
) -> Option<Action> {
    if container.doing.is_some() || container.is_up() {
        return None;
    }
    let name = || container.name.clone();
    if container.run_end.is_some() {
        // AWS: what it needed for its first run is not asked again.
        return Some(match container.may_restart() {
            true => Action::Start { container: name() },
            false => Action::Conclude { container: name(), reason: None },
        });
    }
    let mut outlook = Outlook::Clear;
    for need in &container.needs {
        let Some(target) = task.container(&need.container) else {
            let reason = format!(
                "CannotStartContainerError: needs the container {}, which is not there",
                need.container
            );
            return Some(Action::Conclude { container: name(), reason: Some(reason) });
        };
        match look(target, need.condition, now, ask_again_at) {
            Outlook::Never(reason) => {
                return Some(Action::Conclude { container: name(), reason: Some(reason) });
            }
            worse => outlook = outlook.or(worse),
        }
    }
    match (container.status, outlook) {
        (ContainerStatus::Pending, _) => Some(Action::Pull { container: name() }),
        (ContainerStatus::Pulled, Outlook::ToCreate) if container.is_made_late => None,
        (ContainerStatus::Pulled, Outlook::Clear | Outlook::ToCreate) => {
            Some(Action::Create { container: name() })
        }
        (ContainerStatus::Created, Outlook::Clear) => Some(Action::Start { container: name() }),
        _ => None,
    }
}

/// How far a container may go, as those it needs stand.
enum Outlook {
    Clear,
    /// It may be created, not started.
    ToCreate,
    Wait,
    Never(String),
}

impl Outlook {
    /// The worse of two that both may still become clear.
    fn or(self, other: Outlook) -> Outlook {
        match (self, other) {
            (Outlook::Clear, other) => other,
            (Outlook::ToCreate, Outlook::Clear) => Outlook::ToCreate,
            (Outlook::ToCreate, other) => other,
            (worst, _) => worst,
        }
    }
}

fn look(
    target: &ContainerView,
    condition: Condition,
    now: Timestamp,
    ask_again_at: &mut Option<Timestamp>,
) -> Outlook {
    match condition.judge(target) {
        Judgement::Met => Outlook::Clear,
        Judgement::Hopeless => {
            let end = match (target.exit_code, &target.reason) {
                (Some(code), _) => format!("exited with code {code}"),
                (None, Some(reason)) => format!("never ran: {reason}"),
                (None, None) => "ended before it ran".to_owned(),
            };
            Outlook::Never(format!(
                "CannotStartContainerError: needs the container {} to reach {condition}, which {end}",
                target.name
            ))
        }
        Judgement::Open => {
            let deadline = target
                .started_at
                .zip(target.start_timeout)
                .map(|(started, timeout)| started + timeout);
            match deadline {
                Some(deadline) if deadline <= now => Outlook::Never(format!(
                    "CannotStartContainerError: needs the container {} to reach {condition}, which it did not within its start timeout",
                    target.name
                )),
                deadline => {
                    let earliest = ask_again_at.iter().copied().chain(deadline).min();
                    *ask_again_at = earliest;
                    if target.exists { Outlook::ToCreate } else { Outlook::Wait }
                }
            }
        }
    }
}
