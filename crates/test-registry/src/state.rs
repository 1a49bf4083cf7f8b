//! What a registry holds, what it has been asked, and how it misbehaves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::sync::watch;

use crate::access::Access;

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub path: String,
    /// Whom it claims to come from, if it says so by name.
    pub user: Option<String>,
}

impl Request {
    /// Whether it asks what an image of this repository is.
    pub fn is_for_manifest_of(&self, repository: &str) -> bool {
        self.path.starts_with(&format!("/v2/{repository}/manifests/"))
    }

    /// Whether it asks for content of this repository.
    pub fn is_for_blob_of(&self, repository: &str) -> bool {
        self.path.starts_with(&format!("/v2/{repository}/blobs/"))
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub access: Access,
    /// By repository and tag or digest.
    pub manifests: BTreeMap<(String, String), Bytes>,
    pub blobs: BTreeMap<String, Bytes>,
    pub requests: Vec<Request>,
    /// Answers to the next requests for manifests, instead of the true ones.
    pub failures: VecDeque<StatusCode>,
    /// Between two pieces of a blob.
    pub pause: Duration,
}

/// Whether requests for manifests are answered at all, and which of them wait until they are.
pub(crate) struct Gate {
    pub is_shut: watch::Sender<bool>,
    waiting: Mutex<Vec<String>>,
    /// One more waits, or one fewer.
    changed: Condvar,
}

impl Gate {
    pub fn new() -> Self {
        Self {
            is_shut: watch::Sender::new(false),
            waiting: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Returns when it is open.
    pub async fn pass(&self, path: &str) {
        let mut is_shut = self.is_shut.subscribe();
        if !*is_shut.borrow_and_update() {
            return;
        }
        self.waiting().push(path.to_owned());
        let _gone = Waiter { gate: self, path };
        self.changed.notify_all();
        // The sender is in self.
        let _ = is_shut.wait_for(|is_shut| !is_shut).await;
    }

    /// Blocks until those that wait look so; tells who waits if they never do.
    pub fn wait(
        &self,
        patience: Duration,
        is_so: impl Fn(&[String]) -> bool,
    ) -> Result<(), Vec<String>> {
        let held = self.waiting();
        let held = self.changed.wait_timeout_while(held, patience, |held| !is_so(held));
        let (held, _) = held.unwrap_or_else(PoisonError::into_inner);
        if is_so(&held) { Ok(()) } else { Err(held.clone()) }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<String>> {
        // One push or one removal at a time: nothing is ever half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request at the gate, also one whose client gives up.
struct Waiter<'a> {
    gate: &'a Gate,
    path: &'a str,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiting = self.gate.waiting();
        if let Some(at) = waiting.iter().position(|held| held == self.path) {
            waiting.remove(at);
        }
        self.gate.changed.notify_all();
    }
}
