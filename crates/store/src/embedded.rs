//! A store in the data directory: the default, nothing to install.
//!
//! A batch is appended to a log and flushed, which is when it is durable: one write and one flush, wherever its records
//! belong. Behind the writer's back the log's files are folded into the state file, which redb keeps: sorted by key,
//! many batches at once. Loading reads both. Grouping transactions into batches is the caller's part. The state file
//! is locked for as long as the store lives, so a second server on the same directory is told so instead of corrupting it.
//!
//! Start with `worker.rs`, the thread that writes; then `log.rs` and `segment.rs` for the log and what a crash may leave
//! of it, `folder.rs` for the thread that owns the state file, `file.rs` for what is in that.

mod copied;
mod file;
mod folder;
mod log;
mod pace;
mod segment;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::sync::{oneshot, watch};

use self::worker::{Ask, Opened};
use crate::history::History;
use crate::{Batch, Committed, Fence, Leader, Leadership, Loaded, Revision, Store, StoreError};

/// How the embedded store uses memory and time.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// Bytes of pages to keep. Reads are served from the caller's memory, so this only helps writes.
    pub cache_bytes: usize,
    /// How long a file of the log gets before it is folded. What it says goes to the disk at once then, and a commit
    /// that comes meanwhile waits behind it.
    pub segment_bytes: u64,
    /// How many batches a follower may be behind.
    pub history_batches: usize,
    /// How many bytes of batches are kept for followers.
    pub history_bytes: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        EmbeddedOptions {
            cache_bytes: 32 << 20,
            segment_bytes: 8 << 20,
            history_batches: 1024,
            history_bytes: 8 << 20,
        }
    }
}

/// The store of one data directory. Closing takes place when it is dropped, which waits for the disk.
#[derive(Debug)]
pub struct EmbeddedStore {
    path: PathBuf,
    history: History,
    leader: watch::Receiver<Option<Leader>>,
    /// None only while being dropped.
    asks: Option<mpsc::Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedStore {
    /// The state file in a data directory.
    pub const FILE: &str = "state.redb";
    /// The directory of the log in a data directory.
    pub const LOG: &str = "state-log";

    /// Opens the store of this data directory; creates both if they are not there.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        EmbeddedStore::open_with(dir, EmbeddedOptions::default()).await
    }

    pub async fn open_with(
        dir: impl AsRef<Path>,
        options: EmbeddedOptions,
    ) -> Result<Self, StoreError> {
        let dir = dir.as_ref().to_owned();
        let path = dir.join(EmbeddedStore::FILE);
        let (asks, asked) = mpsc::channel();
        let (opened, answer) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || worker::run(&dir, &options, opened, &asked))
            .map_err(|source| StoreError::Io { path: path.clone(), source })?;
        let Opened { history, leader } = answer.await.unwrap_or_else(|_| Err(stopped(&path)))?;
        Ok(EmbeddedStore { path, history, leader, asks: Some(asks), thread: Some(thread) })
    }

    /// Asks the thread and waits for its answer.
    async fn ask<T>(
        &self,
        ask: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Ask,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let asked = self.asks.as_ref().is_some_and(|asks| asks.send(ask(reply)).is_ok());
        if !asked {
            return Err(stopped(&self.path));
        }
        answer.await.unwrap_or_else(|_| Err(stopped(&self.path)))
    }
}

fn stopped(path: &Path) -> StoreError {
    StoreError::Stopped(format!("the thread of {} has ended; the log says why", path.display()))
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.ask(Ask::Load).await
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        self.ask(Ask::Head).await
    }

    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.ask(|reply| Ask::Commit(fence, batch, reply)).await
    }

    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        self.history.watch(from)
    }

    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError> {
        let candidate = candidate.to_owned();
        self.ask(|reply| Ask::Campaign(candidate, reply)).await
    }

    async fn resign(&self, fence: Fence) -> Result<(), StoreError> {
        self.ask(|reply| Ask::Resign(fence, reply)).await
    }

    fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.leader.clone()
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        drop(self.asks.take());
        if let Some(thread) = self.thread.take() {
            // The file is unlocked when this returns, so that it can be opened again at once.
            // A panic there has been logged and answered already.
            let _ = thread.join();
        }
    }
}
