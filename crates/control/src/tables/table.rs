//! One table: rows by key, each with the revision of its last write, and the indexes beside them.

use std::cmp::Ordering;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use equivalent::{Comparable, Equivalent};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::{Indexes, Record, Revision, TableKey, bulk};

/// Rows in key order. Cloning shares everything.
pub struct Table<R: Record> {
    rows: OrdMap<R::Key, Row<R>>,
    indexes: R::Indexes,
}

pub(crate) struct Row<R> {
    pub(crate) record: Arc<R>,
    pub(crate) revision: Revision,
}

impl<R: Record> Table<R> {
    pub fn get(&self, key: &R::Key) -> Option<&R> {
        self.rows.get(key).map(|row| &*row.record)
    }

    /// The row, to be kept without copying it.
    pub fn get_shared(&self, key: &R::Key) -> Option<Arc<R>> {
        self.rows.get(key).map(|row| row.record.clone())
    }

    pub fn contains(&self, key: &R::Key) -> bool {
        self.rows.contains_key(key)
    }

    /// When this row was last written: what a plan remembers so that a stale step can be refused.
    pub fn revision(&self, key: &R::Key) -> Option<Revision> {
        self.rows.get(key).map(|row| row.revision)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &R> {
        self.rows.values().map(|row| &*row.record)
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &R::Key> {
        self.rows.keys()
    }

    /// Rows whose keys lie in `range`, by key.
    pub fn range(&self, range: impl RangeBounds<R::Key>) -> impl DoubleEndedIterator<Item = &R> {
        self.rows.range(range).map(|(_, row)| &*row.record)
    }

    /// The keys whose rows are not the very ones that they were there: written, deleted or new. Costs what has changed,
    /// not what there is; what an undone transaction wrote has not changed.
    pub fn changed_since<'a>(
        &'a self,
        earlier: &'a Table<R>,
    ) -> impl Iterator<Item = &'a R::Key> + use<'a, R> {
        earlier.rows.diff(&self.rows).map(|item| match item {
            DiffItem::Add(key, _) | DiffItem::Remove(key, _) => key,
            DiffItem::Update { new: (key, _), .. } => key,
        })
    }

    pub fn indexes(&self) -> &R::Indexes {
        &self.indexes
    }

    /// Puts or removes a row and brings the indexes along; the row that was there.
    pub(crate) fn replace(&mut self, key: &R::Key, row: Option<Row<R>>) -> Option<Row<R>> {
        let record = row.as_ref().map(|row| row.record.clone());
        let before = match row {
            Some(row) => self.rows.insert(key.clone(), row),
            None => self.rows.remove(key),
        };
        match (&before, &record) {
            (Some(before), Some(after)) => self.indexes.update(&before.record, after),
            (Some(before), None) => self.indexes.remove(&before.record),
            (None, Some(after)) => self.indexes.insert(after),
            (None, None) => {}
        }
        before
    }

    /// A table of these rows, in the order of their keys.
    pub(crate) fn loaded(rows: Vec<(R::Key, Arc<R>)>) -> Self {
        let records: Vec<&R> = rows.iter().map(|(_, record)| &**record).collect();
        let row = |record: &Arc<R>| Row { record: record.clone(), revision: Revision::LOADED };
        let map =
            || bulk::map(rows.iter().map(|(key, record)| (key.clone(), row(record))).collect());
        if bulk::threads(rows.len()) == 1 {
            return Table { rows: map(), indexes: R::Indexes::of_all(&records) };
        }
        std::thread::scope(|scope| {
            let map = scope.spawn(map);
            let indexes = R::Indexes::of_all(&records);
            let rows = map.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Table { rows, indexes }
        })
    }

    pub(crate) fn row(&self, key: &R::Key) -> Option<&Row<R>> {
        self.rows.get(key)
    }

    /// The key that these bytes are of, if there is a row.
    pub(crate) fn key_of(&self, bytes: &[u8]) -> Option<&R::Key> {
        self.rows.get_key_value(&Encoded(bytes)).map(|(key, _)| key)
    }
}

/// A key by its bytes, which compare as keys do.
struct Encoded<'a>(&'a [u8]);

impl<K: TableKey> Equivalent<K> for Encoded<'_> {
    fn equivalent(&self, key: &K) -> bool {
        self.0 == key.to_bytes()
    }
}

impl<K: TableKey> Comparable<K> for Encoded<'_> {
    fn compare(&self, key: &K) -> Ordering {
        self.0.cmp(key.to_bytes().as_slice())
    }
}

/// For tables whose keys are pairs: rows that share the first part.
impl<A: Ord, B, R> Table<R>
where
    R: Record<Key = (A, B)>,
    (A, B): super::TableKey,
{
    pub fn within<'a>(
        &'a self,
        first: &A,
    ) -> impl DoubleEndedIterator<Item = &'a R> + use<'a, A, B, R> {
        let bounds =
            (Bound::Excluded(Within::Before(first)), Bound::Excluded(Within::After(first)));
        self.rows.range(bounds).map(|(_, row)| &*row.record)
    }
}

/// The place just before, or just after, every key whose first part is this.
enum Within<'a, A> {
    Before(&'a A),
    After(&'a A),
}

impl<A: Ord, B> Equivalent<(A, B)> for Within<'_, A> {
    fn equivalent(&self, _: &(A, B)) -> bool {
        false
    }
}

impl<A: Ord, B> Comparable<(A, B)> for Within<'_, A> {
    fn compare(&self, key: &(A, B)) -> Ordering {
        match self {
            Within::Before(first) => (*first).cmp(&key.0).then(Ordering::Less),
            Within::After(first) => (*first).cmp(&key.0).then(Ordering::Greater),
        }
    }
}

impl<R: Record> Default for Table<R> {
    fn default() -> Self {
        Table { rows: OrdMap::new(), indexes: R::Indexes::default() }
    }
}

impl<R: Record> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table { rows: self.rows.clone(), indexes: self.indexes.clone() }
    }
}

/// Whether both are one row, written once.
impl<R> PartialEq for Row<R> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record)
    }
}

impl<R> Clone for Row<R> {
    fn clone(&self) -> Self {
        Row { record: self.record.clone(), revision: self.revision }
    }
}
