//! The thread that owns the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use tokio::sync::{oneshot, watch};

use super::EmbeddedOptions;
use super::file::StateFile;
use crate::history::{History, Recorder, Room};
use crate::{Batch, Fence, Leader, Leadership, Lease, Loaded, Revision, StoreError};

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the thread is asked to do.
pub(super) enum Ask {
    Load(Reply<Loaded>),
    Head(Reply<Revision>),
    Commit(Fence, Batch, Reply<Revision>),
    Campaign(String, Reply<Leadership>),
    Resign(Fence, Reply<()>),
}

/// What is known without asking.
pub(super) struct Opened {
    pub(super) history: History,
    pub(super) leader: watch::Receiver<Option<Leader>>,
}

struct Worker {
    file: StateFile,
    recorder: Recorder,
    leader: watch::Sender<Option<Leader>>,
    /// Tells whoever leads that they do no more.
    lost: Option<watch::Sender<bool>>,
    /// Why nothing more is done: after a failed write, what the file holds is known only by opening it again.
    failed: Option<String>,
    /// Whether there were commits since the last checkpoint.
    dirty: bool,
}

/// Opens the file, says how that went, and serves until nobody can ask any more.
pub(super) fn run(
    path: &Path,
    options: &EmbeddedOptions,
    room: Room,
    opened: oneshot::Sender<Result<Opened, StoreError>>,
    asks: &Receiver<Ask>,
) {
    // redb checks what it reads, but a damaged file may still surprise it.
    let file = catch_unwind(AssertUnwindSafe(|| StateFile::open(path, options.cache_bytes)))
        .unwrap_or_else(|_| {
            let detail = "reading it failed in an unexpected way".to_owned();
            Err(StoreError::Corrupt { place: path.display().to_string(), detail })
        });
    let file = match file {
        Ok(file) => file,
        Err(error) => return drop(opened.send(Err(error))),
    };
    let recorder = Recorder::new(file.revision(), room);
    let history = recorder.history();
    let (leader, known) = watch::channel(None);
    let mut worker = Worker { file, recorder, leader, lost: None, failed: None, dirty: false };
    if opened.send(Ok(Opened { history, leader: known })).is_err() {
        // Whoever wanted the store has gone away.
        return;
    }
    loop {
        let ask = match worker.dirty {
            true => asks.recv_timeout(options.checkpoint_after),
            false => asks.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match ask {
            Ok(ask) => worker.answer(ask),
            Err(RecvTimeoutError::Timeout) => worker.checkpoint(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Worker {
    /// Whoever asked may have gone away; what they asked for is done all the same.
    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Load(reply) => {
                let loaded = self.working().and_then(|()| self.file.load());
                let _ = reply.send(loaded);
            }
            Ask::Head(reply) => {
                let head = self.working().map(|()| self.file.revision());
                let _ = reply.send(head);
            }
            Ask::Commit(fence, batch, reply) => {
                let committed = self.commit(fence, batch);
                let _ = reply.send(committed);
            }
            Ask::Campaign(candidate, reply) => {
                let leadership = self.campaign(&candidate);
                let _ = reply.send(leadership);
            }
            Ask::Resign(fence, reply) => {
                let resigned = self.resign(fence);
                let _ = reply.send(resigned);
            }
        }
    }

    fn working(&self) -> Result<(), StoreError> {
        match &self.failed {
            Some(reason) => Err(StoreError::Stopped(reason.clone())),
            None => Ok(()),
        }
    }

    fn commit(&mut self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.working()?;
        let current = self.file.fence();
        if fence != current {
            return Err(StoreError::Fenced { given: fence, current });
        }
        let revision = self.file.commit(&batch).inspect_err(|error| self.fail(error))?;
        self.dirty = true;
        self.recorder.record(revision, batch);
        Ok(revision)
    }

    /// One process has the file, so whoever asks leads, and nobody else does from then on.
    fn campaign(&mut self, candidate: &str) -> Result<Leadership, StoreError> {
        self.working()?;
        let fence = self.file.next_fence().inspect_err(|error| self.fail(error))?;
        self.dirty = true;
        self.depose();
        let (lost_by_them, lost) = watch::channel(false);
        self.lost = Some(lost_by_them);
        self.leader.send_replace(Some(Leader { candidate: candidate.to_owned(), fence }));
        tracing::info!(candidate, %fence, "leads");
        Ok(Leadership { fence, lease: Lease::until_lost(lost.clone()), lost })
    }

    /// Nobody has the next fence, so nobody commits until somebody campaigns.
    fn resign(&mut self, fence: Fence) -> Result<(), StoreError> {
        self.working()?;
        if self.lost.is_some() && fence == self.file.fence() {
            self.file.next_fence().inspect_err(|error| self.fail(error))?;
            self.dirty = true;
            self.depose();
            tracing::info!(%fence, "has resigned");
        }
        Ok(())
    }

    fn depose(&mut self) {
        self.leader.send_replace(None);
        if let Some(lost) = self.lost.take() {
            lost.send_replace(true);
        }
    }

    fn checkpoint(&mut self) {
        self.dirty = false;
        if self.failed.is_none()
            && let Err(error) = self.file.checkpoint()
        {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &StoreError) {
        tracing::error!(%error, "the store has failed and does nothing more");
        self.failed = Some(error.to_string());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.depose();
    }
}
