//! What containers have used, read when somebody wants to know and kept for the next who asks.
//!
//! Rates need two readings. Whoever asks twice within a moment gets the same ones; whoever asks for the first
//! time finds what telemetry read last.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_runtime::{ContainerStats, RuntimeError, RuntimeId};
use tokio::time::Instant;

use crate::host::Host;

/// A reading is as good as a new one for so long.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct Usage {
    readings: Mutex<BTreeMap<RuntimeId, Kept>>,
}

/// The latest reading of a running container, and the one before, if there was one.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) now: Arc<ContainerStats>,
    pub(crate) before: Option<Arc<ContainerStats>>,
}

struct Kept {
    reading: Reading,
    at: Instant,
}

impl Usage {
    /// The latest reading, taken now unless there is a fresh one.
    pub(crate) async fn read(&self, host: &Host, id: &RuntimeId) -> Result<Reading, RuntimeError> {
        let fresh = |kept: &&Kept| kept.at.elapsed() < FRESH;
        if let Some(kept) = self.readings().get(id).filter(fresh) {
            return Ok(kept.reading.clone());
        }
        let stats = host.runtime.stats(id).await?;
        Ok(self.keep(id, stats))
    }

    /// Takes over a reading that was taken for another reason.
    pub(crate) fn keep(&self, id: &RuntimeId, stats: ContainerStats) -> Reading {
        let mut readings = self.readings();
        let before = readings.remove(id).map(|kept| kept.reading.now);
        let reading = Reading {
            // A container that was started anew counts from zero.
            before: before.filter(|before| before.cpu.used <= stats.cpu.used),
            now: Arc::new(stats),
        };
        readings.insert(id.clone(), Kept { reading: reading.clone(), at: Instant::now() });
        reading
    }

    /// Forgets all but these.
    pub(crate) fn retain(&self, is_here: impl Fn(&RuntimeId) -> bool) {
        self.readings().retain(|id, _| is_here(id));
    }

    fn readings(&self) -> MutexGuard<'_, BTreeMap<RuntimeId, Kept>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
