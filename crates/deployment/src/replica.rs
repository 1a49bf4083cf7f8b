//! How a set of tasks moves to what it should be, one revision or several.
//!
//! Live tasks either *stay* (of the deployment that the set moves to, not unhealthy, on an instance that
//! stays) or *leave*. Everything that replaces tasks is the same movement: a new revision, an unhealthy
//! task, a draining instance. Tasks are started up to the desired count as far as the ceiling leaves
//! room; those that leave are stopped as soon as healthy ones have taken their places, and earlier only
//! to make room, down to the floor.

#[cfg(test)]
mod tests;

use berth_model::{RolloutState, TaskStatus};

use crate::census::{Census, Live, Standing, healthy};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::failures;
use crate::memory::Topic;
use crate::percent::Bounds;
use crate::plan::{Place, StopReason};
use crate::scale_in;

/// Moves the whole service to its primary deployment.
pub(crate) fn roll(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    let desired = draft.service.desired_count;
    let mut old: Vec<usize> = (0..draft.progress.len()).filter(|index| *index != primary).collect();
    old.sort_by_key(|&index| {
        (draft.progress[index].ever_completed, draft.service.deployments[index].created_at)
    });
    let bounds = draft.service.bounds;
    Movement::new(draft, census, primary, desired, bounds).make(draft, &old);
}

/// Moves one deployment's tasks, as if there were no others.
pub(crate) fn roll_alone(draft: &mut Draft<'_>, census: &Census<'_>, index: usize, desired: u32) {
    Movement::new(draft, &census.of(index), index, desired, Bounds::REPLICA).make(draft, &[]);
}

