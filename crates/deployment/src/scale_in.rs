//! In which order tasks are given up.
//!
//! What serves least goes first: unhealthy, then not yet healthy, then healthy tasks; among equals,
//! those of the zone with the most tasks of the service, then of the instance with the most (AWS:
//! developer guide, update-service-parameters), then the youngest.
//!
//! DEVIATES: ECS may follow a service's own placement strategy here; we always even out zones, then instances.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use berth_model::{ContainerInstanceId, Timestamp};

use crate::census::{Live, Standing};
use crate::draft::Draft;

/// Lower goes first, before zones are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    standing: Standing,
    /// Of an instance that stays.
    settled: bool,
    /// Of a deployment that may be rolled back to.
    completed: bool,
    deployed_at: Timestamp,
}

/// Those of `candidates` that may be given up, in the order of doing so; nothing if none is `wanted`.
///
/// `all` are the service's live tasks: zones and instances are counted with every one of them, also
/// with those that cannot be chosen.
pub(crate) fn in_order<'a>(
    draft: &Draft<'_>,
    candidates: Vec<Live<'a>>,
    all: &[Live<'a>],
    wanted: u32,
) -> Vec<Live<'a>> {
    if wanted == 0 {
        return Vec::new();
    }
    let worth = |live: &Live<'_>| Worth {
        standing: live.standing,
        settled: !live.task.has_to_go(),
        completed: live.deployment.is_some_and(|index| draft.progress[index].ever_completed),
        deployed_at: live
            .deployment
            .map_or(Timestamp::EPOCH, |index| draft.service.deployments[index].created_at),
    };
    let free = candidates.into_iter().filter(|live| !live.is_spared(draft.now));
    let mut ordered: Vec<(Worth, Live<'a>)> = free.map(|live| (worth(&live), live)).collect();
    ordered.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| youth(left).cmp(&youth(right))));

    // Giving up tasks one by one from wherever there are most is a sort: the n-th task given up by a
    // place stands at its count less n. Worths are gone through in order, so that counts fall between them.
    let mut crowds = Crowds::count(all);
    let mut levelled = Vec::with_capacity(ordered.len());
    for same in ordered.chunk_by(|(a, _), (b, _)| a == b) {
        let from = levelled.len();
        levelled.extend(same.iter().map(|(_, live)| (0, crowds.leave_instance(live), *live)));
        levelled[from..].sort_by_key(|(_, on_instance, _)| Reverse(*on_instance));
        for (in_zone, _, live) in &mut levelled[from..] {
            *in_zone = crowds.leave_zone(live);
        }
        levelled[from..].sort_by_key(|(in_zone, on_instance, _)| Reverse((*in_zone, *on_instance)));
    }
    levelled.into_iter().map(|(_, _, live)| live).collect()
}

fn youth(live: &Live<'_>) -> impl Ord {
    (Reverse(live.task.created_at), live.task.id)
}

/// How many live tasks there are in each zone and on each instance.
struct Crowds<'a> {
    zones: BTreeMap<Option<&'a str>, u32>,
    instances: BTreeMap<Option<ContainerInstanceId>, u32>,
}

impl<'a> Crowds<'a> {
    fn count(all: &[Live<'a>]) -> Self {
        let mut crowds = Crowds { zones: BTreeMap::new(), instances: BTreeMap::new() };
        for live in all {
            *crowds.zones.entry(live.task.zone.as_deref()).or_default() += 1;
            *crowds.instances.entry(live.task.instance).or_default() += 1;
        }
        crowds
    }

    /// The count before.
    fn leave_zone(&mut self, live: &Live<'a>) -> u32 {
        leave(self.zones.get_mut(&live.task.zone.as_deref()))
    }

    /// The count before.
    fn leave_instance(&mut self, live: &Live<'_>) -> u32 {
        leave(self.instances.get_mut(&live.task.instance))
    }
}

fn leave(count: Option<&mut u32>) -> u32 {
    count.map_or(0, |count| {
        *count = count.saturating_sub(1);
        *count + 1
    })
}
