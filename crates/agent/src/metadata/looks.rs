//! What the engine says of containers, kept for a moment: a task that asks often costs the engine little.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_model::ContainerStatus;
use berth_runtime::{ContainerState, RuntimeId};
use tokio::time::Instant;

use crate::host::Host;

/// What has been seen is true for so long, unless the container has come further meanwhile.
const FRESH: Duration = Duration::from_secs(10);
/// With so many, those that are no longer fresh are thrown away.
const MANY: usize = 64;

#[derive(Default)]
pub(super) struct Looks {
    seen: Mutex<BTreeMap<RuntimeId, Look>>,
}

struct Look {
    status: ContainerStatus,
    state: ContainerState,
    at: Instant,
}

impl Looks {
    /// The container as the engine sees it; `status` is how far it has come.
    pub(super) async fn look(
        &self,
        host: &Host,
        id: &RuntimeId,
        status: ContainerStatus,
    ) -> Option<ContainerState> {
        let is_good = |look: &&Look| look.status == status && look.at.elapsed() < FRESH;
        if let Some(look) = self.seen().get(id).filter(is_good) {
            return Some(look.state.clone());
        }
        let state = match host.runtime.inspect(id).await {
            Ok(state) => state?,
            Err(error) => {
                tracing::debug!(container = %id, %error, "a container cannot be looked at");
                return None;
            }
        };
        let mut seen = self.seen();
        if seen.len() >= MANY {
            seen.retain(|_, look| look.at.elapsed() < FRESH);
        }
        seen.insert(id.clone(), Look { status, state: state.clone(), at: Instant::now() });
        Some(state)
    }

    fn seen(&self) -> MutexGuard<'_, BTreeMap<RuntimeId, Look>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