struct Movement<'c, 'a> {
    census: &'c Census<'a>,
    /// The deployment moved to.
    to: usize,
    desired: u32,
    floor: u32,
    ceiling: u32,
    staying: Vec<Live<'a>>,
    leaving: Vec<Live<'a>>,
    /// How many tasks that leave are still needed.
    needed: u32,
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
                && !live.task.instance_draining
        });
        let serving = healthy(&staying);
        let (floor, ceiling) = (bounds.floor(desired), bounds.ceiling(desired));
        draft.note(Note::Counted {
            desired,
            floor,
            ceiling,
            staying: staying.len() as u32,
            healthy: serving,
            leaving: leaving.len() as u32,
            stopping: census.stopping.len() as u32,
        });
        // What takes over from nothing spares nothing.
        let stalled = draft.progress[to].rollout == RolloutState::Failed;
        let needed = if stalled { desired } else { desired.saturating_sub(serving) };
        Movement { census, to, desired, floor, ceiling, staying, leaving, needed }
    }

    fn make(self, draft: &mut Draft<'_>, old: &[usize]) {
        draft.progress[self.to].desired_count = self.desired;
        self.keep_old_counts(draft, old);
        let room = self.ceiling.saturating_sub(self.census.room_taken());
        let room = room - self.refill(draft, old, room);
        let (in_the_way, short) = self.start(draft, room);
        let to = self.to;
        let made = self.give_up(draft, in_the_way.max(short));
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
            draft.progress[newest].desired_count += grown_by;
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
        let mut left = room;
        if all_lost + self.wanted() > room {
            left = left.min(self.floor.saturating_sub(self.expected(draft)));
        }
        let room = left;
        for &index in old {
            let lost = lost(draft, index).min(left);
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

    /// How many tasks serve, or will unless all experience deceives.
    fn expected(&self, draft: &Draft<'_>) -> u32 {
        let census = self.census.live.iter();
        census.filter(|live| live.standing == Standing::Healthy || is_expected(draft, live)).count()
            as u32
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
        let in_the_way = (wanted - started).saturating_sub(self.census.stopping_in_room());
        (in_the_way, self.places_wanting(draft, started))
    }

    /// How many tasks have to go because there is no instance for new ones.
    ///
    /// What was made free is tried before more is.
    fn places_wanting(&self, draft: &mut Draft<'_>, started: u32) -> u32 {
        let deployment = &draft.service.deployments[self.to];
        let unplaced = deployment.unplaced.min(started);
        if unplaced == 0 {
            draft.progress[self.to].room_made = 0;
            return 0;
        }
        draft.note(Note::NoPlace { unplaced });
        let reason = deployment.unplaced_because.clone().unwrap_or_default();
        draft.tell(Topic::NoPlace, || Event::UnableToPlace { reason });
        if !self.census.stopping.is_empty() {
            return 0;
        }
        let untried = std::mem::take(&mut draft.progress[self.to].room_made) > 0;
        if untried { 0 } else { unplaced }
    }

    /// Returns how many tasks make room.
    fn give_up(self, draft: &mut Draft<'_>, to_make_room: u32) -> u32 {
        let mut spare = Spare::of(draft, &self);
        let surplus = (self.staying.len() as u32).saturating_sub(self.desired);
        let replaced = (self.leaving.len() as u32).saturating_sub(self.needed);
        let Movement { census, to, staying, leaving, .. } = self;

        // AWS: what is not RUNNING on a draining instance goes at once.
        let (pending, leaving): (Vec<_>, Vec<_>) = leaving.into_iter().partition(|live| {
            live.task.instance_draining && live.task.last_status < TaskStatus::Running
        });
        let gone = pending.len() as u32;
        for live in pending {
            stop(draft, live, to);
        }
        let replaced = replaced.saturating_sub(gone);
        let count = replaced.max(to_make_room.saturating_sub(gone));
        let made = spare.give_up(draft, census, leaving, count, replaced, to);
        if draft.memory.rebalancing.is_some() {
            let served: Vec<_> =
                staying.into_iter().filter(|live| live.standing == Standing::Healthy).collect();
            let count = (served.len() as u32).saturating_sub(spare.desired);
            spare.give_up(draft, census, served, count, count, to);
        } else {
            spare.give_up(draft, census, staying, surplus, surplus, to);
        }
        spare.tell(draft, census, to_make_room);
        gone + made
    }
}

/// Whether a task that is not healthy yet will be, as far as one can tell: others of its revision were.
fn is_expected(draft: &Draft<'_>, live: &Live<'_>) -> bool {
    let progress = live.deployment.map(|index| &draft.progress[index]);
    live.standing == Standing::Waiting
        && progress
            .is_some_and(|progress| progress.ever_completed && progress.throttle.attempts == 0)
}

/// What can be given up without going below the floor.
struct Spare {
    desired: u32,
    floor: u32,
    ceiling: u32,
    healthy: u32,
    /// Unhealthy tasks that may go before anything has taken their place.
    unhealthy: u32,
    /// Tasks above the floor that serve or are expected to.
    expected: u32,
    protected: u32,
    until: Option<berth_model::Timestamp>,
    at_floor: bool,
}

impl Spare {
    fn of(draft: &Draft<'_>, movement: &Movement<'_, '_>) -> Self {
        let census = movement.census;
        let running =
            census.live.iter().filter(|live| live.task.last_status == TaskStatus::Running);
        let running = running.count() as u32;
        let all_up = running as usize == census.live.len()
            && census.stopping.is_empty()
            && !draft.moves_tasks();
        Spare {
            desired: movement.desired,
            floor: movement.floor,
            ceiling: movement.ceiling,
            healthy: census.healthy().saturating_sub(movement.floor),
            // AWS: one by one, with the floor as a limit to how many RUNNING tasks are left.
            unhealthy: running.saturating_sub(movement.floor).max(u32::from(all_up)),
            expected: movement.expected(draft).saturating_sub(movement.floor),
            protected: 0,
            until: None,
            at_floor: false,
        }
    }

    /// Stops up to `count` of `candidates`; for the first `replaced` of them others are there already.
    fn give_up(
        &mut self,
        draft: &mut Draft<'_>,
        census: &Census<'_>,
        candidates: Vec<Live<'_>>,
        count: u32,
        replaced: u32,
        to: usize,
    ) -> u32 {
        if count == 0 {
            return 0;
        }
        let now = draft.now;
        let (protected, free): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|live| live.standing != Standing::Unhealthy && live.task.is_protected(now));
        let mut stopped = 0;
        for live in scale_in::in_order(draft, free, &census.live) {
            if stopped == count {
                break;
            }
            let for_room = stopped >= replaced;
            match live.standing {
                Standing::Healthy if self.healthy == 0 => {
                    self.at_floor = true;
                    break;
                }
                Standing::Healthy => self.healthy -= 1,
                Standing::Unhealthy if for_room && self.unhealthy == 0 => continue,
                Standing::Unhealthy => self.unhealthy = self.unhealthy.saturating_sub(1),
                Standing::Waiting
                    if for_room && is_expected(draft, &live) && self.expected == 0 =>
                {
                    continue;
                }
                Standing::Waiting => {}
            }
            if live.standing == Standing::Healthy || is_expected(draft, &live) {
                self.expected = self.expected.saturating_sub(1);
            }
            stop(draft, live, to);
            if for_room {
                forgo(draft, live);
            }
            stopped += 1;
        }
        if stopped < count && !self.at_floor {
            self.protected += protected.len() as u32;
            let ends = protected.iter().filter_map(|live| live.task.protected_until);
            self.until = ends.chain(self.until).min();
        }
        stopped
    }

    /// Says why nothing goes on, if nothing does.
    fn tell(self, draft: &mut Draft<'_>, census: &Census<'_>, to_make_room: u32) {
        if self.protected > 0 {
            let protected = self.protected;
            draft.note(Note::Protected { tasks: protected });
            draft.tell(Topic::Protection, || Event::UnableToScaleIn { protected });
        }
        if let Some(until) = self.until {
            draft.ask_again(until);
        }
        if self.at_floor {
            draft.note(Note::Floor { floor: self.floor });
        }
        let still = !draft.moves_tasks() && census.stopping.is_empty() && !census.expects();
        if still && self.at_floor && to_make_room > 0 {
            draft.note(Note::Stuck { floor: self.floor, ceiling: self.ceiling });
            draft.tell(Topic::Bounds, || Event::UnableToMove);
        }
    }
}

fn stop(draft: &mut Draft<'_>, live: Live<'_>, to: usize) {
    let why = if live.standing == Standing::Unhealthy {
        StopReason::Unhealthy
    } else if live.task.instance_draining {
        StopReason::InstanceDraining
    } else if live.deployment == Some(to) && draft.memory.rebalancing.is_some() {
        StopReason::Rebalancing(live.task.deployment)
    } else {
        StopReason::Scaling(live.task.deployment)
    };
    draft.stop(live, why);
}

/// What its deployment gave up to make room it does not ask for again.
fn forgo(draft: &mut Draft<'_>, live: Live<'_>) {
    if let Some(index) = live.deployment
        && Some(index) != draft.primary()
        && live.standing != Standing::Unhealthy
    {
        let count = &mut draft.progress[index].desired_count;
        *count = count.saturating_sub(1);
    }
}
