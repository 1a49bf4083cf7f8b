//! Getting reports to the control plane: one at a time per task, the newest only, until acknowledged.
//!
//! Each report holds everything about its task, so one that waits is replaced by the next. A final one
//! is remembered on disk too, since its containers may be gone before anybody hears of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use crate::backoff::Backoff;
use crate::control_plane::CallError;
use crate::host::Host;
use crate::memory::{Recollection, Version};
use crate::report::TaskStateChange;

/// The longest wait between two attempts.
///
/// ECS's agent gives a change up after a day. Here nothing else would ever end the task in the control plane's records,
/// so a report is kept until it is taken, or refused by a control plane that does not know its task.
const SELDOM: Duration = Duration::from_secs(300);

/// How long a final report waits until it is remembered.
const DISK_PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Outbox {
    host: Arc<Host>,
    recollection: Arc<Recollection>,
    /// What is to be sent, by task; `None` while the newest is under way.
    waiting: Mutex<BTreeMap<String, Option<Report>>>,
    /// Tasks that had ended in an earlier life, and whose final reports are known from there.
    resumed: OnceLock<BTreeSet<String>>,
    /// Nothing is sent before this host is registered.
    is_open: AtomicBool,
    /// The control plane is there (again): do not sit out the wait. Wakes in the order of waiting, which a
    /// `watch` does not.
    again: Notify,
}

struct Report {
    input: Value,
    is_final: bool,
    /// What must be on disk before it is sent.
    remembered: Option<Version>,
}

impl Outbox {
    pub(crate) fn new(host: Arc<Host>, recollection: Arc<Recollection>) -> Self {
        Self {
            host,
            recollection,
            waiting: Mutex::default(),
            resumed: OnceLock::new(),
            is_open: AtomicBool::new(false),
            again: Notify::new(),
        }
    }

    /// This host is registered, or connected again.
    pub(crate) fn open(&self) {
        self.is_open.store(true, Ordering::Release);
        self.again.notify_waiters();
    }

    /// The first final report of a task is its last: one that is made later, from what is left of its
    /// containers, would know less.
    pub(crate) fn send(self: &Arc<Self>, change: &TaskStateChange) {
        let input = serde_json::to_value(change).expect("its maps have string keys");
        let mut remembered = None;
        if change.is_final() {
            let was_resumed = self.resumed.get().is_some_and(|tasks| tasks.contains(&change.task));
            if was_resumed || self.recollection.read(|state| state.ended.contains_key(&change.task))
            {
                return;
            }
            let (task, input) = (change.task.clone(), input.clone());
            remembered = Some(self.recollection.update(|state| {
                state.ended.insert(task, input);
            }));
        }
        let is_final = change.is_final();
        self.enqueue(change.task.clone(), Report { input, is_final, remembered });
    }

    /// Sends what was remembered from an earlier life.
    pub(crate) fn resume(self: &Arc<Self>) {
        let ended = self.recollection.read(|state| state.ended.clone());
        self.resumed.get_or_init(|| ended.keys().cloned().collect());
        for (task, input) in ended {
            self.enqueue(task, Report { input, is_final: true, remembered: None });
        }
    }

    fn enqueue(self: &Arc<Self>, task: String, report: Report) {
        let is_idle = self.waiting().insert(task.clone(), Some(report)).is_none();
        if is_idle {
            let outbox = self.clone();
            self.host.spawn(async move { outbox.deliver(task).await });
        }
    }

    /// Sends report after report of one task until there is none.
    async fn deliver(&self, task: String) {
        self.opened().await;
        while let Some(report) = self.take(&task) {
            self.submit(&task, report).await;
        }
    }

    async fn opened(&self) {
        loop {
            let again = self.again.notified();
            if self.is_open.load(Ordering::Acquire) {
                return;
            }
            again.await;
        }
    }

    fn take(&self, task: &str) -> Option<Report> {
        let mut waiting = self.waiting();
        let report = waiting.get_mut(task)?.take();
        if report.is_none() {
            waiting.remove(task);
        }
        report
    }

    async fn submit(&self, task: &str, mut report: Report) {
        let mut backoff = Backoff::new(Duration::from_millis(30), SELDOM, 2.0);
        loop {
            if let Some(version) = report.remembered.take() {
                // An agent that dies after the answer must know that the task has ended. But a disk that takes
                // nothing does not keep the end a secret.
                let _ =
                    tokio::time::timeout(DISK_PATIENCE, self.recollection.durable(version)).await;
            }
            let again = self.again.notified();
            let answer =
                self.host.control_plane.call("SubmitTaskStateChange", report.input.clone()).await;
            match answer {
                Ok(_) => break,
                Err(error) if is_hopeless(&error) => {
                    tracing::error!(%task, %error, "the control plane will not hear of it");
                    break;
                }
                Err(error) => {
                    let wait = backoff.next(&self.host);
                    tracing::warn!(%task, %error, ?wait, "a report was not taken");
                    tokio::select! {
                        biased;
                        () = again => backoff.reset(),
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
            // Something newer replaces what was not taken.
            if let Some(newer) = self.waiting().get_mut(task).and_then(Option::take) {
                report = newer;
            }
        }
        if report.is_final {
            self.recollection.update(|state| {
                state.ended.remove(task);
            });
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<String, Option<Report>>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_hopeless(error: &CallError) -> bool {
    matches!(
        error.code(),
        Some(
            // The task, or its whole cluster, is not known any more.
            "InvalidParameterException" | "ClusterNotFoundException"
            // The task is another host's, or was that of the host that this one used to be.
            | "AccessDeniedException"
        )
    )
}
