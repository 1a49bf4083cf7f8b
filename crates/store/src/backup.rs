//! A whole store in one file: to put aside, and to fill another store with.
//!
//! ```text
//! "BERTHBK\n"  format: u32  revision: u64  records: u64
//! for each record, in order of their keys:
//!     table: u16  length: u32  key  length: u32  value
//! SHA-256 of all that, 32 bytes
//! ```
//!
//! Numbers are big-endian. A file is what one `load` returned, so it is of one revision. It is read as a whole
//! before anything is done with it; one that is cut off, changed or somebody else's is refused.

mod file;
mod refill;

pub use file::{encode, read, receive, write};
pub use refill::{refill, save};

use std::io;
use std::path::PathBuf;

use crate::{Revision, StoreError};

/// What a file holds, or a store was filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub revision: Revision,
    pub records: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    #[error("{} is no backup of Berth", path.display())]
    Foreign { path: PathBuf },

    #[error("{} is a backup of format {found} and this program reads format {supported}; use a program that is newer", path.display())]
    Format { path: PathBuf, found: u32, supported: u32 },

    #[error("{} is damaged: {detail}; use another backup", path.display())]
    Damaged { path: PathBuf, detail: String },

    /// Filling it would mix two cells.
    #[error(
        "the store is not empty: it has {records} records at revision {revision}; an empty one is needed"
    )]
    NotEmpty { revision: Revision, records: usize },

    #[error(
        "what the store holds is not what was written to it; do not use it, and restore into another one"
    )]
    Differs,

    #[error(transparent)]
    Store(#[from] StoreError),
}
