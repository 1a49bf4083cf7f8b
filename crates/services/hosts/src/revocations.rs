//! Cuts what deregistered hosts still hold open.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// A token for each host that has opened something, cancelled when its keys are taken away.
#[derive(Clone, Default)]
pub struct Revocations(Arc<Mutex<BTreeMap<Arc<str>, CancellationToken>>>);

impl Revocations {
    pub fn of(&self, host: &Arc<str>) -> CancellationToken {
        self.lock().entry(host.clone()).or_default().clone()
    }

    pub fn revoke(&self, host: &str) {
        if let Some(revocation) = self.lock().remove(host) {
            revocation.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, CancellationToken>> {
        // Every change is one map operation.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
