//! Removes targets whose deregistration delay is over.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record};

use crate::service::Balancing;
use crate::tables::Target;
use crate::targets;

/// The most targets that one transaction removes.
const AT_ONCE: usize = 100;

pub struct EndTargets {
    balancing: Arc<Balancing>,
}

impl EndTargets {
    pub fn new(balancing: Arc<Balancing>) -> Self {
        Self { balancing }
    }
}

#[async_trait]
impl Reconciler for EndTargets {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "end-targets"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(())) {
        if change.table() == Target::TABLE {
            wake(());
        }
    }

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let Balancing { cell, env, .. } = &*self.balancing;
        let now = env.now();
        while !targets::ended(&cell.snapshot(), now, 1).is_empty() {
            // Looked up anew: one may have been registered again meanwhile.
            let end = move |tx: &mut Transaction| {
                for target in targets::ended(tx, now, AT_ONCE) {
                    targets::forget(tx, &target);
                }
                Ok::<_, std::convert::Infallible>(())
            };
            cell.write(end).await?;
        }
        let view = cell.snapshot();
        let next = view.table::<Target>().indexes().by_end.iter().next().map(|(at, _)| *at);
        Ok(next.map_or(Next::Done, |at| Next::After(at.since(now))))
    }
}
