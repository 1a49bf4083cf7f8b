//! Which tasks of a movement are stopped: those that others have replaced, those that are too many, and
//! those that have to make room.
//!
//! Healthy tasks go only as long as the floor is kept, protected ones never.

use berth_model::{TaskStatus, Timestamp};

use crate::census::{Live, Standing, healthy};
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::memory::Topic;
use crate::plan::StopReason;
use crate::replica::{Movement, is_expected};
use crate::scale_in;

/// Returns how many of the tasks that leave are stopped.
pub(crate) fn give_up(draft: &mut Draft<'_>, movement: Movement<'_, '_>, to_make_room: u32) -> u32 {
    let mut spare = Spare::of(draft, &movement);
    let Movement { census, to, desired, needed, staying, leaving, doomed, .. } = movement;

    let gone = doomed.len() as u32;
    for live in doomed {
        spare.given_up(live.standing);
        stop(draft, live, to);
    }
    let protected = Protected::among(draft, &staying, &leaving);
    let too_many = (leaving.len() as u32).saturating_sub(needed);
    let crowd = Crowd::of(draft, &leaving, to);
    let leaving = scale_in::in_order(draft, leaving, &census.live, too_many.max(to_make_room));
    let replaced = crowd.replaced(draft, &leaving, needed);
    let made = spare.stop(draft, leaving, replaced.max(to_make_room), replaced, to);

    let serving = healthy(&staying);
    let (surplus, rest) = if draft.memory.rebalancing.is_some() {
        // Only those that take over from others have others to take over from.
        let served: Vec<_> =
            staying.into_iter().filter(|live| live.standing == Standing::Healthy).collect();
        (served.len(), served)
    } else {
        (staying.len(), staying)
    };
    let surplus = (surplus as u32).saturating_sub(desired);
    let before = spare.healthy;
    let rest = scale_in::in_order(draft, rest, &census.live, surplus);
    spare.stop(draft, rest, surplus, surplus, to);
    protected.tell(draft, desired, serving - (before - spare.healthy));

    let [unhealthy, waiting, healthy] = spare.given_up;
    if unhealthy + waiting + healthy > 0 {
        draft.note(Note::GivenUp { unhealthy, waiting, healthy });
    }
    if spare.at_floor {
        draft.note(Note::Floor { floor: spare.floor });
    }
    let still = !draft.moves_tasks() && census.stopping.is_empty() && !census.expects();
    if still && spare.at_floor && to_make_room > 0 {
        draft.note(Note::Stuck { floor: spare.floor, ceiling: spare.ceiling });
        draft.tell(Topic::Bounds, || Event::UnableToMove);
    }
    gone + made
}

/// The tasks that leave, while they become fewer.
struct Crowd {
    to: usize,
    tasks: u32,
    /// Unhealthy tasks of deployments that go.
    unhealthy: u32,
    /// Tasks that were started in their stead.
    expected: u32,
}

impl Crowd {
    fn of(draft: &Draft<'_>, leaving: &[Live<'_>], to: usize) -> Self {
        let mut crowd = Crowd { to, tasks: leaving.len() as u32, unhealthy: 0, expected: 0 };
        for live in leaving {
            crowd.unhealthy += u32::from(crowd.is_old_and_unhealthy(live));
            crowd.expected += u32::from(is_expected(draft, live));
        }
        crowd
    }

    fn is_old_and_unhealthy(&self, live: &Live<'_>) -> bool {
        live.standing == Standing::Unhealthy && live.deployment != Some(self.to)
    }

    /// How many of them, in the order of giving up, others have replaced. An unhealthy task is there
    /// beside the one that takes its place, until that is healthy.
    fn replaced(mut self, draft: &Draft<'_>, in_order: &[Live<'_>], needed: u32) -> u32 {
        let mut replaced = 0;
        for live in in_order {
            if self.tasks <= needed + self.unhealthy.min(self.expected).min(needed) {
                break;
            }
            self.tasks -= 1;
            self.unhealthy -= u32::from(self.is_old_and_unhealthy(live));
            self.expected -= u32::from(is_expected(draft, live));
            replaced += 1;
        }
        replaced
    }
}

