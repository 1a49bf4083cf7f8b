//! What every part of one agent shares. Nothing here decides anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use berth_model::Timestamp;
use berth_runtime::Runtime;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::control_plane::ControlPlane;
use crate::options::Options;
use crate::port_ranges::HostPorts;

pub(crate) struct Host {
    pub(crate) options: Options,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) control_plane: Arc<dyn ControlPlane>,
    pub(crate) ports: HostPorts,
    dice: Mutex<StdRng>,
    ended: CancellationToken,
    running: TaskTracker,
}

impl Host {
    pub(crate) fn new(
        options: Options,
        runtime: Arc<dyn Runtime>,
        control_plane: Arc<dyn ControlPlane>,
    ) -> Self {
        let dice = Mutex::new(StdRng::seed_from_u64(options.seed));
        let ports = HostPorts::new(
            options.dynamic_ports.clone(),
            &options.reserved_ports,
            &options.reserved_udp_ports,
        );
        Self {
            options,
            runtime,
            control_plane,
            ports,
            dice,
            ended: CancellationToken::new(),
            running: TaskTracker::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// Runs something for as long as the agent lives. When it ends, the work is dropped where it
    /// stands: the agent is crash-only, so that has to be safe anyway.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let ended = self.ended.clone();
        self.running.spawn(async move {
            ended.run_until_cancelled_owned(work).await;
        });
    }

    pub(crate) fn end(&self) {
        self.ended.cancel();
        self.running.close();
    }

    /// Waits until nothing of this agent runs any more.
    pub(crate) async fn gone(&self) {
        self.running.wait().await;
    }

    /// A random wait below `limit`.
    pub(crate) fn up_to(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.dice().random_range(0.0..1.0))
    }

    /// 32 random hex digits.
    pub(crate) fn message_id(&self) -> String {
        let bytes: [u8; 16] = self.dice().random();
        hex::encode(bytes)
    }

    fn dice(&self) -> std::sync::MutexGuard<'_, StdRng> {
        // A panic while holding it leaves a generator that is as random as before.
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
