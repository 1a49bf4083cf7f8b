//! How a set of tasks moves to what it should be, one revision or several.
//!
//! Live tasks either *stay* (of the deployment that the set moves to and of its version, not unhealthy, on an
//! instance that stays) or *leave*. Everything that replaces tasks is the same movement: a new revision, an
//! unhealthy task, a draining instance, an image that turned out to be another. Tasks are started up to the
//! desired count as far as the ceiling leaves room; those that leave are stopped as soon as healthy ones have taken their places, and earlier only
//! to make room, down to the floor.

#[cfg(test)]
mod tests;

use berth_model::{RolloutState, TaskStatus};

use crate::census::{Census, Live, Standing, healthy};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::memory::Topic;
use crate::percent::Bounds;
use crate::plan::Place;
use crate::{failures, giving_up, settle};

/// Moves the whole service to its primary deployment.
pub(crate) fn roll(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let desired = draft.service.desired_count;
    let mut old: Vec<usize> = (0..draft.progress.len()).filter(|index| *index != primary).collect();
    old.sort_by_key(|&index| {
        (draft.progress[index].ever_completed, draft.service.deployments[index].created_at)
    });
    let bounds = draft.service.bounds;
    let mut movement = Movement::new(draft, census, primary, desired, bounds);
    if settle::releases_others(draft, census, primary) {
        movement.release_others();
    }
    movement.make(draft, &old);
}

/// Moves all that the census shows to one deployment, within the service's bounds.
pub(crate) fn roll_among(draft: &mut Draft<'_>, census: &Census<'_>, to: usize, old: &[usize]) {
    let (desired, bounds) = (draft.service.desired_count, draft.service.bounds);
    Movement::new(draft, census, to, desired, bounds).make(draft, old);
}

/// Moves one deployment's tasks, as if there were no others.
pub(crate) fn roll_alone(draft: &mut Draft<'_>, census: &Census<'_>, index: usize, desired: u32) {
    Movement::new(draft, &census.of(index), index, desired, Bounds::REPLICA).make(draft, &[]);
}

pub(crate) struct Movement<'c, 'a> {
    pub census: &'c Census<'a>,
    /// The deployment moved to.
    pub to: usize,
    pub desired: u32,
    pub floor: u32,
    pub ceiling: u32,
    pub staying: Vec<Live<'a>>,
    pub leaving: Vec<Live<'a>>,
    /// Not RUNNING, and on an instance that drains or of another version. AWS: they are stopped at once.
    pub doomed: Vec<Live<'a>>,
    /// How many tasks that leave are still needed.
    pub needed: u32,
}

impl<'c, 'a> Movement<'c, 'a> {
    fn new(
        draft: &mut Draft<'_>,
        census: &'c Census<'a>,
        to: usize,
        desired: u32,
        bounds: Bounds,
    ) -> Self {
        let (staying, leaving): (Vec<_>, Vec<_>) = census.live.iter().copied().partition(|live| {
            live.deployment == Some(to)
                && live.standing != Standing::Unhealthy
                && !live.task.has_to_go()
        });
        let (doomed, leaving): (Vec<_>, Vec<_>) = leaving
            .into_iter()
            .partition(|live| live.task.has_to_go() && live.task.last_status < TaskStatus::Running);
        let serving = healthy(&staying);
        let (floor, ceiling) = (bounds.floor(desired), bounds.ceiling(desired));
        draft.note(Note::Counted {
            desired,
            floor,
            ceiling,
            staying: staying.len() as u32,
            healthy: serving,
            leaving: leaving.len() as u32,
            stopping: (census.stopping.len() + doomed.len()) as u32,
        });
        // What takes over from nothing spares nothing.
        let stalled = draft.progress[to].rollout == RolloutState::Failed;
        let needed = if stalled { desired } else { desired.saturating_sub(serving) };
        Movement { census, to, desired, floor, ceiling, staying, leaving, doomed, needed }
    }

    /// Tasks of other deployments are not needed any more, whatever is still to come.
    fn release_others(&mut self) {
        let own = self.leaving.iter().filter(|live| live.deployment == Some(self.to));
        self.needed = self.needed.min(own.count() as u32);
    }

    fn make(self, draft: &mut Draft<'_>, old: &[usize]) {
        draft.progress[self.to].desired_count = self.desired;
        self.keep_old_counts(draft, old);
        let room = self.ceiling.saturating_sub(self.census.room_taken());
        let room = room - self.refill(draft, old, room);
        let (in_the_way, short) = self.start(draft, room);
        let to = self.to;
        let made = giving_up::give_up(draft, self, in_the_way.max(short));
        if short > 0 {
            draft.progress[to].room_made = made;
        }
    }

    /// Deployments that go keep no more tasks than are needed, those fit for a rollback the longest.
    ///
    /// AWS: what a service grows by meanwhile is added to the old revision too, lest it depend on a new
    /// one that may never run.
    fn keep_old_counts(&self, draft: &mut Draft<'_>, old: &[usize]) {
        let Some(&newest) = old.last() else { return };
        let before = draft.memory.desired_count.unwrap_or(self.desired);
        let grown_by = self.desired.saturating_sub(before);
        if draft.progress[newest].ever_completed {
            let count = &mut draft.progress[newest].desired_count;
            *count = count.saturating_add(grown_by);
        }
        let mut needed = self.needed;
        for &index in old.iter().rev() {
            let keep = draft.progress[index].desired_count.min(needed);
            draft.progress[index].desired_count = keep;
            needed -= keep;
        }
    }

