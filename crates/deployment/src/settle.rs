//! What has come to its end: a deployment, the unrest of a service, a deleted service.

use std::time::Duration;

use berth_model::{RolloutState, ServiceDeploymentStatus, ServiceStatus};

use crate::census::{Census, Standing};
use crate::deployment::RolloutReason;
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::plan::StopReason;

/// AWS: a service that stays steady says so every six hours.
const STEADY_AGAIN: Duration = Duration::from_hours(6);

pub(crate) fn settle(draft: &mut Draft<'_>, census: &Census<'_>) {
    let Some(primary) = draft.primary() else { return };
    if draft.progress[primary].status == ServiceDeploymentStatus::Pending {
        begin(draft, primary);
    }
    let desired = draft.service.desired_count as usize;
    let steady = census.live.len() == desired
        && census.stopping == 0
        && !draft.moves_tasks()
        && census.live.iter().all(|live| {
            live.deployment == Some(primary)
                && live.standing == Standing::Healthy
                && !live.task.instance_draining
        });
    if !steady {
        draft.memory.steady_told_at = None;
        return;
    }
    if draft.progress[primary].rollout == RolloutState::InProgress {
        complete(draft, primary);
    }
    for index in (0..draft.progress.len()).filter(|index| *index != primary) {
        draft.remove(index);
    }
    tell_steady(draft);
}

fn begin(draft: &mut Draft<'_>, primary: usize) {
    let now = draft.now;
    let progress = &mut draft.progress[primary];
    progress.status = ServiceDeploymentStatus::InProgress;
    progress.started_at = Some(now);
}

fn complete(draft: &mut Draft<'_>, primary: usize) {
    let now = draft.now;
    let progress = &mut draft.progress[primary];
    progress.rollout = RolloutState::Completed;
    progress.reason = RolloutReason::Completed;
    progress.status = ServiceDeploymentStatus::Successful;
    progress.ever_completed = true;
    progress.finished_at = Some(now);
    let deployment = draft.id(primary);
    draft.events.push(Event::DeploymentCompleted { deployment });
}

fn tell_steady(draft: &mut Draft<'_>) {
    draft.note(Note::Steady);
    let due = draft.memory.steady_told_at.map(|told| told + STEADY_AGAIN);
    match due {
        Some(due) if draft.now < due => draft.ask_again(due),
        _ => {
            draft.memory.steady_told_at = Some(draft.now);
            draft.events.push(Event::SteadyState);
            draft.ask_again(draft.now + STEADY_AGAIN);
        }
    }
}

/// A deleted service stops all its tasks, whatever protects them, and is gone when they are.
pub(crate) fn wind_up(draft: &mut Draft<'_>, census: &Census<'_>) {
    draft.memory.steady_told_at = None;
    for live in &census.live {
        draft.stop(live.task.id, StopReason::ServiceDeleted);
    }
    draft.note(Note::Deleted { live: census.live.len() as u32, stopping: census.stopping });
    if census.live.is_empty() && census.stopping == 0 {
        draft.status = ServiceStatus::Inactive;
    }
}
