//! The end of a story: nothing is broken any more, so everything comes to rest, and stays there.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::checkers::{Ranks, convergence};
use crate::trace::tell;
use crate::world::World;

/// How often it is looked whether everything is at rest.
const LOOK: Duration = Duration::from_secs(1);
/// How long everything may take to come to rest once nothing is broken any more: longer than any back-off and
/// any session lives, so that whoever sulks has come back.
const PATIENCE: Duration = Duration::from_secs(45 * 60);
/// For how long services must have left their tasks alone: longer than a task that frees room still runs.
const CALM: Duration = Duration::from_secs(60);
/// More tasks than services can have a use for once nothing is broken: whoever starts so many never ends.
const TOO_MANY: usize = 500;
/// How long it must then stay so.
const REST: Duration = Duration::from_secs(120);

/// That everything is as it is meant, and what services had then.
pub struct AtRest(Ranks);

/// Waits until everything is at rest. `None`: it never is, and that is reported.
pub async fn begin(world: &World) -> Option<AtRest> {
    let began = Instant::now();
    let first = ranks(world);
    let mut ranks = first.clone();
    let mut stirred: Option<(Instant, String)> = None;
    loop {
        let unsettled = unsettled(world);
        let is_calm = stirred.as_ref().is_none_or(|(at, _)| at.elapsed() >= CALM);
        if unsettled.is_none() && is_calm {
            tell!(world.trace, "at rest after {:?}", began.elapsed());
            return Some(AtRest(ranks));
        }
        if began.elapsed() > PATIENCE || first.started_by(&ranks) > TOO_MANY {
            let (rule, problem) = match (unsettled, stirred) {
                // Whoever moves tasks for ever is at times as it is meant to be, and at times not.
                (_, Some((at, stir))) if at.elapsed() < CALM => ("rest", stir),
                (problem, _) => ("convergence", problem.unwrap_or_default()),
            };
            world.inspector.report(rule, problem);
            return None;
        }
        sleep(LOOK).await;
        let now = self::ranks(world);
        if let Some(stir) = ranks.stir(&now) {
            stirred = Some((Instant::now(), stir));
        }
        ranks = now;
    }
}

impl AtRest {
    /// Watches that it lasts.
    pub async fn last(self, world: &World) {
        sleep(REST).await;
        if let Some(problem) = unsettled(world) {
            let problem = format!("it did not stay at rest: {problem}");
            world.inspector.report("convergence", problem);
        }
        if let Some(stir) = self.0.stir(&ranks(world)) {
            world.inspector.report("rest", stir);
        }
    }
}

fn unsettled(world: &World) -> Option<String> {
    world.inspector.with_records(|records| convergence::unsettled(records, &world.view()))
}

fn ranks(world: &World) -> Ranks {
    world.inspector.with_records(Ranks::of)
}
