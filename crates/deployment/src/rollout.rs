//! Whether the primary deployment has failed, and what then.

use berth_model::{RolloutState, ServiceDeploymentStatus};

use crate::deployment::{Role, Rollback, RolloutReason};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::service::AlarmState;

/// Begins the deployment if it is new; fails it, and rolls back, if it has to be.
pub(crate) fn judge(draft: &mut Draft<'_>) {
    stop_superseded(draft);
    let Some(primary) = draft.primary() else { return };
    begin(draft, primary);
    if let Some((why, roll_back)) = verdict(draft, primary) {
        fail(draft, primary, why, roll_back);
    }
}

/// Those that a newer one asked to stop. Their tasks leave as any that are not the primary deployment's do, and the
/// newer one does not wait for that.
fn stop_superseded(draft: &mut Draft<'_>) {
    let now = draft.now;
    let asked = draft.progress.iter_mut().filter(|progress| {
        progress.role != Role::Primary && progress.status == ServiceDeploymentStatus::StopRequested
    });
    for superseded in asked {
        superseded.status = ServiceDeploymentStatus::Stopped;
        superseded.finished_at = Some(now);
        superseded.stage = None;
        superseded.baking_since = None;
    }
}

fn begin(draft: &mut Draft<'_>, primary: usize) {
    let now = draft.now;
    let progress = &mut draft.progress[primary];
    if progress.status == ServiceDeploymentStatus::Pending {
        progress.status = ServiceDeploymentStatus::InProgress;
        progress.started_at = Some(now);
    }
}

/// Why the deployment has to end, and whether the one before takes over again.
fn verdict(draft: &mut Draft<'_>, primary: usize) -> Option<(RolloutReason, bool)> {
    let progress = &draft.progress[primary];
    match progress.status {
        ServiceDeploymentStatus::StopRequested => {
            return Some((RolloutReason::StoppedByUser, false));
        }
        ServiceDeploymentStatus::RollbackRequested => {
            return Some((RolloutReason::StoppedByUser, true));
        }
        _ if progress.rollout != RolloutState::InProgress => return None,
        _ => {}
    }
    if let Some(why) = crate::staged::failure(draft, primary) {
        return Some((why, true));
    }
    let breaker = draft.service.circuit_breaker;
    let failed = draft.progress[primary].failed_tasks;
    if breaker.enabled {
        let threshold = breaker.threshold.failures(draft.desired());
        if failed > 0 {
            draft.note(Note::Failures { failed, threshold });
        }
        if failed >= threshold {
            return Some((RolloutReason::TasksFailedToStart, breaker.rollback));
        }
    }
    // Alarms that brought the service back go on for a while.
    let back = draft.progress[primary].reason == RolloutReason::RollingBack;
    let alarms = draft.service.alarms;
    (alarms.enabled && alarms.state == AlarmState::Firing && !back)
        .then_some((RolloutReason::AlarmFired, alarms.rollback))
}

fn fail(draft: &mut Draft<'_>, primary: usize, why: RolloutReason, roll_back: bool) {
    let now = draft.now;
    let deployment = draft.id(primary);
    draft.events.push(Event::DeploymentFailed { deployment, why });
    let target = if roll_back { last_completed(draft, primary) } else { None };
    // A rollback that fails takes the deployment that it was for along.
    for progress in &mut draft.progress {
        if progress.status == ServiceDeploymentStatus::RollbackInProgress {
            progress.status = ServiceDeploymentStatus::RollbackFailed;
            progress.finished_at = Some(now);
        }
    }
    let failed = &mut draft.progress[primary];
    failed.rollout = RolloutState::Failed;
    failed.reason = why;
    if why == RolloutReason::InvalidNetworking {
        failed.obstacle = draft.service.deployments[primary].obstacle.clone();
    }
    failed.stage = None;
    failed.baking_since = None;
    let Some(target) = target else {
        failed.status = if roll_back && why == RolloutReason::StoppedByUser {
            ServiceDeploymentStatus::RollbackFailed
        } else {
            ServiceDeploymentStatus::Stopped
        };
        failed.finished_at = Some(now);
        draft.note(Note::Stalled { deployment });
        return;
    };
    let to = draft.id(target);
    let failed = &mut draft.progress[primary];
    failed.role = Role::Active;
    failed.status = ServiceDeploymentStatus::RollbackInProgress;
    failed.rollback = Some(Rollback { to, started_at: now, why });
    let again = &mut draft.progress[target];
    again.role = Role::Primary;
    again.rollout = RolloutState::InProgress;
    again.reason = RolloutReason::RollingBack;
    again.failed_tasks = 0;
    again.baking_since = None;
    // AWS: it is fit for another rollback only once it has completed again.
    again.ever_completed = false;
    draft.events.push(Event::RollingBack { to });
    draft.note(Note::RollingBack { from: deployment, to, why });
}

pub(crate) fn last_completed(draft: &Draft<'_>, except: usize) -> Option<usize> {
    (0..draft.progress.len())
        .filter(|&index| index != except && draft.progress[index].ever_completed)
        .max_by_key(|&index| (draft.service.deployments[index].created_at, draft.id(index)))
}

/// The deployment has come to its good end.
pub(crate) fn complete(draft: &mut Draft<'_>, primary: usize) {
    let now = draft.now;
    let deployment = draft.id(primary);
    let progress = &mut draft.progress[primary];
    progress.rollout = RolloutState::Completed;
    progress.reason = RolloutReason::Completed;
    progress.failed_tasks = 0;
    progress.ever_completed = true;
    progress.baking_since = None;
    progress.stage = None;
    if !progress.is_finished() {
        progress.status = ServiceDeploymentStatus::Successful;
        progress.finished_at = Some(now);
    }
    for other in &mut draft.progress {
        if other.status == ServiceDeploymentStatus::RollbackInProgress {
            other.status = ServiceDeploymentStatus::RollbackSuccessful;
            other.finished_at = Some(now);
        }
    }
    draft.events.push(Event::DeploymentCompleted { deployment });
}
