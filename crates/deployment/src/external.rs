//! A service whose deployments somebody else controls: task sets, each with its share of the tasks.
//!
//! The scheduler keeps each set at its computed count and says whether it is steady. Which one is the
//! primary, and how large each is, the caller's users say.

use crate::census::{Census, Standing};
use crate::deployment::Role;
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Note;
use crate::memory::Topic;
use crate::replica;
use crate::settle::mark_steady;

pub(crate) fn keep_sets(draft: &mut Draft<'_>, census: &Census<'_>) {
    let mut all_steady = true;
    for index in 0..draft.progress.len() {
        let desired = computed_count(draft, index);
        let set = census.of(index);
        let task_set = draft.id(index);
        draft.note(Note::TaskSet { task_set, desired, live: set.live.len() as u32 });
        let moves = draft.moves();
        replica::roll_alone(draft, census, index, desired);
        let moved = draft.moves() > moves;
        if draft.progress[index].role == Role::Draining {
            if set.live.is_empty() && set.stopping.is_empty() {
                draft.remove(index);
            }
            continue;
        }
        let steady = !moved
            && set.stopping.is_empty()
            && set.live.len() == desired as usize
            && set
                .live
                .iter()
                .all(|live| live.standing == Standing::Healthy && !live.task.has_to_go());
        if steady && draft.progress[index].steady_since.is_none() {
            draft.events.push(Event::TaskSetSteady { task_set });
        }
        mark_steady(draft, index, steady);
        all_steady &= steady;
    }
    stop_strays(draft, census);
    // Of nothing at all it is not said that it is steady.
    all_steady &= (0..draft.progress.len()).any(|index| !draft.removes(index));
    if all_steady && census.stopping.is_empty() && !draft.moves_tasks() {
        draft.note(Note::Steady);
        draft.tell(Topic::Steady, || Event::SteadyState);
    }
}

/// AWS: the set's share of the desired count, rounded up.
fn computed_count(draft: &Draft<'_>, index: usize) -> u32 {
    let deployment = &draft.service.deployments[index];
    if draft.progress[index].role == Role::Draining {
        return 0;
    }
    let share = f64::from(draft.service.desired_count) * deployment.scale.clamp(0.0, 100.0) / 100.0;
    // A share that is whole but for what binary fractions cannot say is whole.
    (share - 1e-9).ceil().max(0.0) as u32
}

/// Tasks of sets that are no longer there.
fn stop_strays(draft: &mut Draft<'_>, census: &Census<'_>) {
    for live in census.live.iter().filter(|live| live.deployment.is_none()) {
        draft.stop(*live, crate::plan::StopReason::Scaling(live.task.deployment));
    }
}
