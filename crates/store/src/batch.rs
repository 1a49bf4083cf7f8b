//! What goes in and out of a store.

use std::fmt;
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
