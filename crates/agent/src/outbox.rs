//! Getting reports to the control plane: one at a time per task, the newest only, until acknowledged.
//!
//! Each report holds everything about its task, so one that waits is replaced by the next. A final one
//! is remembered on disk too, since its containers may be gone before anybody hears of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::control_plane::CallError;
use crate::host::Host;
use crate::memory::Recollection;
use crate::report::TaskStateChange;

/// AWS: a change that nobody took for a day interests nobody.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Outbox {
    host: Arc<Host>,
    recollection: Arc<Recollection>,
    /// What is to be sent, by task; `None` while the newest is under way.
    waiting: Mutex<BTreeMap<String, Option<Report>>>,
    /// Nothing is sent before this host is registered.
    is_open: watch::Sender<bool>,
    /// The control plane is there again: do not sit out the wait.
    again: Notify,
}

struct Report {
    input: Value,
    is_final: bool,
}

impl Outbox {
    pub(crate) fn new(host: Arc<Host>, recollection: Arc<Recollection>) -> Self {
        Self {
            host,
            recollection,
            waiting: Mutex::default(),
            is_open: watch::Sender::new(false),
            again: Notify::new(),
        }
    }

    /// This host is registered, or connected again.
    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
        self.again.notify_waiters();
    }

    pub(crate) fn send(self: &Arc<Self>, change: &TaskStateChange) {
        let input = serde_json::to_value(change).expect("its maps have string keys");
        let is_final = change.is_final();
        if is_final {
            let (task, input) = (change.task.clone(), input.clone());
            self.recollection.update(|state| {
                state.ended.insert(task, input);
            });
        }
        self.enqueue(change.task.clone(), Report { input, is_final });
    }

    /// Sends what was remembered from an earlier life.
    pub(crate) fn resume(self: &Arc<Self>) {
        for (task, input) in self.recollection.read(|state| state.ended.clone()) {
            self.enqueue(task, Report { input, is_final: true });
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
        // The sender is in `self`: waiting cannot fail.
        let _ = self.is_open.subscribe().wait_for(|is_open| *is_open).await;
        while let Some(report) = self.take(&task) {
            self.submit(&task, report).await;
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
        let since = Instant::now();
        let mut backoff = Backoff::new(Duration::from_millis(30), Duration::from_secs(300), 2.0);
        loop {
            let again = self.again.notified();
            let answer =
                self.host.control_plane.call("SubmitTaskStateChange", report.input.clone()).await;
            match answer {
                Ok(_) => break,
                Err(error) if is_hopeless(&error) => {
                    tracing::error!(%task, %error, "the control plane will not hear of it");
                    break;
                }
                Err(error) if since.elapsed() > GIVE_UP_AFTER => {
                    tracing::error!(%task, %error, "nobody takes the report; giving it up");
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
    error.code() == Some("InvalidParameterException")
}
