//! What an agent remembers across its own death, apart from the labels of its containers.
//!
//! It is a hint: containers tell most of it. Only eight things are nowhere else: who we are, tasks that
//! were accepted and have no container yet, which tasks had containers when we last looked and which of those may have been meant to stop, ends that nobody
//! has acknowledged, that a task is to stop or has ended while containers of it are still here, how often
//! containers were started again, and which images we have pulled. It is written whole, by one writer, off the
//! critical path; who must know that something is durable waits for
//! its version.

mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_agent_protocol::acs;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Notify, watch};

pub use store::{FileMemory, Memory, VolatileMemory};

use crate::host::Host;
use crate::images::PulledImage;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remembered {
    pub(crate) cluster: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_instance: Option<String>,
    /// The token of the first registration. Kept, so that an agent that dies before it hears the answer does
    /// not leave a container instance behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) registration: Option<String>,
    /// The highest sequence number that a payload or manifest had.
    pub(crate) sequence: i64,
    /// Accepted tasks that no container's label tells of yet, by ARN.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) accepted: BTreeMap<String, acs::Task>,
    /// Tasks that containers here tell of. If all of a task's containers are gone when the agent comes back,
    /// nothing else does.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) present: BTreeSet<String>,
    /// Those of them that were found when nothing was remembered, and that the control plane has not named since: they may
    /// have been stopped, so nothing of them may start.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) unconfirmed: BTreeSet<String>,
    /// Tasks that were told to stop, or have ended, and still have containers here: nothing of them may start.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) stopping: BTreeSet<String>,
    /// How often containers were started again by their restart policies, by task and name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) restarts: BTreeMap<String, BTreeMap<String, u32>>,
    /// Final reports that are not acknowledged yet, by task.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) ended: BTreeMap<String, Value>,
    /// Images that this agent has pulled, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) images: BTreeMap<String, PulledImage>,
}

impl Remembered {
    pub(crate) fn new(cluster: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            container_instance: None,
            registration: None,
            // AWS: below any number that a server may use first.
            sequence: -1,
            accepted: BTreeMap::new(),
            present: BTreeSet::new(),
            unconfirmed: BTreeSet::new(),
            stopping: BTreeSet::new(),
            restarts: BTreeMap::new(),
            ended: BTreeMap::new(),
            images: BTreeMap::new(),
        }
    }
}

/// How many changes there had been when something was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u64);

/// The remembered state, and its one writer.
pub(crate) struct Recollection {
    state: Mutex<Remembered>,
    changed: watch::Sender<u64>,
    /// The last change that is on disk.
    durable: AtomicU64,
    /// Wakes in the order of waiting, which a `watch` does not.
    written: Notify,
}

impl Recollection {
    pub(crate) fn new(state: Remembered) -> Self {
        Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            durable: AtomicU64::new(0),
            written: Notify::new(),
        }
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&Remembered) -> T) -> T {
        look(&self.lock())
    }

    /// Changes it in memory at once; the writer follows.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Remembered)) -> Version {
        let mut state = self.lock();
        change(&mut state);
        let mut version = 0;
        self.changed.send_modify(|changes| {
            *changes += 1;
            version = *changes;
        });
        Version(version)
    }

    /// Waits until a change is on disk.
    pub(crate) async fn durable(&self, version: Version) {
        loop {
            let written = self.written.notified();
            if self.durable.load(Ordering::Acquire) >= version.0 {
                return;
            }
            written.await;
        }
    }

    /// Writes change after change, several at once if they come quickly.
    pub(crate) async fn keep(self: Arc<Self>, host: Arc<Host>) {
        let mut changed = self.changed.subscribe();
        loop {
            let version = *changed.borrow_and_update();
            if version > self.durable.load(Ordering::Acquire) {
                self.write(&host, version).await;
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Writes what is not written yet; for a stop in good order.
    pub(crate) async fn flush(&self, host: &Host) {
        let version = *self.changed.borrow();
        if version > self.durable.load(Ordering::Acquire) {
            self.write(host, version).await;
        }
    }

    async fn write(&self, host: &Host, version: u64) {
        let bytes = self.read(serde_json::to_vec).expect("its maps have string keys");
        match host.options.memory.save(bytes).await {
            Ok(()) => {
                self.durable.fetch_max(version, Ordering::AcqRel);
                self.written.notify_waiters();
            }
            Err(cause) => {
                // Whoever waits goes on waiting, and the server sends again what is not acknowledged.
                tracing::error!(%cause, "the agent's state cannot be written");
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.changed.send_modify(|_| ());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        // A change is a few assignments: a panic in the middle leaves nothing that a restart would not mend.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was remembered; anew if there is nothing, or nothing that can be read.
pub(crate) async fn recall(host: &Host) -> anyhow::Result<Remembered> {
    let fresh = Remembered::new(&host.options.cluster);
    let Some(bytes) = host.options.memory.load().await? else { return Ok(fresh) };
    match serde_json::from_slice::<Remembered>(&bytes) {
        Ok(state) if state.cluster == host.options.cluster => Ok(state),
        Ok(state) => anyhow::bail!(
            "this host belongs to cluster `{}` and cannot join `{}`: remove its state to start anew",
            state.cluster,
            host.options.cluster,
        ),
        Err(cause) => {
            tracing::error!(%cause, "the agent's state cannot be read; it registers as a new container instance");
            Ok(fresh)
        }
    }
}

#[cfg(test)]
mod tests;
