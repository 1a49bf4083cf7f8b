//! A tournament among keys: which is lowest, who has it, and how many.
//!
//! A binary tree over a fixed row of places; every node knows the lowest key below it and how many places have
//! that one. A change climbs one path; finding the n-th of the equals descends one.

/// `K::MAX` is an empty place's key, so nobody may have it.
#[derive(Debug, Clone)]
pub(crate) struct Tournament<K> {
    /// The root is at 1, the children of `n` at `2n` and `2n + 1`, the places in the second half.
    keys: Vec<K>,
    counts: Vec<u32>,
}

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
        let first = places.len().next_power_of_two();
        let mut keys = vec![K::MAX; 2 * first];
        let mut counts = vec![0; 2 * first];
        for (place, key) in places.enumerate() {
            if let Some(key) = key {
                keys[first + place] = key;
                counts[first + place] = 1;
            }
        }
        let mut tournament = Tournament { keys, counts };
        for node in (1..first).rev() {
            tournament.play(node);
        }
        tournament
    }

    /// The lowest key, and how many have it.
    pub(crate) fn best(&self) -> Option<(K, u32)> {
        (self.counts[1] > 0).then(|| (self.keys[1], self.counts[1]))
    }

    /// Where the n-th of those with the lowest key is, counted from 0, and how many of them are left to count there.
    pub(crate) fn find(&self, mut nth: u32) -> (usize, u32) {
        debug_assert!(nth < self.counts[1], "there are not so many");
        let (lowest, first) = (self.keys[1], self.keys.len() / 2);
        let mut node = 1;
        while node < first {
            node *= 2;
            if self.keys[node] != lowest {
                node += 1;
            } else if nth >= self.counts[node] {
                nth -= self.counts[node];
                node += 1;
            }
        }
        (node - first, nth)
    }

    /// Gives a place another key, which counts so often there; or none.
    pub(crate) fn set(&mut self, place: usize, key: Option<(K, u32)>) {
        let mut node = self.keys.len() / 2 + place;
        (self.keys[node], self.counts[node]) = key.unwrap_or((K::MAX, 0));
        while node > 1 {
            node /= 2;
            if !self.play(node) {
                return;
            }
        }
    }

    /// Whether the node has another outcome than before.
    fn play(&mut self, node: usize) -> bool {
        let (left, right) = (2 * node, 2 * node + 1);
        let (key, count) = match self.keys[left].cmp(&self.keys[right]) {
            std::cmp::Ordering::Less => (self.keys[left], self.counts[left]),
            std::cmp::Ordering::Greater => (self.keys[right], self.counts[right]),
            std::cmp::Ordering::Equal => (self.keys[left], self.counts[left] + self.counts[right]),
        };
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
            start in proptest::collection::vec(proptest::option::of(0..4_u128), 0..40),
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
