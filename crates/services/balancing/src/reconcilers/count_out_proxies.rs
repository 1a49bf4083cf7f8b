//! Counts out proxies that are silent: what others say of targets counts then. Without any other, nobody carries anything.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::Snapshot;
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::Change;
use berth_proxy_protocol::REPORT_EVERY;
use tokio::time::Instant;

use crate::proxies::SILENCE;
use crate::service::Balancing;

pub struct CountOutProxies {
    balancing: Arc<Balancing>,
    /// A leader that has just begun has heard nobody yet.
    begun_at: Instant,
}

impl CountOutProxies {
    pub fn new(balancing: Arc<Balancing>) -> Self {
        Self { balancing, begun_at: Instant::now() }
    }
}

#[async_trait]
impl Reconciler for CountOutProxies {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "count-out-proxies"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    /// Silence is no change.
    fn wakes(&self, _: &Change, _: &mut dyn FnMut(())) {}

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        if self.balancing.proxies.count_out() {
            self.balancing.write_findings().await?;
        }
        if self.balancing.proxies.is_empty() && self.begun_at.elapsed() >= SILENCE {
            self.balancing.write_silence().await?;
        }
        Ok(Next::After(REPORT_EVERY))
    }
}
