//! What a transaction can do: read everything, including its own writes, and write rows.

use std::sync::Arc;

use berth_store::Write;

use super::snapshot::Published;
use crate::tables::working::{Working, WorkingTable};
use crate::tables::{Change, Record, Revision, Schema, Table, TableId, View};

/// The writer's tables, as one transaction sees them.
pub struct Transaction {
    layout: Layout,
    tables: Vec<Box<dyn WorkingTable>>,
    /// The last transaction that was kept.
    revision: Revision,
    /// Slots that the running transaction has written to, in the order of the first write.
    touched: Vec<usize>,
    /// The table that is being written to or undone. Still set after a panic, its state is unknown.
    busy: Option<TableId>,
}

/// Which slot holds which table: slots are in the order of the tables' numbers.
#[derive(Clone)]
pub(super) struct Layout {
    numbers: Arc<[u16]>,
}

impl Layout {
    fn find(&self, number: u16) -> Option<usize> {
        self.numbers.binary_search(&number).ok()
    }

    pub(super) fn slot<R: Record>(&self) -> usize {
        self.find(R::TABLE.number).unwrap_or_else(|| {
            panic!("table {:?} is not registered in this cell's schema", R::TABLE)
        })
    }
}

impl Transaction {
    /// Empty tables.
    pub(super) fn new(schema: &Schema) -> Self {
        let tables = schema.make();
        let numbers = tables.iter().map(|table| table.id().number).collect();
        Transaction {
            layout: Layout { numbers },
            tables,
            revision: Revision::LOADED,
            touched: Vec::new(),
            busy: None,
        }
    }

    /// # Panics
    /// If the cell's schema lacks the table: that is a mistake in wiring.
    pub fn table<R: Record>(&self) -> &Table<R> {
        let table: &Working<R> = self.tables[self.layout.slot::<R>()]
            .as_any()
            .downcast_ref()
            .expect("a slot holds its number's table");
        table.table()
    }

    pub fn get<R: Record>(&self, key: &R::Key) -> Option<&R> {
        self.table::<R>().get(key)
    }

    /// The revision that the rows written here will have.
    pub fn revision(&self) -> Revision {
        self.revision.next()
    }

    /// Creates or replaces the row with this record's key; the row that was there.
    pub fn put<R: Record>(&mut self, record: R) -> Option<Arc<R>> {
        let revision = self.revision();
        self.touch(|table: &mut Working<R>| table.put(record, revision))
    }

    /// The row that was there. Deleting what is not there does nothing.
    pub fn delete<R: Record>(&mut self, key: &R::Key) -> Option<Arc<R>> {
        self.touch(|table: &mut Working<R>| table.delete(key))
    }

    /// Changes the row in place; whether there is one.
    ///
    /// # Panics
    /// If `change` changes the row's key.
    pub fn update<R: Record>(&mut self, key: &R::Key, change: impl FnOnce(&mut R)) -> bool {
        let Some(mut record) = self.get::<R>(key).cloned() else { return false };
        change(&mut record);
        assert!(record.key() == *key, "an update must leave the key {key:?} alone");
        self.put(record);
        true
    }

    fn touch<R: Record, T>(&mut self, write: impl FnOnce(&mut Working<R>) -> T) -> T {
        let slot = self.layout.slot::<R>();
        let table: &mut Working<R> =
            self.tables[slot].as_any_mut().downcast_mut().expect("a slot holds its number's table");
        let first = !table.is_touched();
        self.busy = Some(R::TABLE);
        let written = write(table);
        self.busy = None;
        if first && table.is_touched() {
            self.touched.push(slot);
        }
        written
    }
}

/// The writer's side.
impl Transaction {
    pub(super) fn table_numbered(&mut self, number: u16) -> Option<&mut dyn WorkingTable> {
        let slot = self.layout.find(number)?;
        Some(&mut *self.tables[slot])
    }

    /// The table that a panic has left in an unknown state.
    pub(super) fn broken(&self) -> Option<TableId> {
        self.busy
    }

    /// Ends the running transaction and keeps what it wrote; whether it wrote anything.
    pub(super) fn finish(&mut self, writes: &mut Vec<Write>, changes: &mut Vec<Change>) -> bool {
        let already = writes.len();
        for slot in std::mem::take(&mut self.touched) {
            let table = &mut self.tables[slot];
            self.busy = Some(table.id());
            table.finish(writes, changes);
            self.busy = None;
        }
        let wrote = writes.len() > already;
        if wrote {
            self.revision = self.revision.next();
        }
        wrote
    }

    /// Ends the running transaction and takes back what it wrote.
    pub(super) fn undo(&mut self) {
        for slot in std::mem::take(&mut self.touched) {
            let table = &mut self.tables[slot];
            self.busy = Some(table.id());
            table.undo();
            self.busy = None;
        }
    }

    /// Every kept transaction, frozen.
    pub(super) fn publish(&mut self) -> Published {
        Published {
            revision: self.revision,
            layout: self.layout.clone(),
            tables: self.tables.iter_mut().map(|table| table.publish()).collect(),
        }
    }
}

impl View for Transaction {
    fn table<R: Record>(&self) -> &Table<R> {
        Transaction::table(self)
    }
}
