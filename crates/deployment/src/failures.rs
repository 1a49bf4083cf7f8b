//! What a service learns from tasks that came to their end, and from those that became healthy.
//!
//! A task that stopped is counted once: against its deployment, for the circuit breaker, if it ended
//! by itself before it was healthy or was stopped because it was not; and against the throttle if it
//! never even ran. One that could not be launched counts as one that never ran.

use std::time::Duration;

use berth_model::{HealthStatus, RolloutState, StopCode, Timestamp};

use crate::census::{Census, Standing};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::memory::{Throttle, Topic};
use crate::service::Service;
use crate::task::Task;

/// DEVIATES: AWS tells only the longest wait between attempts to start a service's tasks; that the first is five
/// seconds and each twice the one before is ours.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_mins(27);
/// DEVIATES: a task that ran and ended by itself is started anew at once by ECS, which takes its time for that. Ours
/// takes next to none, so a program that ends within ten seconds of its start is started anew after one second.
const QUICK_END: Duration = Duration::from_secs(10);
const BREATH: Duration = Duration::from_secs(1);
/// So many attempts in a row, and the service says so.
const ATTEMPTS_TO_TELL: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Somebody wanted it so, or the machine gave way: no fault of the task's.
    Blameless,
    NeverRan,
    /// It ran, and ended by itself before it was healthy.
    ///
    /// AWS: the API reference does not count these among failed tasks, but ECS is seen to.
    TooSoon,
    /// It was stopped because it was not well.
    Unhealthy,
    /// It had been healthy.
    Served,
}

pub(crate) fn account_for(draft: &mut Draft<'_>, census: &Census<'_>) {
    let mut is_up = vec![false; draft.progress.len()];
    for live in census.live.iter().filter(|live| live.standing == Standing::Healthy) {
        if let Some(index) = live.deployment {
            is_up[index] = true;
        }
    }
    let mut ends_quickly = vec![false; draft.progress.len()];
    for task in &census.stopped {
        draft.account_for(task.id);
        let Some(index) = draft.index_of(task.deployment) else { continue };
        let end = end(task, draft.service);
        // AWS: once a task of the deployment is up, those that do not come up no longer count.
        let counts = match end {
            End::Blameless | End::Served => false,
            End::NeverRan | End::TooSoon => !is_up[index],
            End::Unhealthy => true,
        };
        let progress = &mut draft.progress[index];
        progress.failed_tasks += u32::from(counts && progress.rollout == RolloutState::InProgress);
        if end == End::NeverRan {
            throttle(draft, index, task);
        }
        ends_quickly[index] |=
            matches!(end, End::TooSoon | End::Served) && ran_for(task) < QUICK_END;
    }
    for (index, is_up) in is_up.into_iter().enumerate() {
        count_unlaunched(draft, index, is_up);
    }
    for (index, ends_quickly) in ends_quickly.into_iter().enumerate() {
        take_heart(draft, census, index);
        if ends_quickly {
            let retry_at = &mut draft.progress[index].throttle.retry_at;
            *retry_at = (*retry_at).max(Some(draft.now + BREATH));
        }
    }
}

/// AWS: a task that the scheduler cannot launch is a failed one (API reference, Deployment).
fn count_unlaunched(draft: &mut Draft<'_>, index: usize, is_up: bool) {
    let Some(unlaunched) = &draft.service.deployments[index].unlaunched else { return };
    let progress = &mut draft.progress[index];
    if !is_up && progress.rollout == RolloutState::InProgress {
        progress.failed_tasks += unlaunched.tasks;
    }
    let now = draft.now;
    failed_attempt(&mut progress.throttle, now);
    draft.events.push(Event::UnableToLaunch { reason: unlaunched.because.clone() });
}

