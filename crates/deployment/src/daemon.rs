//! A `DAEMON` service: one task on every host that it can run on.
//!
//! A host never has two, so what is replaced is stopped first. As many hosts go without at the same
//! time as the floor allows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use berth_model::{ContainerInstanceId, RolloutState};

use crate::census::{Census, Live, Standing};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::failures;
use crate::memory::Topic;
use crate::plan::{Place, StopReason};
use crate::task::{Host, HostState};

/// What is to become of a task, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// Now, whatever else.
    Goes(StopReason),
    /// When it can be spared.
    Outdated(StopReason),
    Stays,
}

pub(crate) fn keep_everywhere(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let desired = draft.desired();
    let floor = draft.service.bounds.floor(desired);
    for index in 0..draft.progress.len() {
        draft.progress[index].desired_count = if index == primary { desired } else { 0 };
    }
    let judged = judge(draft, census, primary);
    explain(draft, &judged, floor);
    stop(draft, &judged, floor);
    start(draft, census, primary);
    tell_if_stuck(draft, &judged, floor, census);
}

fn judge<'a>(draft: &Draft<'_>, census: &Census<'a>, primary: usize) -> Vec<(Fate, Live<'a>)> {
    let hosts: BTreeMap<ContainerInstanceId, &Host> =
        draft.service.hosts.iter().map(|host| (host.instance, host)).collect();
    let mut live = census.live.clone();
    // The best of a host comes first; any other there is one too many.
    live.sort_by_key(|live| {
        let current = live.deployment == Some(primary);
        (live.task.instance, !current, Reverse(live.standing), live.task.created_at, live.task.id)
    });
    let mut before = None;
    live.into_iter()
        .map(|live| {
            let second = live.task.instance.is_some() && live.task.instance == before;
            before = live.task.instance;
            let host = live.task.instance.and_then(|instance| hosts.get(&instance)).copied();
            (fate(&live, host, second, primary), live)
        })
        .collect()
}

fn fate(live: &Live<'_>, host: Option<&Host>, second: bool, primary: usize) -> Fate {
    let scaling = StopReason::Scaling(live.task.deployment);
    let Some(host) = host else { return Fate::Goes(scaling) };
    match host.state {
        _ if second => Fate::Goes(scaling),
        // AWS: on a draining instance the daemon's task is the last to go.
        HostState::Draining { occupied: false } => Fate::Goes(StopReason::InstanceDraining),
        HostState::Draining { occupied: true } => Fate::Stays,
        HostState::InService | HostState::Away if !host.eligible => {
            Fate::Goes(StopReason::ConstraintViolated)
        }
        _ if live.standing == Standing::Unhealthy => Fate::Outdated(StopReason::Unhealthy),
        HostState::InService
            if live.deployment != Some(primary) || live.task.is_another_version =>
        {
            Fate::Outdated(scaling)
        }
        HostState::InService | HostState::Away => Fate::Stays,
    }
}

fn explain(draft: &mut Draft<'_>, judged: &[(Fate, Live<'_>)], floor: u32) {
    let staying = judged.iter().filter(|(fate, _)| *fate == Fate::Stays);
    let healthy = staying.clone().filter(|(_, live)| live.standing == Standing::Healthy).count();
    let outdated = judged.iter().filter(|(fate, _)| matches!(fate, Fate::Outdated(_)));
    draft.note(Note::Daemon {
        hosts: draft.desired(),
        floor,
        current: staying.count() as u32,
        healthy: healthy as u32,
        outdated: outdated.count() as u32,
    });
}

fn is_stalled(draft: &Draft<'_>) -> bool {
    let primary = draft.primary();
    primary.is_none_or(|primary| draft.progress[primary].rollout == RolloutState::Failed)
}

