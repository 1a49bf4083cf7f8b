//! What a service says about one table.

use std::fmt;

use super::{DecodeError, Table, TableKey};
use crate::cell::Sight;

/// One table's rows.
///
/// Most records implement minicbor's traits with numbered fields and take both codec methods from
/// [`record_codec!`](crate::record_codec): a newer reader then loads older records (a new field is an
/// `Option` or has `#[cbor(default)]`) and an older reader skips fields that it does not know.
pub trait Record: Clone + Send + Sync + Sized + 'static {
    const TABLE: TableId;
    type Key: TableKey;
    /// What the table keeps beside its rows; `()` for nothing.
    type Indexes: Indexes<Self>;

    /// The key of this row. It may depend on nothing but the row.
    fn key(&self) -> Self::Key;

    fn encode(&self, out: &mut Vec<u8>);

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;
}

/// Indexes and aggregates over the rows of one table.
///
/// `remove` undoes `insert` of an equal row exactly, whatever happened in between: an aborted
/// transaction is rolled back through these.
pub trait Indexes<R>: Clone + Default + Send + Sync + 'static {
    fn insert(&mut self, row: &R);
    fn remove(&mut self, row: &R);

    /// The same as removing the one and inserting the other. Worth writing for rows that change often and whose
    /// entries hardly ever do.
    fn update(&mut self, before: &R, after: &R) {
        self.remove(before);
        self.insert(after);
    }

    /// The same as inserting all of them, which come in the order of their keys. Worth writing for tables of millions:
    /// they are loaded at every start.
    fn of_all(rows: &[&R]) -> Self {
        let mut made = Self::default();
        rows.iter().for_each(|row| made.insert(row));
        made
    }
}

impl<R> Indexes<R> for () {
    fn insert(&mut self, _: &R) {}
    fn remove(&mut self, _: &R) {}
}

/// A table's number on disk, never reused, and its name for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId {
    pub number: u16,
    pub name: &'static str,
}

impl TableId {
    pub const fn new(number: u16, name: &'static str) -> Self {
        TableId { number, name }
    }
}

impl fmt::Debug for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.number)
    }
}

/// Counts the transactions of a cell since it was opened; a row carries that of the last one that wrote it.
///
/// It lives in memory only, for comparing what a plan was made from with what is there when the plan is
/// carried out. Rows loaded from the store have revision 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    pub const LOADED: Revision = Revision(0);

    pub(crate) const fn next(self) -> Revision {
        Revision(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something tables can be read from: a snapshot, or a transaction with its own writes.
///
/// For code that must give the same answer in both, such as resolving names.
pub trait View {
    /// # Panics
    /// If the cell's schema lacks the table: that is a mistake in wiring.
    fn table<R: Record>(&self) -> &Table<R>;

    fn get<R: Record>(&self, key: &R::Key) -> Option<&R> {
        self.table::<R>().get(key)
    }

    /// The same for a port, which cannot be generic.
    fn sight(&self) -> Sight<'_>;
}
