//! Forgets state-change events that are too old. How many there are is bounded where they are written.

use std::convert::Infallible;

use async_trait::async_trait;
use berth_control::cell::{Cell, Snapshot, Transaction};
use berth_control::env::Env;
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, View};
use berth_model::Timestamp;

use crate::events::KEPT_FOR;
use crate::tables::StateChange;

/// The most rows that one transaction forgets.
const AT_ONCE: usize = 500;

pub struct ForgetEvents {
    cell: Cell,
    env: Env,
}

impl ForgetEvents {
    pub fn new(cell: Cell, env: Env) -> Self {
        Self { cell, env }
    }
}

/// The oldest that are due, but never the newest of all: the next one's number is told by it.
fn due(view: &impl View, now: Timestamp) -> Vec<u64> {
    let kept = view.table::<StateChange>();
    let but_newest = kept.len().saturating_sub(1);
    let due = kept.iter().take(but_newest).take_while(|change| change.at <= now - KEPT_FOR);
    due.take(AT_ONCE).map(|change| change.sequence).collect()
}

#[async_trait]
impl Reconciler for ForgetEvents {
    /// All events together.
    type Key = ();

    fn name(&self) -> &'static str {
        "forget-events"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, _: &Change, _: &mut dyn FnMut(())) {}

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let now = self.env.now();
        while !due(&self.cell.snapshot(), now).is_empty() {
            let forget = move |tx: &mut Transaction| {
                for sequence in due(tx, now) {
                    tx.delete::<StateChange>(&sequence);
                }
                Ok::<_, Infallible>(())
            };
            self.cell.write(forget).await?;
        }
        Ok(Next::Done)
    }
}
