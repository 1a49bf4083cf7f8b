//! All tables as they were after one durable batch.

use std::sync::Arc;

use super::Sight;
use super::transaction::Layout;
use crate::tables::working::Published as PublishedTable;
use crate::tables::{Record, Revision, Table, TableId, View};

/// A frozen view of every table. Cheap to clone and to keep: it shares what later writes leave alone.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Published>,
}

pub(super) struct Published {
    pub(super) revision: Revision,
    pub(super) layout: Layout,
    pub(super) tables: Box<[PublishedTable]>,
}

impl Snapshot {
    pub(super) fn new(inner: Arc<Published>) -> Self {
        Snapshot { inner }
    }

    /// The last transaction that this snapshot includes.
    pub fn revision(&self) -> Revision {
        self.inner.revision
    }

    /// # Panics
    /// If the cell's schema lacks the table: that is a mistake in wiring.
    pub fn table<R: Record>(&self) -> &Table<R> {
        let slot = self.inner.layout.slot::<R>();
        self.inner.tables[slot]
            .downcast_ref()
            .expect("a slot holds the table of its number's record type")
    }

    /// The table itself: the same one as long as nobody writes to it.
    pub(super) fn published(&self, table: TableId) -> &PublishedTable {
        &self.inner.tables[self.inner.layout.slot_of(table)]
    }

    pub fn get<R: Record>(&self, key: &R::Key) -> Option<&R> {
        self.table::<R>().get(key)
    }
}

impl View for Snapshot {
    fn table<R: Record>(&self) -> &Table<R> {
        Snapshot::table(self)
    }

    fn sight(&self) -> Sight<'_> {
        Sight::Snapshot(self)
    }
}
