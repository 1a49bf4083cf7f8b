//! Where requests go, while they are shifted.

use std::collections::BTreeMap;

use super::super::world::World;
use crate::Plan;
use crate::census::{Census, Standing};

/// How many tasks serve in each lane.
pub(super) fn serving(world: &World) -> BTreeMap<u32, u32> {
    let census = Census::take(&world.service, world.now);
    let mut serving = BTreeMap::new();
    for live in census.live.iter().filter(|live| live.standing == Standing::Healthy) {
        let lane = live.deployment.and_then(|index| world.service.deployments[index].lane);
        *serving.entry(lane.unwrap_or_default()).or_default() += 1;
    }
    serving
}

/// No plan takes the last tasks from a lane that still gets requests, if the other has some; and nothing is lost.
pub(super) fn have_somewhere_to_go(world: &World, before: &BTreeMap<u32, u32>, plan: &Plan) {
    let mut weights: BTreeMap<u32, f64> = BTreeMap::new();
    for deployment in &world.service.deployments {
        if let Some((lane, traffic)) = deployment.lane.zip(deployment.progress.traffic) {
            *weights.entry(lane).or_default() += traffic.production;
        }
    }
    let all: f64 = weights.values().sum();
    assert!(all <= 100.0, "{all}% of requests are shared out: {}", plan.explanation);
    let after = serving(world);
    if world.service.desired_count == 0 {
        return;
    }
    let some = |serving: &BTreeMap<u32, u32>, lane: u32| {
        serving.get(&lane).is_some_and(|tasks| *tasks > 0)
    };
    for (&lane, &weight) in &weights {
        let emptied = some(before, lane) && !some(&after, lane);
        assert!(
            weight == 0.0 || !emptied || !some(&after, 1 - lane),
            "lane {lane} has no tasks left for {weight}% of the requests: {}",
            plan.explanation
        );
    }
}
