//! Places the tasks of one request, one after another, each on the best instance that fits.
//!
//! A task placed counts for the next: its resources, its group and its ports are taken, although
//! nothing is started. The fleet itself stays as it is; it changes when it is told that tasks are there.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use berth_model::ContainerInstanceId;

use crate::explanation::{Choice, Explanation};
use crate::fit::{obstacle, refusal};
use crate::fleet::Fleet;
use crate::instance::Instance;
use crate::plan::{Placement, Plan, Reason, Refusal};
use crate::request::Request;

pub fn place(fleet: &mut Fleet, request: &Request) -> Plan {
    let (board, ground) = fleet.board(request);
    let mut explanation = Explanation {
        instances: ground.ids.len(),
        ruled_out: board.ruled_out(),
        strategies: request.strategies.clone(),
        asked: request.count,
        ..Explanation::default()
    };
    let mut placements = Vec::new();
    for round in 0..request.count {
        let Some(pick) = board.best(request.seed, round) else {
            explanation.exhausted = board.ruled_out();
            break;
        };
        let instance = ground.ids[pick.index];
        let standings = board.standings(pick.index, pick.equals, ground);
        explanation.choices.push(Choice { instance, standings });
        placements.push(Placement { instance });
        board.accept(pick.index, ground);
    }
    board.withdraw();
    let unplaced = request.count - placements.len() as u32;
    Plan { placements, unplaced, explanation }
}

/// Why no instance took the next task, after those that the plan has placed; nothing if all are placed. Instances that
/// are not in service or of other capacity providers are left out, as ECS does; the plan's explanation counts them.
///
/// A text for each: whoever shows one only asks for [`closest_refusal`].
pub fn refusals(fleet: &Fleet, request: &Request, plan: &Plan) -> Vec<Refusal> {
    if plan.unplaced == 0 {
        return Vec::new();
    }
    let after = After::of(plan);
    let refusals: Vec<Refusal> =
        fleet.iter().filter_map(|instance| after.refusal(instance, request, is_told)).collect();
    if refusals.is_empty() { vec![refusal_of_all(fleet, request)] } else { refusals }
}

/// Why an instance that came closest to taking the next task did not; nothing if all tasks are placed. Causes go from what
/// is most lasting to what is most fleeting, and the plan has counted them: the last one came closest.
pub fn closest_refusal(fleet: &Fleet, request: &Request, plan: &Plan) -> Option<Refusal> {
    if plan.unplaced == 0 {
        return None;
    }
    let closest = plan.explanation.exhausted.keys().copied().rfind(|reason| is_told(*reason));
    let Some(closest) = closest else { return Some(refusal_of_all(fleet, request)) };
    let after = After::of(plan);
    fleet.iter().find_map(|instance| after.refusal(instance, request, |reason| reason == closest))
}

/// AWS: other instances are not considered at all.
fn is_told(reason: Reason) -> bool {
    !matches!(reason, Reason::Inactive | Reason::CapacityProvider)
}

/// How many tasks a plan has placed on each instance.
struct After(BTreeMap<ContainerInstanceId, u32>);

impl After {
    fn of(plan: &Plan) -> Self {
        let mut placed = BTreeMap::new();
        for placement in &plan.placements {
            *placed.entry(placement.instance).or_default() += 1;
        }
        After(placed)
    }

    /// In words, if the reason is one that is asked for.
    fn refusal(
        &self,
        instance: &Instance,
        request: &Request,
        asked: impl Fn(Reason) -> bool,
    ) -> Option<Refusal> {
        let after = self.0.get(&instance.id).map(|&tasks| instance.after(tasks, request));
        let instance = after.as_ref().unwrap_or(instance);
        let reason = obstacle(instance, request).filter(|reason| asked(*reason))?;
        Some(refusal(instance, request, reason))
    }
}

fn refusal_of_all(fleet: &Fleet, request: &Request) -> Refusal {
    let (reason, detail) = match (&request.capacity_provider, fleet.len()) {
        (Some(provider), _) => (
            Reason::EmptyCapacityProvider,
            format!("the capacity provider {provider} has no active instances"),
        ),
        (None, 0) => (Reason::NoInstances, "the cluster has no instances".to_owned()),
        (None, count) => {
            (Reason::NoInstances, format!("none of the cluster's {count} instances is ACTIVE"))
        }
    };
    Refusal { instance: None, reason, detail }
}
