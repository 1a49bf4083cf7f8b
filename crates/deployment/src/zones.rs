//! Evens out how many tasks of a service each availability zone has.
//!
//! AWS: developer guide, service-rebalancing. Only a steady service is looked at. Tasks are started in
//! the zones that have too few; once they are healthy, as many are stopped where there are too many
//! (by `replica.rs`, which sees that the service has more tasks than it should).
//!
//! A zone may have no instance that takes the service's tasks, or none with room. Whether it has shows when it is
//! tried: those that had not are told of and tried again, all together, whenever there is something to plan, but the others
//! are evened out without them, and a service that waits for nothing else is at rest.

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

#[derive(Clone, Default)]
struct Tally {
    tasks: u32,
    /// Those that may be stopped.
    free: u32,
    more: u32,
}

type Tallies = BTreeMap<Zone, Tally>;

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
    let zones = tally(draft, census);
    let counts = || zones.iter().map(|(zone, tally)| (zone.clone(), tally.tasks)).collect();
    let room = service.bounds.ceiling(service.desired_count).saturating_sub(census.room_taken());
    let full = &service.deployments[primary].full_zones;
    let takes = |zone: &Zone| service.zones.contains(zone);
    let (even, moves) = even_out(&zones, room, |zone| takes(zone) && !full.contains(zone));
    let moved: u32 = moves.values().sum();
    // As it would be if those that had no room had some.
    let (wished, _) = even_out(&zones, room - moved, takes);
    let short: u32 = full.iter().filter_map(|zone| wished.get(zone)).map(|tally| tally.more).sum();
    let most = even.values().map(|tally| tally.tasks).max().unwrap_or(0);
    // Any of them would do, not only the one with the fewest tasks.
    let lacks = |zone: &&Zone| takes(zone) && even.get(*zone).map_or(0, |it| it.tasks) + 1 < most;
    let lacking: Vec<Zone> = full.iter().filter(lacks).cloned().collect();
    if moved == 0 && short == 0 {
        if draft.memory.rebalancing.take().is_some() {
            draft.events.push(Event::Balanced { counts: counts() });
        }
        return false;
    }
    if !failures::may_start(draft, primary) {
        return false;
    }
    if draft.memory.rebalancing.replace(moved).is_none() {
        draft.events.push(Event::NotBalanced { counts: counts() });
    }
    for ((from, to), tasks) in moves {
        draft.note(Note::Rebalancing { from, to, tasks });
    }
    for (zone, tally) in even {
        draft.start(primary, tally.more, Place::Zones(vec![zone]), 0);
    }
    if short > 0 {
        let zone = Zone::from(lacking.join(", "));
        draft.note(Note::ZoneFull { zone: zone.clone(), tasks: short });
        draft.start(primary, short, Place::Zones(lacking), 0);
        let reason = service.deployments[primary].unplaced_because.clone().unwrap_or_default();
        draft.tell(Topic::NoPlace, || Event::UnableToPlaceInZone { zone, reason });
    }
    moved > 0
}

/// Whatever else there is to do comes first: tasks are no longer counted as on their way between zones.
pub(crate) fn give_way(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let undisturbed = draft.memory.desired_count == Some(draft.service.desired_count)
        && draft.progress[primary].rollout == RolloutState::Completed
        && census.live.iter().all(|live| {
            live.deployment == Some(primary)
                && live.standing != Standing::Unhealthy
                && !live.task.has_to_go()
        });
    if !undisturbed {
        draft.memory.rebalancing = None;
    }
}

fn tally(draft: &Draft<'_>, census: &Census<'_>) -> Tallies {
    let empty = |zone: &Zone| (zone.clone(), Tally::default());
    let mut zones: Tallies = draft.service.zones.iter().map(empty).collect();
    for live in &census.live {
        let Some(zone) = &live.task.zone else { continue };
        // A zone that can take no task can still give some away.
        let tally = zones.entry(zone.clone()).or_default();
        tally.tasks += 1;
        tally.free += u32::from(!live.task.is_protected(draft.now));
    }
    zones
}

/// Decides how many tasks more each zone gets, and from where to where they move.
fn even_out(
    zones: &Tallies,
    room: u32,
    takes: impl Fn(&Zone) -> bool,
) -> (Tallies, BTreeMap<(Zone, Zone), u32>) {
    let mut zones = zones.clone();
    let mut moved: BTreeMap<(Zone, Zone), u32> = BTreeMap::new();
    for _ in 0..room {
        let takers = zones.iter().filter(|(zone, _)| takes(zone));
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
    (zones, moved)
}
