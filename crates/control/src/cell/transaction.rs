//! What a transaction can do: read everything, including its own writes, and write rows.

use std::sync::Arc;

use berth_store::{Batch, Key, Loaded, Write};

use super::OpenError;
use super::Sight;
use super::derivation::Derive;
use super::snapshot::Published;
use crate::tables::working::{Unreadable, Working, WorkingTable};
use crate::tables::{Change, DecodeError, Record, Revision, Schema, Table, TableId, View};

/// The writer's tables, as one transaction sees them.
pub struct Transaction {
    layout: Layout,
    tables: Vec<Box<dyn WorkingTable>>,
    derivations: Arc<[Derive]>,
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
        self.slot_of(R::TABLE)
    }

    pub(super) fn slot_of(&self, table: TableId) -> usize {
        self.find(table.number)
            .unwrap_or_else(|| panic!("table {table:?} is not registered in this cell's schema"))
    }
}

impl Transaction {
    /// Empty tables.
    ///
    /// # Panics
    /// If a derivation reads a table that the schema lacks.
    pub(super) fn new(schema: &Schema) -> Self {
        let tables = schema.make();
        let numbers = tables.iter().map(|table| table.id().number).collect();
        let layout = Layout { numbers };
        let derivations = schema.derivations().iter().map(|derivation| Derive {
            derivation: derivation.clone(),
            slots: derivation.reads().into_iter().map(|read| layout.slot_of(read)).collect(),
        });
        Transaction {
            derivations: derivations.collect(),
            layout,
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
    /// Takes in all that a store holds. The tables were empty.
    pub(super) fn fill(&mut self, loaded: &Loaded) -> Result<(), OpenError> {
        for records in loaded.records.chunk_by(|(one, _), (next, _)| one.table == next.table) {
            let table = self.table_numbered(records[0].0.table, || records.len())?;
            let id = table.id();
            let filled = table.load(records);
            filled.map_err(|Unreadable { key, source }| unreadable(id, &key, source))?;
        }
        Ok(())
    }

    /// Applies what another server has committed, as one transaction. Derivations have run where it was written.
    pub(super) fn apply(
        &mut self,
        batch: &Batch,
        changes: &mut Vec<Change>,
    ) -> Result<(), OpenError> {
        let revision = self.revision();
        for write in &batch.writes {
            let key = write.key();
            let records =
                || batch.writes.iter().filter(|other| other.key().table == key.table).count();
            let table = self.table_numbered(key.table, records)?;
            let id = table.id();
            let value = match write {
                Write::Put { value, .. } => Some(&value[..]),
                Write::Delete { .. } => None,
            };
            let applied = table.apply(&key.key, value, revision, changes);
            applied.map_err(|source| unreadable(id, key, source))?;
        }
        self.revision = revision;
        Ok(())
    }

    /// `records` says how many there are of a table that is not known.
    fn table_numbered(
        &mut self,
        number: u16,
        records: impl Fn() -> usize,
    ) -> Result<&mut dyn WorkingTable, OpenError> {
        match self.layout.find(number) {
            Some(slot) => Ok(&mut *self.tables[slot]),
            None => Err(OpenError::UnknownTable { number, records: records() }),
        }
    }

    /// The table that a panic has left in an unknown state.
    pub(super) fn broken(&self) -> Option<TableId> {
        self.busy
    }

    /// Writes what follows from what the running transaction has written.
    pub(super) fn derive(&mut self) {
        if self.touched.is_empty() {
            return;
        }
        let derivations = Arc::clone(&self.derivations);
        // Collected first, so that no derivation is told of what another wrote.
        let told: Vec<_> =
            derivations.iter().map(|derive| self.changes_of(&derive.slots)).collect();
        for (derive, changes) in derivations.iter().zip(told) {
            if !changes.is_empty() {
                derive.derivation.derive(self, &changes);
            }
        }
    }

    fn changes_of(&self, slots: &[usize]) -> Vec<Change> {
        let mut changes = Vec::new();
        for slot in slots.iter().filter(|slot| self.touched.contains(slot)) {
            self.tables[*slot].changes(&mut changes);
        }
        changes
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

    fn sight(&self) -> Sight<'_> {
        Sight::Transaction(self)
    }
}

fn unreadable(table: TableId, key: &Key, source: DecodeError) -> OpenError {
    OpenError::Record { table, key: format!("{:?}", key.key), source }
}
