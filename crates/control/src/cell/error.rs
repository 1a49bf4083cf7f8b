//! Why a transaction was not committed, and why a cell ended or never began.

use std::sync::Arc;

use berth_store::StoreError;

use crate::tables::{DecodeError, TableId};

/// Why [`Cell::write`](super::Cell::write) did not commit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WriteError<E> {
    /// The transaction's own reason; nothing was written.
    #[error("{0}")]
    Aborted(E),
    /// The transaction panicked: our bug. Nothing was written and the cell goes on.
    #[error("a transaction panicked: {0}")]
    Panicked(String),
    /// The cell has ended. Whether this transaction became durable is open, as after a crash.
    #[error("{0}")]
    Cell(CellError),
}

/// Why a cell ended. It does nothing more; a new one has to be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CellError {
    #[error("the cell was closed")]
    Closed,
    #[error("another server leads now")]
    LeadershipLost,
    #[error("a commit failed: {0}")]
    Commit(Arc<StoreError>),
    /// A record's key, index or encoding panicked halfway: the tables in memory cannot be trusted any more.
    #[error("table {table:?} broke while a transaction was applied or undone: {reason}")]
    Broken { table: Option<TableId>, reason: String },
    #[error("the cell's writer stopped without a word; the log says more if it panicked")]
    Vanished,
}

impl PartialEq for CellError {
    /// By kind: store errors have no equality of their own.
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Why a cell could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the store has {records} records in table {number}, which this program does not know; \
         was it written by a newer version?"
    )]
    UnknownTable { number: u16, records: usize },
    #[error("the record at {key} of table {table:?} cannot be read: {source}")]
    Record { table: TableId, key: String, source: DecodeError },
}
