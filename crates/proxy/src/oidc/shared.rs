//! What all actions that authenticate users share, and what outlives configurations.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::client::{HttpsClient, Queue};
use super::refreshes::Refreshes;

pub(crate) struct Shared {
    authorities: Option<PathBuf>,
    patience: Duration,
    client: Mutex<Option<HttpsClient>>,
    /// By host and port.
    queues: Mutex<BTreeMap<String, Queue>>,
    pub(super) refreshes: Refreshes,
}

impl Shared {
    /// `authorities` is a file of those who certify issuers, if it is not the host's own; `patience` is how long an answer may
    /// take.
    pub(crate) fn new(authorities: Option<PathBuf>, patience: Duration) -> Arc<Shared> {
        Arc::new(Shared {
            authorities,
            patience,
            client: Mutex::default(),
            queues: Mutex::default(),
            refreshes: Refreshes::default(),
        })
    }

    /// Made when it is wanted first: hosts that authenticate nobody need trust nobody.
    pub(super) fn client(&self) -> Result<HttpsClient, String> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*client {
            return Ok(client.clone());
        }
        let made = HttpsClient::new(self.authorities.as_deref(), self.patience)?;
        Ok(client.insert(made).clone())
    }

    pub(super) fn queue(&self, authority: &str) -> Queue {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that only the map knows belong to no action any more.
        queues.retain(|name, queue| name == authority || Arc::strong_count(queue) > 1);
        Arc::clone(queues.entry(authority.to_owned()).or_insert_with(HttpsClient::queue))
    }
}
