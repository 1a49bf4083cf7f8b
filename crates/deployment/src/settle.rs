//! What has come to its end: a deployment, the unrest of a service, a deleted service.

use std::time::Duration;

use berth_model::{
    RolloutState, SchedulingStrategy, ServiceDeploymentStatus, ServiceStatus, TaskStatus, Timestamp,
};

use crate::census::{Census, Standing, healthy};
use crate::deployment::RolloutReason;
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::memory::Topic;
use crate::percent::percent_of;
use crate::plan::StopReason;
use crate::{daemon, rollout, staged, zones};

/// Completes the primary deployment if it is all there, and says so if the service is at rest.
pub(crate) fn settle(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let steady = match draft.service.scheduling {
        SchedulingStrategy::Replica => is_steady(draft, census, primary),
        SchedulingStrategy::Daemon => daemon::is_steady(draft, census, primary),
    };
    if draft.progress[primary].rollout == RolloutState::InProgress {
        if !steady && !is_early_success(draft, census, primary) {
            draft.progress[primary].baking_since = None;
        } else if has_baked(draft, primary)
            && (steady || !waits_for_cleanup(draft, census, primary))
        {
            rollout::complete(draft, primary);
        }
    }
    remove_old(draft, census, primary);
    let completed = draft.progress[primary].rollout == RolloutState::Completed;
    let at_rest = steady && !(completed && zones::rebalance(draft, census, primary));
    mark_steady(draft, primary, at_rest);
    if at_rest {
        draft.note(Note::Steady);
        draft.tell(Topic::Steady, || Event::SteadyState);
    }
}

fn is_steady(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    !staged::is_under_way(draft, primary)
        && census.live.len() == draft.desired() as usize
        && census.stopping.is_empty()
        && !draft.moves_tasks()
        && census.live.iter().all(|live| {
            live.deployment == Some(primary)
                && live.standing == Standing::Healthy
                && !live.task.has_to_go()
        })
}

pub(crate) fn mark_steady(draft: &mut Draft<'_>, index: usize, steady: bool) {
    let since = draft.progress[index].steady_since;
    draft.progress[index].steady_since = steady.then(|| since.unwrap_or(draft.now));
}

/// Whether as many of its tasks are healthy as its owner wants for a success.
fn is_early_success(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let Some(early) = draft.service.early_success else { return false };
    !staged::is_under_way(draft, primary)
        && healthy(&census.of(primary).live)
            >= percent_of(draft.desired(), early.healthy_percent, 99)
}

/// AWS: developer guide, early-success-criteria: tasks of other deployments go before the deployment completes, or once
/// it has.
fn waits_for_cleanup(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let mut others = (0..draft.progress.len()).filter(|index| *index != primary);
    draft.service.early_success.is_some_and(|early| early.after_cleanup)
        && others.any(|index| census.has_tasks_of(index))
}

/// Whether tasks of other deployments may go, although the primary one does not have all of its own yet.
pub(crate) fn releases_others(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    match draft.progress[primary].rollout {
        RolloutState::InProgress => {
            let baked = until(draft, primary).is_none_or(|until| until <= draft.now);
            baked && is_early_success(draft, census, primary)
        }
        RolloutState::Completed => draft.service.early_success.is_some(),
        RolloutState::Failed => false,
    }
}

/// Until when the deployment is to be watched, if it is and that has begun.
fn until(draft: &Draft<'_>, primary: usize) -> Option<Timestamp> {
    let bake_time = bake_time(draft, primary);
    let since = draft.progress[primary].baking_since.unwrap_or(draft.now);
    (!bake_time.is_zero()).then_some(since + bake_time)
}

/// AWS: developer guide, early-success-criteria: a rolling deployment is watched for the sake of its alarms only. One with
/// stages has baked before its old tasks went, and what worked before need not prove it.
fn bake_time(draft: &Draft<'_>, primary: usize) -> Duration {
    let progress = &draft.progress[primary];
    let is_watched = progress.stage.is_none()
        && progress.reason != RolloutReason::RollingBack
        && draft.service.alarms.enabled;
    if is_watched { draft.service.bake_time } else { Duration::ZERO }
}

/// Watches the deployment. `true`: for long enough.
fn has_baked(draft: &mut Draft<'_>, primary: usize) -> bool {
    let Some(until) = until(draft, primary) else { return true };
    draft.progress[primary].baking_since.get_or_insert(draft.now);
    if until <= draft.now {
        return true;
    }
    draft.note(Note::Baking { until });
    draft.ask_again(until);
    false
}

/// Drops deployments that are done with. The last completed one stays until the primary one has
/// completed too, to be rolled back to.
fn remove_old(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let settled = draft.progress[primary].rollout == RolloutState::Completed;
    let target = rollout::last_completed(draft, primary).filter(|_| !settled);
    for index in 0..draft.progress.len() {
        if index != primary
            && Some(index) != target
            && draft.progress[index].is_finished()
            && !census.has_tasks_of(index)
            && !draft.starts(index)
        {
            draft.remove(index);
        }
    }
}

/// A deleted service stops all its tasks, whatever protects them, and is gone once none is RUNNING.
pub(crate) fn wind_up(draft: &mut Draft<'_>, census: &Census<'_>) {
    for live in &census.live {
        draft.stop(*live, StopReason::ServiceDeleted);
    }
    let now = draft.now;
    for progress in draft.progress.iter_mut().filter(|progress| !progress.is_finished()) {
        progress.status = ServiceDeploymentStatus::Stopped;
        progress.reason = RolloutReason::StoppedByUser;
        progress.rollout = RolloutState::Failed;
        progress.finished_at = Some(now);
        progress.stage = None;
        progress.baking_since = None;
    }
    let (live, stopping) = (census.live.len() as u32, census.stopping.len() as u32);
    draft.note(Note::Deleted { live, stopping });
    // AWS: developer guide, ecs_services: INACTIVE when all tasks are STOPPING or STOPPED.
    let gone = census.stopping.iter().all(|(_, task)| task.last_status >= TaskStatus::Stopping);
    if census.live.is_empty() && gone {
        draft.status = ServiceStatus::Inactive;
    }
}