fn end(task: &Task, service: &Service) -> End {
    let by_scheduler = match task.stop_code {
        Some(
            StopCode::UserInitiated
            | StopCode::SpotInterruption
            | StopCode::TerminationNotice
            | StopCode::InfrastructureHealth,
        ) => return End::Blameless,
        Some(StopCode::ServiceSchedulerInitiated) => true,
        Some(StopCode::TaskFailedToStart | StopCode::EssentialContainerExited) | None => false,
    };
    match (by_scheduler, task.health, task.started_at) {
        (true, Some(HealthStatus::Unhealthy), _) => End::Unhealthy,
        (true, ..) => End::Blameless,
        (false, _, None) => End::NeverRan,
        (false, Some(HealthStatus::Healthy), _) => End::Served,
        (false, Some(HealthStatus::Unknown | HealthStatus::Unhealthy), _) => End::TooSoon,
        (false, None, Some(_)) if ran_for(task) < service.warm_up => End::TooSoon,
        (false, None, Some(_)) => End::Served,
    }
}

/// How long a task that has stopped was RUNNING, as far as is known.
fn ran_for(task: &Task) -> Duration {
    let times = task.started_at.zip(task.stopped_at);
    times.map_or(Duration::MAX, |(started_at, stopped_at)| stopped_at.since(started_at))
}

fn throttle(draft: &mut Draft<'_>, index: usize, task: &Task) {
    let now = draft.now;
    let throttle = &mut draft.progress[index].throttle;
    // Tasks started together fail together, and are one attempt.
    let same_attempt = throttle.failed_at.is_some_and(|failed_at| task.created_at <= failed_at);
    if !same_attempt {
        failed_attempt(throttle, now);
    }
}

fn failed_attempt(throttle: &mut Throttle, now: Timestamp) {
    throttle.attempts += 1;
    throttle.failed_at = Some(now);
    throttle.retry_at = Some(now + wait_after(throttle.attempts));
}

fn wait_after(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    (SHORTEST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}

/// A task that became healthy since the last look makes failures forgotten; one that runs, the throttle.
fn take_heart(draft: &mut Draft<'_>, census: &Census<'_>, index: usize) {
    let of_it = || census.live.iter().filter(|live| live.deployment == Some(index));
    if let Some(failed_at) = draft.progress[index].throttle.failed_at
        && of_it().any(|live| live.task.started_at.is_some_and(|started_at| started_at > failed_at))
    {
        draft.progress[index].throttle = Throttle::default();
    }
    let healthy = of_it().filter(|live| live.standing == Standing::Healthy);
    let newest: Option<Timestamp> = healthy.filter_map(|live| live.task.started_at).max();
    if newest > draft.progress[index].healthy_mark {
        draft.progress[index].healthy_mark = newest;
        if draft.service.circuit_breaker.reset_on_healthy_task {
            draft.progress[index].failed_tasks = 0;
        }
    }
}

/// Says that a deployment cannot start its tasks, if there is one.
pub(crate) fn tell_of_throttle(draft: &mut Draft<'_>) {
    let fails = |index: &usize| draft.progress[*index].throttle.attempts >= ATTEMPTS_TO_TELL;
    if (0..draft.progress.len()).filter(fails).any(|index| !draft.removes(index)) {
        draft.tell(Topic::Throttled, || Event::UnableToStart);
    }
}

/// Whether a deployment may start tasks now, as far as its failures go.
pub(crate) fn may_start(draft: &mut Draft<'_>, index: usize) -> bool {
    let Throttle { attempts, retry_at, .. } = draft.progress[index].throttle;
    match retry_at {
        Some(retry_at) if draft.now < retry_at => {
            draft.ask_again(retry_at);
            let deployment = draft.id(index);
            draft.note(match attempts {
                0 => Note::OutOfBreath { deployment, retry_at },
                _ => Note::Throttled { deployment, attempts, retry_at },
            });
            false
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_twenty_seven_minutes() {
        let waits: Vec<u64> = (1..=11).map(|attempts| wait_after(attempts).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1620, 1620]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }
}
