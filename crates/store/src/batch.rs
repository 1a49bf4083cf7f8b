//! What goes in and out of a store.

pub(crate) mod encoding;

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::iter::Peekable;
use std::sync::Arc;

use bytes::Bytes;

/// Where a value lives: in a table, under bytes that sort as the record's key does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub table: u16,
    pub key: Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    Put { key: Key, value: Bytes },
    Delete { key: Key },
}

impl Write {
    pub fn key(&self) -> &Key {
        match self {
            Write::Put { key, .. } | Write::Delete { key } => key,
        }
    }

    /// Bytes of key and value: what a commit costs, roughly.
    pub fn size(&self) -> usize {
        match self {
            Write::Put { key, value } => key.key.len() + value.len(),
            Write::Delete { key } => key.key.len(),
        }
    }
}

/// Writes that become durable together, applied in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub writes: Vec<Write>,
}

/// Counts committed batches. A fresh store is at 0, its first batch makes it 1, and none is skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// Which leader wrote: a newer one's is greater, and no two leaders share one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// The whole store at one revision, in key order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    pub revision: Revision,
    pub records: Vec<(Key, Bytes)>,
}

/// One batch, as followers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    pub revision: Revision,
    pub batch: Arc<Batch>,
}

/// What several batches leave of each key they wrote: its last value, or that it is deleted.
#[derive(Debug, Default)]
pub(crate) struct Newest(BTreeMap<Key, Option<Bytes>>);

impl Newest {
    pub(crate) fn add(&mut self, batch: Batch) {
        for write in batch.writes {
            match write {
                Write::Put { key, value } => self.0.insert(key, Some(value)),
                Write::Delete { key } => self.0.insert(key, None),
            };
        }
    }

    /// In key order.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = (Key, Option<Bytes>)> {
        self.0.into_iter()
    }

    pub(crate) fn over_older(self) -> Overlay {
        Overlay(self.0.into_iter().peekable())
    }
}

/// What is newer than records that are gone through in key order.
pub(crate) struct Overlay(Peekable<btree_map::IntoIter<Key, Option<Bytes>>>);

impl Overlay {
    /// Shows what goes before the record of this key or in its place. Whether the record is outdated.
    pub(crate) fn up_to(
        &mut self,
        table: u16,
        key: &[u8],
        mut show: impl FnMut(Key, Bytes),
    ) -> bool {
        let mut is_outdated = false;
        while let Some((newer, value)) =
            self.0.next_if(|(newer, _)| (newer.table, newer.key.as_ref()) <= (table, key))
        {
            is_outdated = newer.table == table && newer.key == key;
            if let Some(value) = value {
                show(newer, value);
            }
        }
        is_outdated
    }

    /// What goes after the last record.
    pub(crate) fn rest(self) -> impl Iterator<Item = (Key, Bytes)> {
        self.0.filter_map(|(key, value)| Some((key, value?)))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
