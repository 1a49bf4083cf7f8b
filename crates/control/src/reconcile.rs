//! Reconcilers: the only way in which anything happens that takes more than one transaction.
//!
//! A [`Reconciler`] looks at one key at a time: observe a snapshot, plan, act, and say when to look again.
//! It is told *that* it should look, never *what* changed, so it behaves the same whether a change woke
//! it, a timer did, or a restart. The driver owns everything else: when passes run, how many at once,
//! never two for one key, back-off after errors, and panics that stay where they happen.
//!
//! Start with [`Reconciler`]; `schedule.rs` decides which key is next, `driver.rs` runs the passes.

mod backoff;
mod driver;
mod schedule;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use backoff::Backoff;

use crate::cell::{Cell, Snapshot};
use crate::env::Env;
use crate::tables::{Change, Revision};

/// Moves the world towards what the tables say, one key at a time.
#[async_trait]
pub trait Reconciler: Send + Sync + 'static {
    type Key: Ord + Clone + Debug + Send + Sync + 'static;

    /// For logs and metrics.
    fn name(&self) -> &'static str;

    /// Every key that may need a pass: asked at start, on the timer, and when changes were missed.
    fn keys(&self, snapshot: &Snapshot) -> Vec<Self::Key>;

    /// Which keys a change concerns. It carries no data to the pass.
    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(Self::Key));

    /// One pass. An error is retried after a back-off, which changes do not shorten; a write that lost
    /// against another is no error, since that other has already queued the next pass.
    async fn reconcile(&self, key: &Self::Key) -> anyhow::Result<Next>;
}

/// When to look at a key again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// When something changes, or the timer comes round.
    Done,
    /// After this long at the latest.
    After(Duration),
}

/// How one reconciler is driven.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many keys at once.
    pub concurrency: usize,
    /// How often every key gets a pass, whether woken or not.
    pub interval: Duration,
    pub backoff: Backoff,
    /// A key rests this many times as long as its pass took before it gets another, so that one which is
    /// woken without end costs a share of a processor and no more: what wakes it meanwhile is one pass.
    pub rest: u32,
    /// How long passes may take to end at shutdown before they are dropped.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            concurrency: 16,
            interval: Duration::from_secs(30),
            backoff: Backoff::default(),
            rest: 0,
            grace: Duration::from_secs(10),
        }
    }
}

/// The running reconcilers of one cell.
pub struct Reconcilers {
    cell: Cell,
    env: Env,
    running: Vec<Running>,
    stop: CancellationToken,
}

struct Running {
    name: &'static str,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

/// How far a driver is, for whoever waits for it to have nothing to do.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// It has woken the keys of every commit up to this one.
    heard: Revision,
    /// Passes run, are due, or wait for their keys to have rested.
    busy: bool,
}

impl Reconcilers {
    pub fn new(cell: Cell, env: Env) -> Self {
        Reconcilers { cell, env, running: Vec::new(), stop: CancellationToken::new() }
    }

    /// Starts driving a reconciler, with a pass for each of its keys.
    pub fn start<R: Reconciler>(&mut self, reconciler: Arc<R>, options: Options) {
        let (told, progress) = watch::channel(Progress { heard: Revision::LOADED, busy: true });
        let name = reconciler.name();
        let driver =
            driver::Driver::new(reconciler, self.cell.clone(), self.env.clone(), options, told);
        let task = tokio::spawn(driver.run(self.stop.clone()));
        self.running.push(Running { name, progress, task });
    }

    /// Waits until no pass runs or is due and all commits so far have been heard, by every reconciler at
    /// the same moment. What waits for a time to come does not count.
    pub async fn settled(&self) {
        loop {
            let revision = self.cell.snapshot().revision();
            for running in &self.running {
                let mut progress = running.progress.clone();
                // An error means that the driver has ended: it does nothing more.
                let _ = progress.wait_for(|progress| progress.settled_at(revision)).await;
            }
            let still = |running: &Running| {
                running.progress.has_changed().is_err()
                    || running.progress.borrow().settled_at(revision)
            };
            if self.cell.snapshot().revision() == revision && self.running.iter().all(still) {
                return;
            }
        }
    }

    /// Starts no more passes and waits for those that run, each reconciler for as long as its grace.
    pub async fn shutdown(self) {
        self.stop.cancel();
        for running in self.running {
            if let Err(error) = running.task.await {
                tracing::error!(reconciler = running.name, %error, "a reconciler's driver did not end well");
            }
        }
    }
}

impl Progress {
    fn settled_at(&self, revision: Revision) -> bool {
        !self.busy && self.heard >= revision
    }
}

#[cfg(test)]
mod tests;