    /// Tasks lost by a deployment that goes are replaced by tasks of the same revision, as long as they
    /// are needed: a new revision that fails must not take the old one's capacity with it. Where there
    /// is no room for both, the floor is all that the old one gets.
    fn refill(&self, draft: &mut Draft<'_>, old: &[usize], room: u32) -> u32 {
        let lost = |draft: &Draft<'_>, index: usize| {
            let well = self.well(index);
            if draft.progress[index].ever_completed {
                draft.progress[index].desired_count.saturating_sub(well)
            } else {
                0
            }
        };
        let all_lost: u32 = old.iter().map(|&index| lost(draft, index)).sum();
        let well = self.leaving.iter().filter(|live| {
            live.deployment == Some(self.to) || live.standing != Standing::Unhealthy
        });
        let mut left = room.min(self.needed.saturating_sub(well.count() as u32));
        let scarce = all_lost.saturating_add(self.wanted()) > room;
        if scarce {
            left = left.min(self.floor.saturating_sub(self.expected(draft)));
        }
        let room = left;
        for &index in old {
            // A revision that no longer starts is not worth scarce room.
            let fails = draft.progress[index].throttle.attempts > 0;
            let lost = if scarce && fails { 0 } else { lost(draft, index).min(left) };
            if lost > 0 && failures::may_start(draft, index) {
                draft.start(index, lost, Place::Anywhere, 0);
                left -= lost;
            }
        }
        room - left
    }

    /// How many tasks are to be started, now or later.
    fn wanted(&self) -> u32 {
        self.desired.saturating_sub(self.staying.len() as u32)
    }

    /// How many tasks of a deployment that goes are not unhealthy.
    fn well(&self, index: usize) -> u32 {
        let of_it = self.leaving.iter().filter(|live| live.deployment == Some(index));
        of_it.filter(|live| live.standing != Standing::Unhealthy).count() as u32
    }

    /// How many tasks serve, or are to leave and will serve before.
    pub fn expected(&self, draft: &Draft<'_>) -> u32 {
        let soon = self.leaving.iter().filter(|live| is_expected(draft, live)).count() as u32;
        self.census.healthy() + soon
    }

    /// Starts what is wanting, as far as there is room. Returns how many tasks are in the way under the
    /// ceiling, and how many have to go because there is no instance.
    fn start(&self, draft: &mut Draft<'_>, room: u32) -> (u32, u32) {
        let wanted = self.wanted();
        let stalled = draft.progress[self.to].rollout == RolloutState::Failed;
        if wanted == 0 || stalled || !failures::may_start(draft, self.to) {
            draft.progress[self.to].room_made = 0;
            return (0, 0);
        }
        let started = wanted.min(room);
        let unhealthy = self.leaving.iter().filter(|live| {
            live.deployment == Some(self.to) && live.standing == Standing::Unhealthy
        });
        let replacing_unhealthy = (unhealthy.count() as u32).min(started);
        draft.start(self.to, started, Place::Anywhere, replacing_unhealthy);
        if started < wanted {
            draft.note(Note::NoRoom { wanted: wanted - started, ceiling: self.ceiling });
        }
        let in_the_way = (wanted - started)
            .saturating_sub(self.census.stopping_in_room() + self.doomed.len() as u32);
        (in_the_way, self.places_wanting(draft, started))
    }

    /// How many tasks have to go because there is no instance for new ones.
    ///
    /// What was made free is tried before more is.
    fn places_wanting(&self, draft: &mut Draft<'_>, started: u32) -> u32 {
        let deployment = &draft.service.deployments[self.to];
        // What a zone had no room for may have some elsewhere.
        let tried = deployment.full_zones.is_empty();
        let unplaced = if tried { deployment.unplaced.min(started) } else { 0 };
        if unplaced == 0 {
            draft.progress[self.to].room_made = 0;
            return 0;
        }
        draft.note(Note::NoPlace { unplaced });
        let reason = deployment.unplaced_because.clone().unwrap_or_default();
        draft.tell(Topic::NoPlace, || Event::UnableToPlace { reason });
        if !self.census.stopping.is_empty() || !self.doomed.is_empty() {
            return 0;
        }
        let untried = std::mem::take(&mut draft.progress[self.to].room_made) > 0;
        if untried { 0 } else { unplaced }
    }
}

/// Whether a task that is not healthy yet will be, as far as one can tell: others of its revision were.
pub(crate) fn is_expected(draft: &Draft<'_>, live: &Live<'_>) -> bool {
    let progress = live.deployment.map(|index| &draft.progress[index]);
    live.standing == Standing::Waiting
        && progress
            .is_some_and(|progress| progress.ever_completed && progress.throttle.attempts == 0)
}
