//! An ordered multi-index whose keys have many rows each: the tasks of a cluster, of a service, of an instance.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use imbl::{OrdMap, OrdSet};

use super::bulk;

/// The same as an [`Index`](super::Index), but a key is kept once for all its rows. Worth it from some ten rows a key on.
#[derive(Clone)]
pub struct Groups<K, P> {
    groups: OrdMap<K, OrdSet<P>>,
}

impl<K: Ord + Clone, P: Ord + Clone> Groups<K, P> {
    pub fn insert(&mut self, key: K, primary: P) {
        self.groups.entry(key).or_default().insert(primary);
    }

    pub fn remove(&mut self, key: &K, primary: &P) {
        let Some(group) = self.groups.get_mut(key) else { return };
        group.remove(primary);
        if group.is_empty() {
            self.groups.remove(key);
        }
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

    /// The primary keys under `key`, in their order.
    pub fn get<'a>(&'a self, key: &K) -> impl DoubleEndedIterator<Item = &'a P> + use<'a, K, P> {
        self.get_after(key, None)
    }

    /// The primary keys under `key` that come after `after`; from the first one without it.
    pub fn get_after<'a>(
        &'a self,
        key: &K,
        after: Option<&P>,
    ) -> impl DoubleEndedIterator<Item = &'a P> + use<'a, K, P> {
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.clone()));
        let group = self.groups.get(key);
        group.into_iter().flat_map(move |group| group.range((from.clone(), Bound::Unbounded)))
    }

    pub fn first(&self, key: &K) -> Option<&P> {
        self.groups.get(key)?.get_min()
    }

    pub fn contains(&self, key: &K) -> bool {
        self.groups.contains_key(key)
    }

    /// How many rows there are under `key`.
    pub fn count(&self, key: &K) -> usize {
        self.groups.get(key).map_or(0, OrdSet::len)
    }

    /// From the entries of all rows of a table, whose primary keys come in their order.
    pub fn of_all(entries: impl Iterator<Item = (K, P)>) -> Self {
        let mut groups: BTreeMap<K, Vec<P>> = BTreeMap::new();
        for (key, primary) in entries {
            groups.entry(key).or_default().push(primary);
        }
        let groups = groups.into_iter().map(|(key, group)| (key, bulk::set(group)));
        Groups { groups: bulk::map(groups.collect()) }
    }
}

impl<K, P> Default for Groups<K, P> {
    fn default() -> Self {
        Groups { groups: OrdMap::default() }
    }
}

impl<K: Ord + Clone, P: Ord + Clone> PartialEq for Groups<K, P> {
    fn eq(&self, other: &Self) -> bool {
        self.groups == other.groups
    }
}

impl<K: Ord + Clone + fmt::Debug, P: Ord + Clone + fmt::Debug> fmt::Debug for Groups<K, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.groups.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_move_between_keys() {
        let mut groups: Groups<&str, u32> = Groups::default();
        for number in 0..100 {
            groups.change(&number, None, Some(if number % 2 == 0 { "even" } else { "odd" }));
        }
        groups.change(&4, Some("even"), Some("four"));
        groups.change(&6, Some("even"), None);
        groups.change(&8, Some("even"), Some("even"));
        assert_eq!(groups.get(&"even").take(4).copied().collect::<Vec<_>>(), [0, 2, 8, 10]);
        assert_eq!(groups.get_after(&"odd", Some(&95)).copied().collect::<Vec<_>>(), [97, 99]);
        assert_eq!((groups.first(&"four"), groups.first(&"five")), (Some(&4), None));
        assert_eq!((groups.count(&"even"), groups.count(&"five")), (48, 0));
        groups.remove(&"four", &4);
        assert!(!groups.contains(&"four") && groups.contains(&"odd"));
    }

    #[test]
    fn all_at_once_is_one_after_the_other() {
        let entries = || (0..1_000_u32).map(|number| (number % 7, number));
        let mut groups = Groups::default();
        entries().for_each(|(key, primary)| groups.insert(key, primary));
        assert_eq!(Groups::of_all(entries()), groups);
    }
}
