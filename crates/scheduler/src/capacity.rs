//! Which capacity provider gets how many tasks: the arithmetic of a capacity provider strategy.
//!
//! Bases come first. Every further task goes to the provider that is furthest behind the share that its weight
//! gives it, so that the tasks of a long life stand as those of one request would. Nothing here knows where a
//! provider's instances are, or whether they have room.

/// One item of a strategy, with what its provider has of it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrategyItem<'a> {
    pub provider: &'a str,
    /// So many tasks before weights count. AWS: only one item of a strategy has a base.
    pub base: u32,
    /// AWS: a provider of weight 0 gets its base and no more, unless it is the only one.
    pub weight: u32,
    /// Tasks of the service that are on it; none for the tasks of RunTask, which counts each request for itself.
    pub running: u32,
}

/// How many of `count` further tasks each provider gets, in the order of the items. What no provider may take is
/// missing from the sum: several items, all of weight 0.
pub fn split<'a>(items: &[StrategyItem<'a>], count: u32) -> Vec<(&'a str, u32)> {
    let only = items.len() == 1;
    let mut shares: Vec<Share> = items.iter().map(|item| Share::new(item, only)).collect();
    let mut left = count;
    for share in &mut shares {
        let given = share.base_missing.min(left);
        share.given += given;
        left -= given;
    }
    for _ in 0..left {
        let eligible = shares.iter_mut().filter(|share| share.weight > 0);
        // The first of equals: `min_by` keeps the earliest.
        let Some(next) = eligible.min_by(|a, b| a.compare(b)) else { break };
        next.beyond_base += 1;
        next.given += 1;
    }
    items.iter().zip(shares).map(|(item, share)| (item.provider, share.given)).collect()
}

struct Share {
    weight: u64,
    base_missing: u32,
    /// Tasks that its weight has brought it.
    beyond_base: u64,
    given: u32,
}

impl Share {
    fn new(item: &StrategyItem<'_>, only: bool) -> Self {
        Share {
            weight: if only { 1 } else { item.weight.into() },
            base_missing: item.base.saturating_sub(item.running),
            beyond_base: item.running.saturating_sub(item.base).into(),
            given: 0,
        }
    }

    /// Who is further behind, by the method of Webster and Sainte-Laguë: a provider's next task is due where its
    /// tasks, with half of that one, would be its weight's share.
    fn compare(&self, other: &Share) -> std::cmp::Ordering {
        let due =
            |share: &Share, weight: u64| u128::from(2 * share.beyond_base + 1) * u128::from(weight);
        due(self, other.weight).cmp(&due(other, self.weight))
    }
}

#[cfg(test)]
mod tests;