/// What can be given up without going below the floor.
struct Spare {
    floor: u32,
    ceiling: u32,
    healthy: u32,
    /// Unhealthy tasks that may go before anything has taken their place.
    unhealthy: u32,
    /// Tasks that serve or are expected to.
    expected: u32,
    at_floor: bool,
    /// How many tasks are stopped, by their standing.
    given_up: [u32; 3],
}

impl Spare {
    fn of(draft: &Draft<'_>, movement: &Movement<'_, '_>) -> Self {
        let (census, floor) = (movement.census, movement.floor);
        let runs = |live: &&Live<'_>| live.task.last_status == TaskStatus::Running;
        let running = census.live.iter().filter(runs).count() as u32;
        let all_up = running as usize == census.live.len()
            && census.stopping.is_empty()
            && !draft.moves_tasks();
        Spare {
            floor,
            ceiling: movement.ceiling,
            healthy: census.healthy().saturating_sub(floor),
            // AWS: one by one, with the floor as a limit to how many RUNNING tasks are left.
            unhealthy: running.saturating_sub(floor).max(u32::from(all_up)),
            expected: movement.expected(draft).saturating_sub(floor),
            at_floor: false,
            given_up: [0; 3],
        }
    }

    fn given_up(&mut self, standing: Standing) {
        self.given_up[standing as usize] += 1;
    }

    /// Stops up to `count` of `candidates`; for the first `replaced` of them others are there already.
    /// Returns how many are stopped.
    fn stop(
        &mut self,
        draft: &mut Draft<'_>,
        candidates: Vec<Live<'_>>,
        count: u32,
        replaced: u32,
        to: usize,
    ) -> u32 {
        let mut stopped = 0;
        for live in candidates {
            if stopped == count {
                break;
            }
            let for_room = stopped >= replaced;
            let expected = is_expected(draft, &live);
            match live.standing {
                Standing::Healthy if self.healthy == 0 => {
                    self.at_floor = true;
                    break;
                }
                Standing::Healthy => self.healthy -= 1,
                Standing::Unhealthy if for_room && self.unhealthy == 0 => continue,
                Standing::Unhealthy => self.unhealthy = self.unhealthy.saturating_sub(1),
                Standing::Waiting if for_room && expected && self.expected == 0 => continue,
                Standing::Waiting => {}
            }
            if live.standing == Standing::Healthy || expected {
                self.expected = self.expected.saturating_sub(1);
            }
            self.given_up(live.standing);
            stop(draft, live, to);
            if for_room {
                forgo(draft, live, to);
            }
            stopped += 1;
        }
        stopped
    }
}

/// Tasks that would go if they were not protected.
struct Protected {
    staying: u32,
    leaving: u32,
    until: Option<Timestamp>,
}

impl Protected {
    fn among(draft: &Draft<'_>, staying: &[Live<'_>], leaving: &[Live<'_>]) -> Self {
        let spared = |live: &&Live<'_>| live.is_spared(draft.now);
        let staying = staying.iter().filter(spared);
        let leaving = leaving.iter().filter(spared);
        Protected {
            staying: staying.clone().count() as u32,
            leaving: leaving.clone().count() as u32,
            until: staying.chain(leaving).filter_map(|live| live.task.protected_until).min(),
        }
    }

    /// Says so if there are more of them than the service should have.
    fn tell(self, draft: &mut Draft<'_>, desired: u32, serving: u32) {
        if self.staying <= desired && self.leaving <= desired.saturating_sub(serving) {
            return;
        }
        let protected = self.staying + self.leaving;
        draft.note(Note::Protected { tasks: protected });
        draft.tell(Topic::Protection, || Event::UnableToScaleIn { protected });
        if let Some(until) = self.until {
            draft.ask_again(until);
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
fn forgo(draft: &mut Draft<'_>, live: Live<'_>, to: usize) {
    if let Some(index) = live.deployment
        && index != to
        && live.standing != Standing::Unhealthy
    {
        let count = &mut draft.progress[index].desired_count;
        *count = count.saturating_sub(1);
    }
}
