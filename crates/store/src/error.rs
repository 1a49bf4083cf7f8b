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

    #[error(
        "{place} is damaged ({detail}); restore it from a backup, or move it away to start empty"
    )]
    Corrupt { place: String, detail: String },

    #[error(
        "{place} has format {found} and this program reads format {supported}; use a program that is newer or convert it"
    )]
    Format { place: String, found: u32, supported: u32 },

    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    /// Nobody who keeps the store answers. Whether what was asked for was done is open.
    #[error("{store} does not answer: {detail}")]
    Unreachable { store: String, detail: String },

    /// Whether what was asked for was done is open.
    #[error(
        "{store} has no quorum, so it can neither be read nor written: {detail}; more than half of its members must run and reach each other"
    )]
    NoQuorum { store: String, detail: String },

    #[error(
        "{store} has used up its space quota and takes no writes; compact and defragment it or raise --quota-backend-bytes, then `etcdctl alarm disarm`"
    )]
    Full { store: String },

    #[error("{store} does not let us in: {detail}; look at its user, role and certificate")]
    Denied { store: String, detail: String },

    #[error("{store} has a key {key} that is not Berth's; give Berth a prefix of its own")]
    Foreign { store: String, key: String },

    #[error("{store} runs version {found}; at least {needed} is needed")]
    TooOld { store: String, found: String, needed: &'static str },

    #[error(
        "a record of table {table} (key {key}) has {bytes} bytes, and at most {limit} can be stored"
    )]
    TooLarge { table: u16, key: String, bytes: usize, limit: usize },

    /// The leader could not find out before its lease ran out; whoever leads next will see what is there.
    #[error("whether revision {revision} was committed is not known: {detail}")]
    Unresolved { revision: Revision, detail: String },

    /// The store failed or was closed before, and does nothing more.
    #[error("the store has stopped: {0}")]
    Stopped(String),
}
