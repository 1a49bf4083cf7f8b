//! A tournament among keys: which is lowest, and, where equals draw lots, how many have it and who.
//!
//! A tree over a fixed row of places; every node knows the lowest key below it and, if equals are counted, how many
//! places have that one. A change climbs one path; finding the n-th of the equals descends one. Nodes have four
//! children, which lie side by side in memory: a large tree costs what it costs to fetch its nodes.
//!
//! What is only supposed is written down on the way, node by node, so that taking it back compares nothing.

/// `K::MAX` is an empty place's key, so nobody may have it.
#[derive(Debug, Clone)]
pub(crate) struct Tournament<K> {
    /// The root is at 0, the children of `n` from `CHILDREN * n + 1` on, the places at the end.
    keys: Vec<K>,
    /// One for each key, or none at all if no keys are equal.
    counts: Vec<u32>,
    /// Where the places begin.
    first: usize,
    /// Nodes as they were before what is supposed, the oldest first.
    before: Vec<Outcome<K>>,
}

/// What a node knows.
#[derive(Debug, Clone, Copy)]
struct Outcome<K> {
    node: u32,
    count: u32,
    key: K,
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
    /// Of these keys, one a place. If equals are counted, each counts for itself alone; if not, there must be none.
    pub(crate) fn new(
        places: impl ExactSizeIterator<Item = Option<K>>,
        equals_are_counted: bool,
    ) -> Self {
        let (mut first, mut width) = (0, 1);
        while width < places.len() {
            first = CHILDREN * first + 1;
            width *= CHILDREN;
        }
        // Whole groups of children, and no more of them than there are places for.
        let used = places.len().max(1).next_multiple_of(if first > 0 { CHILDREN } else { 1 });
        let keys = vec![K::MAX; first + used];
        let counts = if equals_are_counted { vec![0; keys.len()] } else { Vec::new() };
        let mut tournament = Tournament { keys, counts, first, before: Vec::new() };
        for (place, key) in places.enumerate() {
            tournament.note(first + place, key.map(|key| (key, 1)).unwrap_or((K::MAX, 0)));
        }
        for node in (0..first).rev() {
            tournament.note(node, tournament.play(node));
        }
        tournament
    }

    /// The lowest key, and how many have it.
    pub(crate) fn best(&self) -> Option<(K, u32)> {
        let count = self.counts.first().copied().unwrap_or(1);
        (self.keys[0] != K::MAX).then(|| (self.keys[0], count))
    }

    /// Where the n-th of those with the lowest key is, counted from 0, and how many of them are left to count there.
    /// Equals have to be counted for it.
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
        debug_assert!(self.before.is_empty(), "what is supposed is taken back first");
        self.climb(place, key, |_, _| {});
    }

    /// The same, until it is [taken back](Self::take_back).
    pub(crate) fn suppose(&mut self, place: usize, key: Option<(K, u32)>) {
        self.climb(place, key, |before, outcome| before.push(outcome));
    }

    /// Forgets everything that was supposed.
    pub(crate) fn take_back(&mut self) {
        let mut before = std::mem::take(&mut self.before);
        for Outcome { node, count, key } in before.drain(..).rev() {
            self.note(node as usize, (key, count));
        }
        // Room that was made once is kept.
        self.before = before;
    }

    /// Changes a place, and the nodes above it as far as they have another outcome than before.
    fn climb(
        &mut self,
        place: usize,
        key: Option<(K, u32)>,
        remember: impl Fn(&mut Vec<Outcome<K>>, Outcome<K>),
    ) {
        let mut node = self.first + place;
        let mut now = key.unwrap_or((K::MAX, 0));
        loop {
            let (key, count) = (self.keys[node], self.count(node));
            if key == now.0 && (self.counts.is_empty() || count == now.1) {
                return;
            }
            remember(&mut self.before, Outcome { node: node as u32, count, key });
            self.note(node, now);
            if node == 0 {
                return;
            }
            node = (node - 1) / CHILDREN;
            now = self.play(node);
        }
    }

    fn count(&self, node: usize) -> u32 {
        self.counts.get(node).copied().unwrap_or_default()
    }

    fn note(&mut self, node: usize, (key, count): (K, u32)) {
        self.keys[node] = key;
        if let Some(known) = self.counts.get_mut(node) {
            *known = count;
        }
    }

    /// The lowest key of a node's children, and how many have it.
    fn play(&self, node: usize) -> (K, u32) {
        let children = CHILDREN * node + 1..CHILDREN * node + 1 + CHILDREN;
        // Behind the last place there is nothing, nor above it.
        let Some(keys) = self.keys.get(children.clone()) else { return (K::MAX, 0) };
        let lowest = keys[1..].iter().fold(keys[0], |lowest, &key| lowest.min(key));
        let counts = self.counts.get(children).unwrap_or_default();
        let have_it = keys.iter().zip(counts).filter(|(key, _)| **key == lowest);
        (lowest, have_it.map(|(_, count)| count).sum())
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
            let mut tournament = Tournament::new(start.iter().copied(), true);
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

        #[test]
        fn what_was_supposed_is_taken_back(
            start in proptest::collection::vec(proptest::option::of(0..4_u128), 1..90),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), proptest::option::of((0..4_u128, 1..4_u32))), 0..40),
            counted: bool,
        ) {
            // Without counting, no two may be equal: the place makes the difference.
            let own = |place: usize, key: u128| if counted { key } else { key * 100 + place as u128 };
            let keys = start.iter().enumerate().map(|(place, key)| key.map(|key| own(place, key)));
            let mut supposed = Tournament::new(keys, counted);
            let mut set = supposed.clone();
            let before = supposed.clone();
            for (place, key) in changes {
                let place = place.index(start.len());
                let key = key.map(|(key, count)| (own(place, key), count));
                supposed.suppose(place, key);
                set.set(place, key);
                let lowest = set.keys[set.first..].iter().min().copied();
                prop_assert_eq!(set.best().map(|(key, _)| key), lowest.filter(|key| *key != u128::MAX));
                prop_assert_eq!((&supposed.keys, &supposed.counts), (&set.keys, &set.counts));
            }
            supposed.take_back();
            prop_assert_eq!((&supposed.keys, &supposed.counts), (&before.keys, &before.counts));
            prop_assert!(supposed.before.is_empty());
        }
    }
}
