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
    /// The cell follows: nothing was written, here. Or it has ended: whether this transaction became durable is open then,
    /// as after a crash.
    #[error("{0}")]
    Cell(CellError),
}

/// Why a cell writes nothing. But for [`CellError::Following`] it has ended, does nothing more, and a new one has to be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CellError {
    #[error("the cell was closed")]
    Closed,
    /// Nothing was written: that is the leader's to do.
    #[error("this server follows: another one writes")]
    Following,
    /// What a leader has committed cannot be applied here: it has to be loaded again, or by a newer program.
    #[error("this server cannot follow any more: {0}")]
    Unfollowable(Arc<OpenError>),
    /// A read could not be compared with what others have written.
    #[error("the store does not tell what is newest: {0}")]
    Unsure(Arc<StoreError>),
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
