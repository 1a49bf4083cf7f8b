//! An aggregate: how many rows have each value of some property.

use std::fmt;

use imbl::OrdMap;

/// Counts by key; a count of zero takes no room.
#[derive(Clone)]
pub struct Count<K> {
    counts: OrdMap<K, u64>,
}

impl<K: Ord + Clone> Count<K> {
    pub fn add(&mut self, key: K) {
        *self.counts.entry(key).or_insert(0) += 1;
    }

    /// Takes back one `add` of this key.
    pub fn subtract(&mut self, key: &K) {
        match self.counts.get_mut(key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.counts.remove(key)),
        }
    }

    /// Takes one back and adds another.
    pub fn change(&mut self, from: Option<K>, to: Option<K>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.subtract(&from);
        }
        if let Some(to) = to {
            self.add(to);
        }
    }

    pub fn get(&self, key: &K) -> u64 {
        self.counts.get(key).copied().unwrap_or(0)
    }

    /// Keys that occur, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, u64)> {
        self.counts.iter().map(|(key, count)| (key, *count))
    }
}

impl<K> Default for Count<K> {
    fn default() -> Self {
        Count { counts: OrdMap::default() }
    }
}

impl<K: Ord + Clone> PartialEq for Count<K> {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

impl<K: Ord + Clone + fmt::Debug> fmt::Debug for Count<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.counts.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_can_be_taken_back() {
        let mut count = Count::default();
        count.add("a");
        count.add("a");
        count.add("b");
        count.subtract(&"b");
        count.subtract(&"a");
        assert_eq!(count.iter().collect::<Vec<_>>(), [(&"a", 1)]);
        assert_eq!(count.get(&"b"), 0);
    }
}