fn stop(draft: &mut Draft<'_>, judged: &[(Fate, Live<'_>)], floor: u32) {
    let stalled = is_stalled(draft);
    let mut healthy = 0;
    for (fate, live) in judged {
        match fate {
            Fate::Goes(why) => {
                draft.stop(*live, *why);
                if let (StopReason::ConstraintViolated, Some(instance)) = (why, live.task.instance)
                {
                    let task = live.task.id;
                    draft.events.push(Event::ConstraintViolated { task, instance });
                }
            }
            Fate::Outdated(_) | Fate::Stays => {
                healthy += u32::from(live.standing == Standing::Healthy);
            }
        }
    }
    let mut spare = healthy.saturating_sub(floor);
    let mut outdated: Vec<(StopReason, &Live<'_>)> = judged
        .iter()
        .filter_map(|(fate, live)| match fate {
            Fate::Outdated(why) => Some((*why, live)),
            Fate::Goes(_) | Fate::Stays => None,
        })
        .collect();
    outdated.sort_by_key(|(_, live)| live.standing);
    let mut protected = 0;
    for (why, live) in outdated {
        let healthy = live.standing == Standing::Healthy;
        if live.is_spared(draft.now) {
            protected += 1;
            draft.ask_again(live.task.protected_until.unwrap_or(draft.now));
            continue;
        }
        if healthy && stalled {
            break;
        }
        if healthy && spare == 0 {
            draft.note(Note::Floor { floor });
            break;
        }
        spare -= u32::from(healthy);
        draft.stop(*live, why);
    }
    if protected > 0 {
        draft.note(Note::Protected { tasks: protected });
        draft.tell(Topic::Protection, || Event::UnableToScaleIn { protected });
    }
}

fn tell_if_stuck(
    draft: &mut Draft<'_>,
    judged: &[(Fate, Live<'_>)],
    floor: u32,
    census: &Census<'_>,
) {
    let outdated = judged.iter().any(|(fate, live)| {
        matches!(fate, Fate::Outdated(_)) && !live.task.is_protected(draft.now)
    });
    let still = !draft.moves_tasks() && census.stopping.is_empty() && !census.expects();
    if outdated && still && !is_stalled(draft) {
        draft.note(Note::Stuck { floor, ceiling: draft.desired() });
        draft.tell(Topic::Bounds, || Event::UnableToMove);
    }
}

/// On every host that has no task of the service at all, not even one that is stopping.
fn start(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let taken: BTreeSet<ContainerInstanceId> = census
        .live
        .iter()
        .map(|live| live.task)
        .chain(census.stopping.iter().map(|(_, task)| *task))
        .filter_map(|task| task.instance)
        .collect();
    let mut free: Vec<ContainerInstanceId> = draft
        .service
        .hosts
        .iter()
        .filter(|host| is_wanted(host))
        .map(|host| host.instance)
        .filter(|instance| !taken.contains(instance))
        .collect();
    free.sort();
    let stalled = draft.progress[primary].rollout == RolloutState::Failed;
    if free.is_empty() || stalled || !failures::may_start(draft, primary) {
        return;
    }
    let deployment = &draft.service.deployments[primary];
    if deployment.unplaced > 0 {
        draft.note(Note::NoPlace { unplaced: deployment.unplaced });
        let reason = deployment.unplaced_because.clone().unwrap_or_default();
        draft.tell(Topic::NoPlace, || Event::UnableToPlace { reason });
    }
    draft.start(primary, free.len() as u32, Place::Instances(free), 0);
}

/// Whether every host that it can run on has its current task, healthy, and no other task is to go.
pub(crate) fn is_steady(draft: &Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let judged = judge(draft, census, primary);
    let wanted = draft.service.hosts.iter().filter(|host| is_wanted(host));
    let served: BTreeSet<ContainerInstanceId> = judged
        .iter()
        .filter(|(_, live)| live.deployment == Some(primary) && live.standing == Standing::Healthy)
        .filter_map(|(_, live)| live.task.instance)
        .collect();
    census.stopping.is_empty()
        && !draft.moves_tasks()
        && judged.iter().all(|(fate, _)| *fate == Fate::Stays)
        && wanted.into_iter().all(|host| served.contains(&host.instance))
}

pub(crate) fn is_wanted(host: &Host) -> bool {
    host.eligible && host.state == HostState::InService
}
