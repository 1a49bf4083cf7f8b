//! An ordered multi-index: from any property of a row to the keys of the rows that have it.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, RangeBounds};

use equivalent::{Comparable, Equivalent};
use imbl::OrdSet;

use super::bulk;

/// Pairs of an index key and a primary key, in order, sharing structure between snapshots.
#[derive(Clone)]
pub struct Index<K, P> {
    entries: OrdSet<(K, P)>,
}

/// The place just before, or just after, every entry with this index key.
enum Edge<'a, K, P> {
    Before(&'a K),
    /// Just after this very entry.
    Within(&'a K, &'a P),
    After(&'a K),
}

impl<K: Ord, P: Ord> Equivalent<(K, P)> for Edge<'_, K, P> {
    fn equivalent(&self, _: &(K, P)) -> bool {
        false
    }
}

impl<K: Ord, P: Ord> Comparable<(K, P)> for Edge<'_, K, P> {
    fn compare(&self, entry: &(K, P)) -> Ordering {
        match self {
            Edge::Before(key) => (*key).cmp(&entry.0).then(Ordering::Less),
            Edge::Within(key, primary) => {
                (*key).cmp(&entry.0).then_with(|| (*primary).cmp(&entry.1)).then(Ordering::Greater)
            }
            Edge::After(key) => (*key).cmp(&entry.0).then(Ordering::Greater),
        }
    }
}

impl<K: Ord + Clone, P: Ord + Clone> Index<K, P> {
    pub fn insert(&mut self, key: K, primary: P) {
        self.entries.insert((key, primary));
    }

    pub fn remove(&mut self, key: &K, primary: &P) {
        self.entries.remove(&(key.clone(), primary.clone()));
    }

    /// Moves a row from one key to another; from nowhere if it is new, to nowhere if it is gone.
    pub fn change(&mut self, primary: &P, from: Option<K>, to: Option<K>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.remove(&from, primary);
        }
        if let Some(to) = to {
            self.insert(to, primary.clone());
        }
    }

    /// From the entries of all rows of a table, in any order.
    pub fn of_all(entries: impl Iterator<Item = (K, P)>) -> Self {
        let mut entries: Vec<(K, P)> = entries.collect();
        entries.sort_unstable();
        Index { entries: bulk::set(entries) }
    }

    /// The primary keys under `key`, in their order.
    pub fn get<'a>(&'a self, key: &K) -> impl DoubleEndedIterator<Item = &'a P> + use<'a, K, P> {
        self.entries
            .range((Bound::Excluded(Edge::Before(key)), Bound::Excluded(Edge::After(key))))
            .map(|(_, p)| p)
    }

    /// The primary keys under `key` that come after `after`; from the first one without it.
    pub fn get_after<'a>(
        &'a self,
        key: &K,
        after: Option<&P>,
    ) -> impl DoubleEndedIterator<Item = &'a P> + use<'a, K, P> {
        let start = match after {
            Some(after) => Edge::Within(key, after),
            None => Edge::Before(key),
        };
        self.entries
            .range((Bound::Excluded(start), Bound::Excluded(Edge::After(key))))
            .map(|(_, p)| p)
    }

    /// The first primary key under `key`: the only one, where the index key is unique.
    pub fn first(&self, key: &K) -> Option<&P> {
        self.get(key).next()
    }

    pub fn contains(&self, key: &K) -> bool {
        self.first(key).is_some()
    }

    /// Entries whose index key lies in `range`, by index key and then by primary key.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &P)> {
        let start = match range.start_bound() {
            Bound::Included(key) => Bound::Excluded(Edge::Before(key)),
            Bound::Excluded(key) => Bound::Excluded(Edge::After(key)),
            Bound::Unbounded => Bound::Unbounded,
        };
        let end = match range.end_bound() {
            Bound::Included(key) => Bound::Excluded(Edge::After(key)),
            Bound::Excluded(key) => Bound::Excluded(Edge::Before(key)),
            Bound::Unbounded => Bound::Unbounded,
        };
        self.entries.range((start, end)).map(|(key, primary)| (key, primary))
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &P)> {
        self.entries.iter().map(|(key, primary)| (key, primary))
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K, P> Default for Index<K, P> {
    fn default() -> Self {
        Index { entries: OrdSet::default() }
    }
}

impl<K: Ord + Clone, P: Ord + Clone> PartialEq for Index<K, P> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<K: Ord + Clone + fmt::Debug, P: Ord + Clone + fmt::Debug> fmt::Debug for Index<K, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index<&'static str, u32> {
        let mut index = Index::default();
        for (key, primary) in [("b", 2), ("a", 9), ("b", 1), ("c", 3), ("b", 3)] {
            index.insert(key, primary);
        }
        index
    }

    #[test]
    fn a_key_finds_its_rows_in_order() {
        let index = index();
        assert_eq!(index.get(&"b").copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(index.get(&"b").rev().copied().collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(index.first(&"c"), Some(&3));
        assert_eq!(index.get_after(&"b", Some(&1)).copied().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(index.get_after(&"b", Some(&3)).count(), 0);
        assert_eq!(index.get_after(&"b", None).count(), 3);
        assert_eq!(index.get(&"bb").count(), 0);
        assert!(index.contains(&"a") && !index.contains(&"0") && !index.contains(&"d"));
    }

    #[test]
    fn ranges_respect_their_bounds() {
        let index = index();
        let keys = |range: (Bound<&'static str>, Bound<&'static str>)| {
            index.range(range).map(|(k, p)| (*k, *p)).collect::<Vec<_>>()
        };
        use Bound::{Excluded, Included, Unbounded};
        assert_eq!(keys((Unbounded, Excluded("b"))), [("a", 9)]);
        assert_eq!(keys((Included("b"), Included("b"))), [("b", 1), ("b", 2), ("b", 3)]);
        assert_eq!(keys((Excluded("a"), Excluded("c"))), [("b", 1), ("b", 2), ("b", 3)]);
        assert_eq!(keys((Excluded("b"), Unbounded)), [("c", 3)]);
        assert_eq!(index.range(..).count(), index.len());
    }

    #[test]
    fn removing_leaves_the_others() {
        let mut index = index();
        index.remove(&"b", &2);
        index.remove(&"b", &77);
        assert_eq!(index.get(&"b").copied().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(index.len(), 4);
    }

    #[test]
    fn many_entries_are_found_across_nodes() {
        let mut index = Index::default();
        for n in 0..10_000_u32 {
            index.insert(n % 100, n);
        }
        for key in 0..100 {
            let found: Vec<u32> = index.get(&key).copied().collect();
            assert_eq!(found.len(), 100);
            assert!(found.iter().all(|n| n % 100 == key));
        }
    }
}
