//! A rolling deployment of a `REPLICA` service: which tasks to start and which to stop.
//!
//! Live tasks either *stay* (of the primary deployment, not unhealthy, on an instance that stays) or
//! *leave*. Everything that replaces tasks is the same movement: a new revision, an unhealthy task, a
//! draining instance. Tasks are started up to the desired count as far as the ceiling leaves room;
//! those that leave are stopped as soon as healthy ones have taken their places, and earlier only to
//! make room, down to the floor.

#[cfg(test)]
mod tests;

use crate::census::{Census, Live, Standing};
use crate::draft::Draft;
use crate::explanation::Note;
use crate::plan::{Place, StopReason};
use crate::scale_in;

pub(crate) fn roll(draft: &mut Draft<'_>, census: &Census<'_>) {
    let Some(primary) = draft.primary() else {
        draft.note(Note::NoPrimary);
        return;
    };
    let movement = Movement::of(draft, census, primary);
    draft.progress[primary].desired_count = movement.desired;
    keep_old_counts(draft, &movement, primary);

    let mut room = movement.ceiling.saturating_sub(census.room_taken());
    room -= refill(draft, census, primary, room);
    let wanted = movement.desired.saturating_sub(movement.staying.len() as u32);
    let started = wanted.min(room);
    draft.start(primary, started, Place::Anywhere);

    let in_the_way = (wanted - started).saturating_sub(census.stopping_in_room);
    let short =
        draft.service.deployments[primary].unplaced.min(wanted).saturating_sub(census.stopping);
    give_up(draft, census, movement, in_the_way.max(short));
}

struct Movement<'a> {
    desired: u32,
    floor: u32,
    ceiling: u32,
    staying: Vec<Live<'a>>,
    leaving: Vec<Live<'a>>,
    /// How many tasks that leave are still needed.
    needed: u32,
}

impl<'a> Movement<'a> {
    fn of(draft: &mut Draft<'_>, census: &Census<'a>, primary: usize) -> Self {
        let desired = draft.service.desired_count;
        let (staying, leaving): (Vec<_>, Vec<_>) = census.live.iter().copied().partition(|live| {
            live.deployment == Some(primary)
                && live.standing != Standing::Unhealthy
                && !live.task.instance_draining
        });
        let serving =
            staying.iter().filter(|live| live.standing == Standing::Healthy).count() as u32;
        let movement = Movement {
            desired,
            floor: draft.service.bounds.floor(desired),
            ceiling: draft.service.bounds.ceiling(desired),
            needed: desired.saturating_sub(serving),
            staying,
            leaving,
        };
        draft.note(Note::Counted {
            desired,
            floor: movement.floor,
            ceiling: movement.ceiling,
            staying: movement.staying.len() as u32,
            healthy: serving,
            leaving: movement.leaving.len() as u32,
            stopping: census.stopping,
        });
        movement
    }
}

/// Deployments that go keep no more tasks than are needed, those fit for a rollback the longest.
///
/// AWS: what a service grows by meanwhile is added to the old revision too, lest it depend on a new one
/// that may never run.
fn keep_old_counts(draft: &mut Draft<'_>, movement: &Movement<'_>, primary: usize) {
    let before = draft.memory.desired_count.replace(movement.desired);
    let grown_by = before.map_or(0, |before| movement.desired.saturating_sub(before));
    let mut needed = movement.needed;
    let mut old: Vec<usize> = (0..draft.progress.len()).filter(|index| *index != primary).collect();
    old.sort_by_key(|&index| {
        (draft.progress[index].ever_completed, draft.service.deployments[index].created_at)
    });
    if let Some(&newest) = old.last()
        && draft.progress[newest].ever_completed
    {
        draft.progress[newest].desired_count += grown_by;
    }
    for &index in old.iter().rev() {
        let keep = draft.progress[index].desired_count.min(needed);
        draft.progress[index].desired_count = keep;
        needed -= keep;
    }
}

/// Tasks lost by a deployment that goes are replaced by tasks of the same revision, as long as they
/// are needed: a new revision that fails must not take the old one's capacity with it.
fn refill(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize, room: u32) -> u32 {
    let mut left = room;
    for index in 0..draft.progress.len() {
        if index == primary || !draft.progress[index].ever_completed {
            continue;
        }
        let well = census
            .live
            .iter()
            .filter(|live| live.deployment == Some(index) && live.standing != Standing::Unhealthy)
            .count() as u32;
        let lost = draft.progress[index].desired_count.saturating_sub(well).min(left);
        draft.start(index, lost, Place::Anywhere);
        left -= lost;
    }
    room - left
}

fn give_up(draft: &mut Draft<'_>, census: &Census<'_>, movement: Movement<'_>, to_make_room: u32) {
    let surplus = (movement.staying.len() as u32).saturating_sub(movement.desired);
    let replaced = (movement.leaving.len() as u32).saturating_sub(movement.needed);
    let mut spare = census.healthy().saturating_sub(movement.floor);
    let leaving = replaced.max(to_make_room);
    for (candidates, count) in [(movement.leaving, leaving), (movement.staying, surplus)] {
        if count == 0 {
            continue;
        }
        let candidates: Vec<Live<'_>> = candidates
            .into_iter()
            .filter(|live| {
                live.standing == Standing::Unhealthy || !live.task.is_protected(draft.now)
            })
            .collect();
        for live in
            scale_in::in_order(draft, candidates, &census.live).into_iter().take(count as usize)
        {
            if live.standing == Standing::Healthy {
                if spare == 0 {
                    break;
                }
                spare -= 1;
            }
            stop(draft, live);
        }
    }
}

fn stop(draft: &mut Draft<'_>, live: Live<'_>) {
    let why = if live.standing == Standing::Unhealthy {
        StopReason::Unhealthy
    } else if live.task.instance_draining {
        StopReason::InstanceDraining
    } else {
        StopReason::Scaling(live.task.deployment)
    };
    draft.stop(live.task.id, why);
    if let (Some(index), StopReason::Scaling(_)) = (live.deployment, why)
        && Some(index) != draft.primary()
    {
        let count = &mut draft.progress[index].desired_count;
        *count = count.saturating_sub(1);
    }
}
