//! The thread that owns the state file: it takes over the log's files behind the writer's back.
//!
//! Of a record that was written often only the last value is stored, and records that are neighbours go to the
//! same pages. A file of the log is deleted once all that it says is in the state file.

use std::fs;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use tokio::sync::oneshot;

use super::file::StateFile;
use super::pace::{Pace, Waiting};
use super::segment::Segment;
use crate::batch::Newest;
use crate::{Fence, Loaded, Revision, StoreError};

/// How many files of the log may wait. A writer that is so far ahead waits for the disk.
const WAITING: usize = 16;
/// Behind those who answer, while a processor has both to do.
const NICE: i32 = 10;
/// How long to wait for a file descriptor.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) enum Work {
    Fold(Segment),
    /// All that the state file and these say.
    Load(Vec<Segment>, oneshot::Sender<Result<Loaded, StoreError>>),
}

/// The thread, seen from the writer.
pub(super) struct Folder {
    /// None only while being dropped.
    work: Option<SyncSender<Work>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    is_closing: AtomicBool,
    waiting: Waiting,
    failed: Mutex<Option<String>>,
}

impl Folder {
    pub(super) fn start(file: StateFile) -> io::Result<Self> {
        let (work, asked) = sync_channel(WAITING);
        let shared = Arc::new(Shared::default());
        let of_thread = shared.clone();
        let thread = thread::Builder::new()
            .name("store-fold".to_owned())
            .spawn(move || run(file, &asked, &of_thread))?;
        Ok(Folder { work: Some(work), shared, thread: Some(thread) })
    }

    /// Hands work over; waits if there is too much of it already.
    pub(super) fn ask(&self, work: Work) -> Result<(), StoreError> {
        self.working()?;
        self.shared.waiting.add();
        let sent = self.work.as_ref().is_some_and(|asks| asks.send(work).is_ok());
        match sent {
            true => Ok(()),
            false => Err(StoreError::Stopped("the thread of the state file has ended".to_owned())),
        }
    }

    /// An error once the state file takes nothing more.
    pub(super) fn working(&self) -> Result<(), StoreError> {
        match &*self.shared.lock() {
            Some(reason) => Err(StoreError::Stopped(reason.clone())),
            None => Ok(()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is not folded now is folded when the store is opened again.
        self.shared.is_closing.store(true, Ordering::Relaxed);
        drop(self.work.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been logged already.
            let _ = thread.join();
        }
    }
}

fn is_out_of_files(error: &StoreError) -> bool {
    let codes =
        [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].map(|errno| errno.raw_os_error());
    matches!(error, StoreError::Io { source, .. } if source.raw_os_error().is_some_and(|code| codes.contains(&code)))
}

impl Shared {
    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(mut file: StateFile, asked: &Receiver<Work>, shared: &Shared) {
    // Of this thread alone, on Linux.
    let lowered = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    if let Err(error) = lowered {
        tracing::debug!(%error, "the folder's priority stays as it is");
    }
    while let Ok(work) = asked.recv() {
        shared.waiting.done();
        match work {
            Work::Load(segments, reply) => {
                // A thread of its own: what this one allocates, and others free, it would keep for as long as it sleeps.
                let loading = thread::scope(|scope| scope.spawn(|| load(&file, &segments)).join());
                let loaded = loading.unwrap_or_else(|panic| resume_unwind(panic));
                let _ = reply.send(loaded);
            }
            Work::Fold(_) if shared.is_closing() => return,
            Work::Fold(segment) => {
                let mut folded = fold(&mut file, &segment, Pace::new(&shared.waiting));
                // A file that cannot be opened now may be later; nothing depends on when.
                while matches!(&folded, Err(error) if is_out_of_files(error))
                    && !shared.is_closing()
                {
                    thread::sleep(PAUSE);
                    folded = fold(&mut file, &segment, Pace::new(&shared.waiting));
                }
                if let Err(error) = folded {
                    tracing::error!(%error, "the log could not be folded; the store does nothing more");
                    *shared.lock() = Some(error.to_string());
                    return;
                }
            }
        }
    }
}

fn fold(file: &mut StateFile, segment: &Segment, mut pace: Pace<'_>) -> Result<(), StoreError> {
    let mut gathered = Gathered::after(file);
    gathered.add(segment, || pace.breathe())?;
    file.fold(gathered.newest, gathered.revision, gathered.fence, || pace.breathe())?;
    let deleted = fs::remove_file(&segment.path);
    deleted.map_err(|source| StoreError::Io { path: segment.path.clone(), source })
}

fn load(file: &StateFile, segments: &[Segment]) -> Result<Loaded, StoreError> {
    let mut gathered = Gathered::after(file);
    segments.iter().try_for_each(|segment| gathered.add(segment, || {}))?;
    Ok(Loaded { revision: gathered.revision, records: file.load(gathered.newest)? })
}

/// What the log says beyond the state file.
struct Gathered {
    newest: Newest,
    revision: Revision,
    fence: Fence,
}

impl Gathered {
    fn after(file: &StateFile) -> Self {
        Gathered { newest: Newest::default(), revision: file.revision(), fence: file.fence() }
    }

    fn add(&mut self, segment: &Segment, mut breathe: impl FnMut()) -> Result<(), StoreError> {
        for frame in segment.frames()? {
            if frame.revision > self.revision {
                self.revision = frame.revision;
                self.newest.add(frame.batch);
                breathe();
            }
            self.fence = self.fence.max(frame.fence);
        }
        Ok(())
    }
}
