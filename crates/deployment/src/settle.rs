//! What has come to its end: a deployment, the unrest of a service, a deleted service.

use std::time::Duration;

use berth_model::{RolloutState, SchedulingStrategy, ServiceStatus, TaskStatus};

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
        if steady || is_early_success(draft, census, primary) {
            bake(draft, primary);
        } else {
            draft.progress[primary].baking_since = None;
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
                && !live.task.instance_draining
        })
}

pub(crate) fn mark_steady(draft: &mut Draft<'_>, index: usize, steady: bool) {
    let since = draft.progress[index].steady_since;
    draft.progress[index].steady_since = steady.then(|| since.unwrap_or(draft.now));
}

fn is_early_success(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let Some(early) = draft.service.early_success else { return false };
    if staged::is_under_way(draft, primary) {
        return false;
    }
    let others = (0..draft.progress.len()).filter(|index| *index != primary);
    let cleaned = !others.into_iter().any(|index| census.has_tasks_of(index));
    healthy(&census.of(primary).live) >= percent_of(draft.desired(), early.healthy_percent, 99)
        && (cleaned || !early.after_cleanup)
}

/// Completes the deployment once it has been watched for long enough.
fn bake(draft: &mut Draft<'_>, primary: usize) {
    let staged = draft.progress[primary].stage.is_some();
    let back = draft.progress[primary].reason == RolloutReason::RollingBack;
    // Deployments with stages have baked before their old tasks went; what worked before need not prove it.
    let bake_time = if staged || back { Duration::ZERO } else { draft.service.bake_time };
    if !bake_time.is_zero() {
        let since = *draft.progress[primary].baking_since.get_or_insert(draft.now);
        let until = since + bake_time;
        if draft.now < until {
            draft.note(Note::Baking { until });
            draft.ask_again(until);
            return;
        }
    }
    rollout::complete(draft, primary);
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
    let (live, stopping) = (census.live.len() as u32, census.stopping.len() as u32);
    draft.note(Note::Deleted { live, stopping });
    // AWS: developer guide, ecs_services: INACTIVE when all tasks are STOPPING or STOPPED.
    let gone = census.stopping.iter().all(|(_, task)| task.last_status >= TaskStatus::Stopping);
    if census.live.is_empty() && gone {
        draft.status = ServiceStatus::Inactive;
    }
}
