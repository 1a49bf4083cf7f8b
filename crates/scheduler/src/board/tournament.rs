//! A tournament among keys: which is lowest, who has it, and how many.
//!
//! A tree over a fixed row of places; every node knows the lowest key below it and how many places have
//! that one. A change climbs one path; finding the n-th of the equals descends one. Nodes have four children, which
//! lie side by side in memory: a large tree costs what it costs to fetch its nodes.

/// `K::MAX` is an empty place's key, so nobody may have it.
#[derive(Debug, Clone)]
pub(crate) struct Tournament<K> {
    /// The root is at 0, the children of `n` from `CHILDREN * n + 1` on, the places at the end.
    keys: Vec<K>,
    counts: Vec<u32>,
    /// Where the places begin.
    first: usize,
}

const CHILDREN: usize = 4;

pub(crate) trait Key: Copy + Ord {
    const MAX: Self;
}

impl Key for u128 {
    const MAX: u128 = u128::MAX;
}

impl<const N: usize> Key for [u32; N] {
    const MAX: [u32; N] = [u32::MAX; N];
}

impl<K: Key> Tournament<K> {
    /// Of these keys, one a place; each counts for itself alone.
    pub(crate) fn new(places: impl ExactSizeIterator<Item = Option<K>>) -> Self {
        let (mut first, mut width) = (0, 1);
        while width < places.len() {
            first = CHILDREN * first + 1;
            width *= CHILDREN;
        }
        // Whole groups of children, and no more of them than there are places for.
        let used = places.len().max(1).next_multiple_of(if first > 0 { CHILDREN } else { 1 });
        let mut keys = vec![K::MAX; first + used];
        let mut counts = vec![0; first + used];
        for (place, key) in places.enumerate() {
            if let Some(key) = key {
                keys[first + place] = key;
                counts[first + place] = 1;
            }
        }
        let mut tournament = Tournament { keys, counts, first };
        for node in (0..first).rev() {
            tournament.play(node);
        }
        tournament
    }

    /// The lowest key, and how many have it.
    pub(crate) fn best(&self) -> Option<(K, u32)> {
        (self.counts[0] > 0).then(|| (self.keys[0], self.counts[0]))
    }

    /// Where the n-th of those with the lowest key is, counted from 0, and how many of them are left to count there.
    pub(crate) fn find(&self, mut nth: u32) -> (usize, u32) {
        debug_assert!(nth < self.counts[0], "there are not so many");
        let lowest = self.keys[0];
        let mut node = 0;
        while node < self.first {
            node = CHILDREN * node + 1;
            while self.keys[node] != lowest || nth >= self.counts[node] {
                if self.keys[node] == lowest {
                    nth -= self.counts[node];
                }
                node += 1;
            }
        }
        (node - self.first, nth)
    }

    /// Gives a place another key, which counts so often there; or none.
    pub(crate) fn set(&mut self, place: usize, key: Option<(K, u32)>) {
        let mut node = self.first + place;
        (self.keys[node], self.counts[node]) = key.unwrap_or((K::MAX, 0));
        while node > 0 {
            node = (node - 1) / CHILDREN;
            if !self.play(node) {
                return;
            }
        }
    }

    /// Whether the node has another outcome than before.
    fn play(&mut self, node: usize) -> bool {
        let children = CHILDREN * node + 1;
        // Behind the last place there is nothing, nor above it.
        let Some(keys) = self.keys.get(children..children + CHILDREN) else { return false };
        let counts = &self.counts[children..children + CHILDREN];
        let (mut key, mut count) = (keys[0], counts[0]);
        for (&other, &number) in keys.iter().zip(counts).skip(1) {
            match other.cmp(&key) {
                std::cmp::Ordering::Less => (key, count) = (other, number),
                std::cmp::Ordering::Equal => count += number,
                std::cmp::Ordering::Greater => {}
            }
        }
        let other = self.keys[node] != key || self.counts[node] != count;
        (self.keys[node], self.counts[node]) = (key, count);
        other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_winner_is_found_and_counted(
            start in proptest::collection::vec(proptest::option::of(0..4_u128), 0..90),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), proptest::option::of((0..4_u128, 1..4_u32))), 0..40),
        ) {
            let mut tournament = Tournament::new(start.iter().copied());
            let mut list: Vec<Option<(u128, u32)>> = start.iter().map(|key| key.map(|key| (key, 1))).collect();
            for (place, key) in changes {
                let lowest = list.iter().flatten().map(|(key, _)| *key).min();
                let winners: Vec<(usize, u32)> = list
                    .iter()
                    .enumerate()
                    .filter_map(|(place, key)| key.filter(|(key, _)| Some(*key) == lowest).map(|(_, count)| (place, count)))
                    .flat_map(|(place, count)| (0..count).map(move |nth| (place, nth)))
                    .collect();
                prop_assert_eq!(tournament.best(), lowest.map(|lowest| (lowest, winners.len() as u32)));
                for (nth, winner) in winners.iter().enumerate() {
                    prop_assert_eq!(tournament.find(nth as u32), *winner);
                }
                if !list.is_empty() {
                    let place = place.index(list.len());
                    list[place] = key;
                    tournament.set(place, key);
                }
            }
        }
    }
}
