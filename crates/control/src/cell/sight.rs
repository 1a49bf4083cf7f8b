//! Either of the two that tables are read in, for traits that cannot be generic over them.

use super::{Snapshot, Transaction};
use crate::tables::{Record, Table, View};

/// A snapshot, or a transaction as far as it has got.
#[derive(Clone, Copy)]
pub enum Sight<'a> {
    Snapshot(&'a Snapshot),
    Transaction(&'a Transaction),
}

impl View for Sight<'_> {
    fn table<R: Record>(&self) -> &Table<R> {
        match self {
            Sight::Snapshot(snapshot) => snapshot.table(),
            Sight::Transaction(transaction) => transaction.table(),
        }
    }

    fn sight(&self) -> Sight<'_> {
        *self
    }
}
