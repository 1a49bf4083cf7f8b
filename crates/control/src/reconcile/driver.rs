//! One reconciler's task: hears changes, keeps the schedule, runs passes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::schedule::Schedule;
use super::{Next, Options, Progress, Reconciler};
use crate::cell::{Cell, Feed, panic_message};
use crate::env::Env;
use crate::tables::Revision;

/// What takes longer than usual waits for others, a disk say: that is no reason to rest on.
const LONGEST_REST: Duration = Duration::from_secs(1);

pub(super) struct Driver<R: Reconciler> {
    reconciler: Arc<R>,
    cell: Cell,
    env: Env,
    options: Options,
    schedule: Schedule<R::Key>,
    passes: JoinSet<Pass<R::Key>>,
    heard: Revision,
    progress: watch::Sender<Progress>,
}

/// A pass that has ended.
struct Pass<K> {
    key: K,
    outcome: Outcome,
    begun: Instant,
}

enum Outcome {
    Next(Next),
    Failed(anyhow::Error),
    Panicked(String),
}

impl<R: Reconciler> Driver<R> {
    pub(super) fn new(
        reconciler: Arc<R>,
        cell: Cell,
        env: Env,
        options: Options,
        progress: watch::Sender<Progress>,
    ) -> Self {
        let (schedule, passes) = (Schedule::new(), JoinSet::new());
        Driver {
            reconciler,
            cell,
            env,
            options,
            schedule,
            passes,
            heard: Revision::LOADED,
            progress,
        }
    }

    /// Drives until told to stop or the cell ends.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut changes = self.cell.changes();
        self.wake_all();
        let mut sweep = Instant::now() + self.options.interval;
        loop {
            self.begin_passes();
            self.report();
            let due = self.schedule.next_due().filter(|_| self.has_room());
            let wait = due.map_or(sweep, |due| due.min(sweep));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                feed = changes.next() => match feed {
                    Some(feed) => self.hear(&feed),
                    None => break,
                },
                Some(pass) = self.passes.join_next() => match pass {
                    Ok(pass) => self.end(pass),
                    // Passes catch their panics, and nobody else cancels them.
                    Err(error) => tracing::error!(reconciler = self.reconciler.name(), %error, "a pass vanished"),
                },
                () = tokio::time::sleep_until(wait) => if Instant::now() >= sweep {
                    self.wake_all();
                    sweep = Instant::now() + self.options.interval;
                },
            }
        }
        self.finish().await;
    }

    fn has_room(&self) -> bool {
        self.passes.len() < self.options.concurrency.max(1)
    }

    fn begin_passes(&mut self) {
        while self.has_room()
            && let Some(key) = self.schedule.take(Instant::now())
        {
            let reconciler = self.reconciler.clone();
            self.passes.spawn(async move {
                let begun = Instant::now();
                // A pass keeps nothing in memory for the next: a panic leaves no half-made state behind.
                let outcome =
                    match AssertUnwindSafe(reconciler.reconcile(&key)).catch_unwind().await {
                        Ok(Ok(next)) => Outcome::Next(next),
                        Ok(Err(error)) => Outcome::Failed(error),
                        Err(panic) => Outcome::Panicked(panic_message(&*panic)),
                    };
                Pass { key, outcome, begun }
            });
        }
    }

    fn hear(&mut self, feed: &Feed) {
        let commit = match feed {
            Feed::Committed(commit) => commit,
            Feed::Resync => return self.wake_all(),
        };
        let now = Instant::now();
        let (reconciler, schedule) = (&self.reconciler, &mut self.schedule);
        let woken = catch_unwind(AssertUnwindSafe(|| {
            for change in &commit.changes {
                reconciler.wakes(change, &mut |key| schedule.wake(key, now));
            }
        }));
        match woken {
            Ok(()) => self.heard = self.heard.max(commit.revision),
            Err(panic) => {
                self.contain("wakes", &*panic);
                self.wake_all();
            }
        }
    }

    fn wake_all(&mut self) {
        let (now, snapshot) = (Instant::now(), self.cell.snapshot());
        match catch_unwind(AssertUnwindSafe(|| self.reconciler.keys(&snapshot))) {
            Ok(keys) => keys.into_iter().for_each(|key| self.schedule.wake(key, now)),
            // The timer asks again.
            Err(panic) => self.contain("keys", &*panic),
        }
        self.heard = self.heard.max(snapshot.revision());
    }

    fn contain(&self, method: &'static str, panic: &(dyn Any + Send)) {
        let name = self.reconciler.name();
        metrics::counter!("berth_reconcile_panics_total", "reconciler" => name, "method" => method)
            .increment(1);
        tracing::error!(
            reconciler = name,
            method,
            reason = panic_message(panic),
            "a reconciler panicked"
        );
    }

    fn end(&mut self, pass: Pass<R::Key>) {
        let name = self.reconciler.name();
        let Pass { key, outcome, begun } = pass;
        let took = begun.elapsed();
        metrics::histogram!("berth_reconcile_pass_seconds", "reconciler" => name)
            .record(took.as_secs_f64());
        metrics::counter!("berth_reconcile_passes_total", "reconciler" => name, "outcome" => outcome.as_str())
            .increment(1);
        let now = Instant::now();
        let rest = took.saturating_mul(self.options.rest).min(LONGEST_REST);
        let reason = match outcome {
            Outcome::Next(Next::Done) => return self.schedule.finished(&key, None, rest, now),
            Outcome::Next(Next::After(wait)) => {
                return self.schedule.finished(&key, Some(wait), rest, now);
            }
            Outcome::Failed(error) => format!("{error:#}"),
            Outcome::Panicked(message) => format!("panicked: {message}"),
        };
        let (backoff, ids) = (self.options.backoff, &*self.env.ids);
        let wait = self.schedule.failed(&key, now, |failures| backoff.wait(failures, ids));
        tracing::warn!(reconciler = name, ?key, reason, retry_after = ?wait, "a pass failed");
    }

    fn report(&self) {
        let now = Progress { heard: self.heard, busy: self.schedule.is_busy(Instant::now()) };
        self.progress.send_if_modified(|last| {
            let changed = (last.heard, last.busy) != (now.heard, now.busy);
            *last = now;
            changed
        });
    }

    /// Lets running passes end.
    async fn finish(mut self) {
        let ended = async { while self.passes.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.grace, ended).await.is_err() {
            let (reconciler, left) = (self.reconciler.name(), self.passes.len());
            tracing::warn!(reconciler, left, "passes did not end in time and are dropped");
            self.passes.shutdown().await;
        }
    }
}

impl Outcome {
    const fn as_str(&self) -> &'static str {
        match self {
            Outcome::Next(Next::Done) => "done",
            Outcome::Next(Next::After(_)) => "later",
            Outcome::Failed(_) => "error",
            Outcome::Panicked(_) => "panic",
        }
    }
}
