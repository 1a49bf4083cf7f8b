//! Evens out how many tasks of a service each availability zone has.
//!
//! AWS: developer guide, service-rebalancing. Only a steady service is looked at. Tasks are started in
//! the zones that have too few; once they are healthy, as many are stopped where there are too many
//! (by `replica.rs`, which sees that the service has more tasks than it should).

use std::collections::BTreeMap;

use berth_model::{DeploymentController, RolloutState};

use crate::census::{Census, Standing};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::failures;
use crate::memory::Topic;
use crate::plan::Place;
use crate::task::Zone;

struct Tally {
    tasks: u32,
    /// Those that may be stopped.
    free: u32,
    more: u32,
}

/// Starts moving tasks if the zones are uneven. `true`: the service is not at rest.
pub(crate) fn rebalance(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) -> bool {
    let service = draft.service;
    let may = service.zone_rebalancing
        && service.controller == DeploymentController::Ecs
        && service.bounds.maximum_percent > 100;
    if !may {
        draft.memory.rebalancing = None;
        return false;
    }
    let mut zones = tally(draft, census);
    let counts: Vec<(Zone, u32)> =
        zones.iter().map(|(zone, tally)| (zone.clone(), tally.tasks)).collect();
    let room = service.bounds.ceiling(service.desired_count).saturating_sub(census.room_taken());
    let moves = moves(draft, &mut zones, room);
    if moves == 0 || !failures::may_start(draft, primary) {
        if draft.memory.rebalancing.take().is_some() {
            draft.events.push(Event::Balanced { counts });
        }
        return false;
    }
    for (zone, tally) in zones {
        draft.start(primary, tally.more, Place::Zone(zone), 0);
    }
    if draft.memory.rebalancing.replace(moves).is_none() {
        draft.events.push(Event::NotBalanced { counts });
    }
    if service.deployments[primary].unplaced > 0 {
        let reason = service.deployments[primary].unplaced_because.clone().unwrap_or_default();
        draft.tell(Topic::NoPlace, || Event::UnableToPlace { reason });
    }
    true
}

/// Whatever else there is to do comes first: tasks are no longer counted as on their way between zones.
pub(crate) fn give_way(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let undisturbed = draft.memory.desired_count == Some(draft.service.desired_count)
        && draft.progress[primary].rollout == RolloutState::Completed
        && census.live.iter().all(|live| {
            live.deployment == Some(primary)
                && live.standing != Standing::Unhealthy
                && !live.task.instance_draining
        });
    if !undisturbed {
        draft.memory.rebalancing = None;
    }
}

fn tally(draft: &Draft<'_>, census: &Census<'_>) -> BTreeMap<Zone, Tally> {
    let empty = |zone: &Zone| (zone.clone(), Tally { tasks: 0, free: 0, more: 0 });
    let mut zones: BTreeMap<Zone, Tally> = draft.service.zones.iter().map(empty).collect();
    for live in &census.live {
        let Some(zone) = &live.task.zone else { continue };
        // A zone that can take no task can still give some away.
        let tally = zones.entry(zone.clone()).or_insert(Tally { tasks: 0, free: 0, more: 0 });
        tally.tasks += 1;
        tally.free += u32::from(!live.task.is_protected(draft.now));
    }
    zones
}

/// Decides how many tasks more each zone gets. Returns how many in all.
fn moves(draft: &mut Draft<'_>, zones: &mut BTreeMap<Zone, Tally>, room: u32) -> u32 {
    let mut moved: BTreeMap<(Zone, Zone), u32> = BTreeMap::new();
    for _ in 0..room {
        let takers = zones.iter().filter(|(zone, _)| draft.service.zones.contains(zone));
        let to = takers.min_by_key(|(_, tally)| tally.tasks).map(|(zone, _)| zone.clone());
        let givers = zones.iter().filter(|(_, tally)| tally.free > 0);
        // The first of several equals, as for the takers.
        let from = givers.rev().max_by_key(|(_, tally)| tally.tasks).map(|(zone, _)| zone.clone());
        let (Some(to), Some(from)) = (to, from) else { break };
        if zones[&from].tasks <= zones[&to].tasks + 1 {
            break;
        }
        if let Some(giver) = zones.get_mut(&from) {
            giver.tasks -= 1;
            giver.free -= 1;
        }
        if let Some(taker) = zones.get_mut(&to) {
            taker.tasks += 1;
            taker.more += 1;
        }
        *moved.entry((from, to)).or_default() += 1;
    }
    let all = moved.values().sum();
    for ((from, to), tasks) in moved {
        draft.note(Note::Rebalancing { from, to, tasks });
    }
    all
}
