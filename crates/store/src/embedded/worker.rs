//! The thread that writes: it decides who leads, and appends what the leader commits to the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::file::StateFile;
use super::folder::{Folder, Work};
use super::log::{self, Log};
use super::segment::{Frame, Segment};
use super::{EmbeddedOptions, EmbeddedStore};
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
    dir: PathBuf,
    segment_bytes: u64,
    /// None until something is committed.
    log: Option<Log>,
    /// At this length of the file the next is begun.
    full_at: u64,
    /// The number of the log's next file.
    next: u64,
    /// Ended files of the log that the folder has not been given.
    ended: Vec<Segment>,
    revision: Revision,
    fence: Fence,
    recorder: Recorder,
    leader: watch::Sender<Option<Leader>>,
    /// Tells whoever leads that they do no more.
    lost: Option<watch::Sender<bool>>,
    /// Why nothing more is done: after a failed write, what the log holds is known only by opening it again.
    failed: Option<String>,
    folder: Folder,
}

/// Opens what is in the directory, says how that went, and serves until nobody can ask any more.
pub(super) fn run(
    dir: &Path,
    options: &EmbeddedOptions,
    opened: oneshot::Sender<Result<Opened, StoreError>>,
    asks: &Receiver<Ask>,
) {
    // redb checks what it reads, but a damaged file may still surprise it.
    let worker =
        catch_unwind(AssertUnwindSafe(|| Worker::open(dir, options))).unwrap_or_else(|_| {
            let detail = "reading it failed in an unexpected way".to_owned();
            Err(StoreError::Corrupt { place: dir.display().to_string(), detail })
        });
    let mut worker = match worker {
        Ok(worker) => worker,
        Err(error) => return drop(opened.send(Err(error))),
    };
    let known = Opened { history: worker.recorder.history(), leader: worker.leader.subscribe() };
    if opened.send(Ok(known)).is_err() {
        // Whoever wanted the store has gone away.
        return;
    }
    // What the last writer left is folded once whoever starts has had time to.
    let settled = Instant::now() + SETTLING;
    loop {
        let ask = match worker.ended.is_empty() {
            true => asks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => asks.recv_timeout(settled.saturating_duration_since(Instant::now())),
        };
        match ask {
            Ok(ask) => worker.answer(ask),
            Err(RecvTimeoutError::Timeout) => worker.hand_over_or_fail(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

const SETTLING: Duration = Duration::from_secs(10);

impl Worker {
    fn open(dir: &Path, options: &EmbeddedOptions) -> Result<Self, StoreError> {
        let file = StateFile::open(&dir.join(EmbeddedStore::FILE), options.cache_bytes)?;
        let dir = dir.join(EmbeddedStore::LOG);
        let recovered = log::recover(&dir, file.revision(), file.fence())?;
        let io = |source| StoreError::Io { path: dir.clone(), source };
        let folder = Folder::start(file).map_err(io)?;
        let room = Room { batches: options.history_batches, bytes: options.history_bytes };
        Ok(Worker {
            segment_bytes: options.segment_bytes,
            full_at: options.segment_bytes,
            log: None,
            next: recovered.next,
            ended: recovered.segments,
            revision: recovered.revision,
            fence: recovered.fence,
            recorder: Recorder::new(recovered.revision, room),
            leader: watch::Sender::new(None),
            lost: None,
            failed: None,
            folder,
            dir,
        })
    }

    /// Whoever asked may have gone away; what they asked for is done all the same.
    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Load(reply) => self.load(reply),
            Ask::Head(reply) => {
                let head = self.working().map(|()| self.revision);
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
            None => self.folder.working(),
        }
    }

    /// The folder reads, for whoever asked.
    fn load(&mut self, reply: Reply<Loaded>) {
        if let Err(error) = self.working() {
            return drop(reply.send(Err(error)));
        }
        let current = self.log.as_ref().map(|log| log.so_far().clone());
        let unfolded = self.ended.iter().cloned().chain(current).collect();
        // If it is gone, so is the reply, which says so.
        let _ = self.folder.ask(Work::Load(unfolded, reply));
    }

    /// Has ended files of the log folded. Waits if the folder is far behind.
    fn hand_over(&mut self) -> Result<(), StoreError> {
        self.ended.drain(..).try_for_each(|segment| self.folder.ask(Work::Fold(segment)))
    }

    fn hand_over_or_fail(&mut self) {
        if let Err(error) = self.hand_over() {
            self.fail(&error);
        }
    }

    fn commit(&mut self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.working()?;
        let current = self.fence;
        if fence != current {
            return Err(StoreError::Fenced { given: fence, current });
        }
        let frame = Frame { revision: Revision(self.revision.0 + 1), fence, batch };
        self.write(&frame)?;
        self.recorder.record(frame.revision, frame.batch);
        Ok(frame.revision)
    }

    fn write(&mut self, frame: &Frame) -> Result<(), StoreError> {
        self.append(frame).inspect_err(|error| self.fail(error))?;
        (self.revision, self.fence) = (frame.revision, frame.fence);
        Ok(())
    }

    fn append(&mut self, frame: &Frame) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { path: self.dir.clone(), source };
        let log = match &mut self.log {
            Some(log) => log,
            None => {
                let log = Log::begin(&self.dir, self.next).map_err(io)?;
                self.next += 1;
                self.log.insert(log)
            }
        };
        log.append(frame).map_err(io)?;
        if log.so_far().end < self.full_at {
            return Ok(());
        }
        // The next is begun first: a process with too many open files goes on with the one it has.
        match Log::begin(&self.dir, self.next) {
            Ok(next) => {
                let full = std::mem::replace(log, next);
                self.ended.push(full.seal().map_err(io)?);
                self.next += 1;
                self.full_at = self.segment_bytes;
                self.hand_over()
            }
            Err(error) => {
                tracing::warn!(%error, "no next file of the log could be begun; this one gets longer");
                // Tried again after as much once more, not with each commit.
                self.full_at = log.so_far().end.saturating_add(self.segment_bytes);
                Ok(())
            }
        }
    }

    /// One process has the directory, so whoever asks leads, and nobody else does from then on.
    fn campaign(&mut self, candidate: &str) -> Result<Leadership, StoreError> {
        self.working()?;
        let fence = self.next_fence()?;
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
        if self.lost.is_some() && fence == self.fence {
            self.next_fence()?;
            self.depose();
            tracing::info!(%fence, "has resigned");
        }
        Ok(())
    }

    fn next_fence(&mut self) -> Result<Fence, StoreError> {
        let fence = Fence(self.fence.0 + 1);
        self.write(&Frame { revision: self.revision, fence, batch: Batch::default() })?;
        Ok(fence)
    }

    fn depose(&mut self) {
        self.leader.send_replace(None);
        if let Some(lost) = self.lost.take() {
            lost.send_replace(true);
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
