//! The writer's own copy of a table, with what it takes to undo a transaction and to publish a snapshot.

use std::any::Any;
use std::sync::Arc;

use berth_store::{Key, Write};
use bytes::Bytes;

use super::table::Row;
use super::{Change, DecodeError, Record, Revision, Table, TableId, TableKey, bulk};

/// A published table: `Arc<Table<R>>` for the record type of its number.
pub(crate) type Published = Arc<dyn Any + Send + Sync>;

/// A table as the writer sees it.
pub(crate) struct Working<R: Record> {
    table: Table<R>,
    /// What each write of the running transaction replaced, in order.
    replaced: Vec<(R::Key, Option<Row<R>>)>,
    /// The table as last published; none once it has been written to.
    published: Option<Arc<Table<R>>>,
}

/// A record that cannot be loaded, and where it was found.
pub(crate) struct Unreadable {
    pub(crate) key: Key,
    pub(crate) source: DecodeError,
}

/// The same without the record's type.
pub(crate) trait WorkingTable: Any + Send {
    fn id(&self) -> TableId;
    /// Takes in everything that the store has of this table, in the order of its keys, in place of what was there.
    fn load(&mut self, records: &[(Key, Bytes)]) -> Result<(), Unreadable>;
    /// Puts or deletes what another server has written, for good: there is nothing to take back.
    fn apply(
        &mut self,
        key: &[u8],
        value: Option<&[u8]>,
        revision: Revision,
        changes: &mut Vec<Change>,
    ) -> Result<(), DecodeError>;
    /// Takes back every write since the last `finish` or `undo`.
    fn undo(&mut self);
    /// The running transaction's net effect so far, by key.
    fn changes(&self, changes: &mut Vec<Change>);
    /// Ends a transaction: its net effect as writes for the store and changes for subscribers, by key.
    fn finish(&mut self, writes: &mut Vec<Write>, changes: &mut Vec<Change>);
    fn publish(&mut self) -> Published;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<R: Record> Working<R> {
    pub(crate) fn table(&self) -> &Table<R> {
        &self.table
    }

    /// Whether the running transaction has written here.
    pub(crate) fn is_touched(&self) -> bool {
        !self.replaced.is_empty()
    }

    pub(crate) fn put(&mut self, record: R, revision: Revision) -> Option<Arc<R>> {
        let key = record.key();
        self.replace(key, Some(Row { record: Arc::new(record), revision }))
    }

    pub(crate) fn delete(&mut self, key: &R::Key) -> Option<Arc<R>> {
        if !self.table.contains(key) {
            return None;
        }
        self.replace(key.clone(), None)
    }

    fn replace(&mut self, key: R::Key, row: Option<Row<R>>) -> Option<Arc<R>> {
        self.published = None;
        let before = self.table.replace(&key, row);
        let record = before.as_ref().map(|row| row.record.clone());
        self.replaced.push((key, before));
        record
    }

    /// The running transaction's net effect on each key, in key order: the row before it.
    fn drain_replaced(&mut self) -> Vec<(R::Key, Option<Row<R>>)> {
        let mut replaced = std::mem::take(&mut self.replaced);
        if replaced.len() > 1 {
            // Stable, so that the first of a key's entries is what the transaction found.
            replaced.sort_by(|a, b| a.0.cmp(&b.0));
            replaced.dedup_by(|later, first| later.0 == first.0);
        }
        replaced
    }
}

type Rows<R> = Vec<(<R as Record>::Key, Arc<R>)>;

fn read<R: Record>(records: &[(Key, Bytes)]) -> Result<Rows<R>, Unreadable> {
    let mut rows = Vec::with_capacity(records.len());
    for (found, value) in records {
        let record = decode_at::<R>(&found.key, value)
            .map_err(|source| Unreadable { key: found.clone(), source })?;
        rows.push((record.key(), Arc::new(record)));
    }
    Ok(rows)
}

impl<R: Record> Default for Working<R> {
    fn default() -> Self {
        Working { table: Table::default(), replaced: Vec::new(), published: None }
    }
}

impl<R: Record> WorkingTable for Working<R> {
    fn id(&self) -> TableId {
        R::TABLE
    }

    fn load(&mut self, records: &[(Key, Bytes)]) -> Result<(), Unreadable> {
        let threads = bulk::threads(records.len());
        let parts = records.chunks(records.len().div_ceil(threads).max(1));
        let rows = std::thread::scope(|scope| {
            // The first part is this thread's own.
            let mut parts = parts.map(|part| move || read::<R>(part));
            let first = parts.next();
            let others: Vec<_> = parts.map(|read| scope.spawn(read)).collect();
            let mut rows = first.map_or(Ok(Vec::new()), |read| read())?;
            rows.reserve(records.len() - rows.len());
            for other in others {
                let read = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                rows.append(&mut read?);
            }
            Ok(rows)
        })?;
        self.table = Table::loaded(rows);
        self.published = None;
        Ok(())
    }

    fn apply(
        &mut self,
        key: &[u8],
        value: Option<&[u8]>,
        revision: Revision,
        changes: &mut Vec<Change>,
    ) -> Result<(), DecodeError> {
        let (key, row) = match value {
            Some(value) => {
                let record = Arc::new(decode_at::<R>(key, value)?);
                (record.key(), Some(Row { record, revision }))
            }
            // Deleting what is not there is nothing.
            None => match self.table.key_of(key) {
                Some(key) => (key.clone(), None),
                None => return Ok(()),
            },
        };
        self.published = None;
        let after = row.as_ref().map(|row| row.record.clone());
        let before = self.table.replace(&key, row).map(|row| row.record);
        changes.push(Change::new(before, after));
        Ok(())
    }

    fn undo(&mut self) {
        for (key, row) in std::mem::take(&mut self.replaced).into_iter().rev() {
            self.table.replace(&key, row);
        }
    }

    fn changes(&self, changes: &mut Vec<Change>) {
        let mut replaced: Vec<&(R::Key, Option<Row<R>>)> = self.replaced.iter().collect();
        // As in `drain_replaced`.
        replaced.sort_by(|a, b| a.0.cmp(&b.0));
        replaced.dedup_by(|later, first| later.0 == first.0);
        for (key, before) in replaced {
            let before = before.as_ref().map(|row| row.record.clone());
            let after = self.table.row(key).map(|row| row.record.clone());
            if before.is_some() || after.is_some() {
                changes.push(Change::new(before, after));
            }
        }
    }

    fn finish(&mut self, writes: &mut Vec<Write>, changes: &mut Vec<Change>) {
        for (key, before) in self.drain_replaced() {
            let before = before.map(|row| row.record);
            let after = self.table.row(&key).map(|row| row.record.clone());
            let at = || Key { table: R::TABLE.number, key: Bytes::from(key.to_bytes()) };
            match &after {
                Some(record) => {
                    let mut value = Vec::new();
                    record.encode(&mut value);
                    writes.push(Write::Put { key: at(), value: value.into() });
                }
                None if before.is_some() => writes.push(Write::Delete { key: at() }),
                // Came and went within the transaction.
                None => continue,
            }
            changes.push(Change::new(before, after));
        }
    }

    fn publish(&mut self) -> Published {
        self.published.get_or_insert_with(|| Arc::new(self.table.clone())).clone()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn decode_at<R: Record>(key: &[u8], value: &[u8]) -> Result<R, DecodeError> {
    let record = R::decode(value)?;
    let own = record.key();
    if own.to_bytes() != key {
        return Err(DecodeError::new(format!(
            "it says that its key is {own:?}, which is not where it was found"
        )));
    }
    Ok(record)
}
