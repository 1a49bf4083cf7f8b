//! Persistent maps and sets from everything that is to be in them, sorted: how tables are loaded.

use imbl::{OrdMap, OrdSet};

/// One by one in order, nodes would be left half full: a node that overflows is split in the middle, and nothing
/// more comes to the lower half. So every third waits until the others have found their places, and fills these up
/// to three quarters. That is what nodes are filled to that grow in any order, and a third less memory.
const WAITS: usize = 3;

/// A map of these pairs, in the order of their keys.
pub(crate) fn map<K: Ord + Clone, V: Clone>(sorted: Vec<(K, V)>) -> OrdMap<K, V> {
    let mut made = OrdMap::new();
    let waiting = insert_most(sorted, |(key, value)| drop(made.insert(key, value)));
    for (key, value) in waiting {
        made.insert(key, value);
    }
    made
}

/// A set of these, in their order.
pub(crate) fn set<T: Ord + Clone>(sorted: Vec<T>) -> OrdSet<T> {
    let mut made = OrdSet::new();
    let waiting = insert_most(sorted, |item| drop(made.insert(item)));
    for item in waiting {
        made.insert(item);
    }
    made
}

fn insert_most<T>(sorted: Vec<T>, mut insert: impl FnMut(T)) -> Vec<T> {
    let mut waiting = Vec::with_capacity(sorted.len() / WAITS + 1);
    for (at, item) in sorted.into_iter().enumerate() {
        if at % WAITS == WAITS - 1 {
            waiting.push(item);
        } else {
            insert(item);
        }
    }
    waiting
}

/// How many threads are worth starting for so many rows.
pub(crate) fn threads(rows: usize) -> usize {
    const WORTH_A_THREAD: usize = 4096;
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    (rows / WORTH_A_THREAD).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_is_moved() {
        for count in [0, 1, 2, 3, 16, 17, 100, 10_000] {
            let numbers: Vec<u32> = (0..count).collect();
            assert!(set(numbers.clone()).iter().eq(&numbers), "{count}");
            let pairs = numbers.iter().map(|number| (*number, number + 1)).collect();
            assert!(map(pairs).iter().all(|(key, value)| key + 1 == *value), "{count}");
        }
    }
}
