//! Places the tasks of one request, one after another, each on the best instance that fits.
//!
//! A task placed counts for the next: its resources, its group and its ports are taken, although
//! nothing is started. Only instances that received a task are looked at again.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::explanation::{Choice, Explanation};
use crate::fit::{obstacle, refusal, standing_obstacle};
use crate::fleet::Fleet;
use crate::instance::Instance;
use crate::plan::{Placement, Plan, Reason, Refusal};
use crate::rank::Ranking;
use crate::request::Request;

pub fn place(fleet: &Fleet, request: &Request) -> Plan {
    let mut candidates: Vec<Candidate<'_>> =
        fleet.iter().map(|instance| Candidate::new(instance, request)).collect();
    let mut ranking = Ranking::new(fleet, request);
    let mut explanation = Explanation {
        instances: fleet.len(),
        ruled_out: count_obstacles(&candidates),
        strategies: request.strategies.clone(),
        asked: request.count,
        ..Explanation::default()
    };
    let mut placements = Vec::new();
    for round in 0..request.count {
        let fitting =
            candidates.iter().enumerate().filter(|(_, candidate)| candidate.obstacle.is_none());
        let keyed = fitting
            .map(|(index, candidate)| (ranking.key(index, &candidate.instance, round), index));
        let Some((key, index)) = keyed.min() else {
            explanation.exhausted = count_obstacles(&candidates);
            break;
        };
        let chosen = &mut candidates[index];
        placements.push(Placement { instance: chosen.instance.id });
        explanation.choices.push(Choice { instance: chosen.instance.id, standings: key.to_vec() });
        chosen.accept(request);
        ranking.placed(index);
    }
    let unplaced = request.count - placements.len() as u32;
    let refusals = if unplaced > 0 { refusals(&candidates, request) } else { Vec::new() };
    Plan { placements, unplaced, refusals, explanation }
}

/// An instance as it is after the tasks placed so far. Borrowed until it receives one.
struct Candidate<'a> {
    instance: Cow<'a, Instance>,
    obstacle: Option<Reason>,
}

impl<'a> Candidate<'a> {
    fn new(instance: &'a Instance, request: &Request) -> Self {
        Candidate { instance: Cow::Borrowed(instance), obstacle: obstacle(instance, request) }
    }

    fn accept(&mut self, request: &Request) {
        let instance = self.instance.to_mut();
        instance.accept(request);
        self.obstacle = crate::fit::passing_obstacle(instance, request);
        debug_assert_eq!(
            standing_obstacle(instance, request),
            None,
            "a placement changes no standing obstacle"
        );
    }
}

fn count_obstacles(candidates: &[Candidate<'_>]) -> BTreeMap<Reason, usize> {
    let mut counts = BTreeMap::new();
    for reason in candidates.iter().filter_map(|candidate| candidate.obstacle) {
        *counts.entry(reason).or_insert(0) += 1;
    }
    counts
}

fn refusals(candidates: &[Candidate<'_>], request: &Request) -> Vec<Refusal> {
    let silent = [Some(Reason::Inactive), Some(Reason::CapacityProvider)];
    let in_service = candidates.iter().filter(|candidate| !silent.contains(&candidate.obstacle));
    let refusals: Vec<Refusal> = in_service
        .filter_map(|candidate| Some(refusal(&candidate.instance, request, candidate.obstacle?)))
        .collect();
    if refusals.is_empty() {
        if let Some(provider) = &request.capacity_provider {
            let detail = format!("the capacity provider {provider} has no active instances");
            return vec![Refusal { instance: None, reason: Reason::EmptyCapacityProvider, detail }];
        }
        let detail = match candidates.len() {
            0 => "the cluster has no instances".to_owned(),
            count => format!("none of the cluster's {count} instances is ACTIVE"),
        };
        return vec![Refusal { instance: None, reason: Reason::NoInstances, detail }];
    }
    refusals
}
