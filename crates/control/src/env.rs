//! What the control plane may not take from the world by itself: the time of day and randomness.
//!
//! Everything that happens is a function of requests, the store, [`Clock`] and [`IdSource`], which is
//! what lets the simulator replay a run from its seed. *Waiting* is not here: it is tokio's timers,
//! which a paused runtime already controls.
//!
//! Start with [`Env::system`] for production, [`Env::seeded`] for tests and the simulator.

mod clock;
mod ids;

use std::sync::Arc;

use berth_model::Timestamp;

pub use clock::{Clock, SystemClock, TokioClock};
pub use ids::{IdSource, SeededIds, SystemIds};

/// The clock and the source of ids that one control plane uses. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
}

impl Env {
    /// The machine's clock and the operating system's randomness.
    pub fn system() -> Self {
        Env { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) }
    }

    /// The same ids for the same seed, and a clock that moves with tokio's (paused or not), from `start`.
    /// To be called inside a tokio runtime.
    pub fn seeded(seed: u64, start: Timestamp) -> Self {
        Env { clock: Arc::new(TokioClock::starting_at(start)), ids: Arc::new(SeededIds::new(seed)) }
    }

    /// The present, as records tell it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sixteen bytes that nobody else has.
    pub fn id(&self) -> [u8; 16] {
        self.ids.id()
    }

    /// The same, maybe beside those that were made just before.
    pub fn neighbouring_id(&self) -> [u8; 16] {
        self.ids.neighbouring_id(self.now())
    }
}
