//! Who gets how many of a service's requests, where listener rules can shift them.
//!
//! A deployment's tasks are in a *lane*: the target groups that they register with. A deployment with stages moves requests
//! from the lane before to its own, in the steps that its strategy asks for. In every other movement between lanes (a
//! rollback, a rolling deployment into other groups) they follow the tasks that are well, and turn back only if there is
//! nobody left to serve them.

use std::collections::BTreeSet;

use berth_model::{RolloutState, TaskId};
use minicbor::{Decode, Encode};

use crate::census::{Census, Standing};
use crate::draft::Draft;
use crate::stage::LifecycleStage;
use crate::staged;

/// A deployment's share of the requests, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Encode, Decode)]
pub struct Weights {
    #[n(0)]
    pub production: f64,
    /// Of those that only test; `None` as long as no deployment has moved them.
    #[n(1)]
    pub test: Option<f64>,
}

/// Writes down who gets what after everything else that the draft does.
pub(crate) fn share_out(draft: &mut Draft<'_>, census: &Census<'_>, primary: usize) {
    if !draft.service.shifts_traffic {
        return;
    }
    let well = well(draft, census);
    let Some((to, share)) = goal(draft, census, &well, primary) else { return };
    let Some(lane) = lane(draft, to) else { return };
    let rest = (0..draft.progress.len())
        .filter(|&index| self::lane(draft, index).is_some_and(|other| other != lane))
        .max_by_key(|index| {
            let known = &draft.service.deployments[*index];
            let progress = &draft.progress[*index];
            (well.contains(index), progress.ever_completed, known.created_at, known.id)
        });
    for index in 0..draft.progress.len() {
        if self::lane(draft, index).is_none() {
            continue;
        }
        let of = |percent: f64| match index {
            _ if index == to => percent,
            _ if Some(index) == rest => 100.0 - percent,
            _ => 0.0,
        };
        let before = draft.progress[index].traffic.and_then(|before| before.test);
        draft.progress[index].traffic = Some(Weights {
            production: of(share.production),
            // Of someone who gets none of them nothing follows for the others.
            test: share.test.filter(|test| *test > 0.0).map(of).or(before),
        });
    }
}

/// `None` also for one that the service has no longer.
fn lane(draft: &Draft<'_>, index: usize) -> Option<u32> {
    draft.service.deployments[index].lane.filter(|_| !draft.removes(index))
}

/// The deployments of the tasks that serve, once for each of them: what the draft stops serves no more.
fn well(draft: &Draft<'_>, census: &Census<'_>) -> Vec<usize> {
    let stopped: BTreeSet<TaskId> = draft.stopped().collect();
    let well = census
        .live
        .iter()
        .filter(|live| live.standing == Standing::Healthy && !stopped.contains(&live.task.id));
    well.filter_map(|live| live.deployment).collect()
}

/// Who is to get requests, and how many of them; whoever is in other lanes gets the rest.
fn goal(
    draft: &Draft<'_>,
    census: &Census<'_>,
    well: &[usize],
    primary: usize,
) -> Option<(usize, Weights)> {
    let progress = &draft.progress[primary];
    let blue = staged::blue(draft, census, primary);
    match progress.stage.as_ref().filter(|_| staged::is_under_way(draft, primary)) {
        // Whatever is half done goes back to the deployment before.
        Some(stage) if stage.stage == LifecycleStage::ReconcileService && blue.is_some() => {
            blue.map(|blue| (blue, following(draft, well, blue)))
        }
        Some(stage) => {
            let shares_groups = blue.is_some_and(|blue| lane(draft, blue) == lane(draft, primary));
            let production = if shares_groups { 100.0 } else { stage.production_weight };
            let test = progress.traffic.and_then(|weights| weights.test);
            Some((primary, Weights { production, test }))
        }
        None if progress.rollout == RolloutState::Failed => staying(draft, well),
        None => Some((primary, following(draft, well, primary))),
    }
}

/// Where nothing takes over from anything: all stays as it is, unless somebody gets requests who has no tasks left for them.
fn staying(draft: &Draft<'_>, well: &[usize]) -> Option<(usize, Weights)> {
    let is_well = |of: usize| well.iter().any(|index| lane(draft, *index) == lane(draft, of));
    let weights = |of: usize| draft.progress[of].traffic.unwrap_or_default();
    let balanced = (0..draft.progress.len()).filter(|index| lane(draft, *index).is_some());
    let to = balanced.clone().max_by(|&one, &other| {
        let gets_more = weights(one).production.total_cmp(&weights(other).production);
        is_well(one).cmp(&is_well(other)).then(gets_more)
    })?;
    let mut others = balanced.filter(|index| lane(draft, *index) != lane(draft, to)).peekable();
    let is_alone = others.peek().is_some() && is_well(to) && !others.any(is_well);
    let before = weights(to);
    let production = if is_alone { 100.0 } else { before.production };
    Some((to, Weights { production, ..before }))
}

/// As many requests as there are tasks to serve them, and all as soon as the deployment can do without the others.
fn following(draft: &Draft<'_>, well: &[usize], to: usize) -> Weights {
    let of = |wanted: bool| {
        let lanes = well.iter().filter_map(|index| lane(draft, *index));
        lanes.filter(|other| (Some(*other) == lane(draft, to)) == wanted).count()
    };
    let (here, elsewhere) = (of(true), of(false));
    let own = well.iter().filter(|index| **index == to).count();
    let due = if elsewhere == 0 || own >= draft.service.desired_count as usize {
        100.0
    } else {
        (100 * here / (here + elsewhere)) as f64
    };
    let before = draft.progress[to].traffic.unwrap_or_default();
    let has_nobody = here == 0 && elsewhere > 0;
    let production = if has_nobody { 0.0 } else { due.max(before.production) };
    let is_tested_elsewhere = (0..draft.progress.len()).any(|index| {
        let test = draft.progress[index].traffic.and_then(|weights| weights.test);
        index != to && test.is_some_and(|test| test > 0.0)
    });
    let all = Some(100.0).filter(|all| production >= *all && is_tested_elsewhere);
    Weights { production, test: all.or(before.test) }
}
