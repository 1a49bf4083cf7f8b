//! Why a store did not do what it was asked.

use std::io;
use std::path::PathBuf;

use crate::{Fence, Revision};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was written: this leader has resigned or been replaced.
    #[error("who led under fence {given} leads no more; the newest fence is {current}")]
    Fenced { given: Fence, current: Fence },

    /// The follower is too far behind and has to load again.
    #[error(
        "batches after revision {from} are gone; the oldest that can be followed from is {oldest}"
    )]
    Compacted { from: Revision, oldest: Revision },

    #[error("{} is in use by another process; one server at a time may own a data directory", path.display())]
    InUse { path: PathBuf },

    #[error("{} is damaged ({detail}); restore it from a backup, or move it away to start empty", path.display())]
    Corrupt { path: PathBuf, detail: String },

    #[error(
        "{} has format {found} and this program reads format {supported}; use a program that is newer or convert the file",
        path.display()
    )]
    Format { path: PathBuf, found: u32, supported: u32 },

    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    /// The store failed or was closed before, and does nothing more.
    #[error("the store has stopped: {0}")]
    Stopped(String),
}
