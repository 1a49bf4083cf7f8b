//! Forgets client tokens that are too old to matter.

use std::convert::Infallible;

use async_trait::async_trait;
use berth_model::Timestamp;

use super::{ClientToken, REMEMBERED};
use crate::cell::{Cell, Snapshot};
use crate::env::Env;
use crate::reconcile::{Next, Reconciler};
use crate::tables::{Change, Record, View};

/// The most tokens that one transaction forgets.
const AT_ONCE: usize = 500;

/// Deletes expired tokens on the driver's timer: nobody can tell how late that is.
pub struct ExpireClientTokens {
    cell: Cell,
    env: Env,
}

impl ExpireClientTokens {
    pub fn new(cell: Cell, env: Env) -> Self {
        ExpireClientTokens { cell, env }
    }
}

/// Expired tokens, the oldest first, at most [`AT_ONCE`].
fn expired(view: &impl View, now: Timestamp) -> Vec<<ClientToken as Record>::Key> {
    let by_age = &view.table::<ClientToken>().indexes().by_age;
    by_age.range(..=now - REMEMBERED).take(AT_ONCE).map(|(_, key)| key.clone()).collect()
}

#[async_trait]
impl Reconciler for ExpireClientTokens {
    /// All tokens together.
    type Key = ();

    fn name(&self) -> &'static str {
        "expire-client-tokens"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, _: &Change, _: &mut dyn FnMut(())) {}

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let now = self.env.now();
        while !expired(&self.cell.snapshot(), now).is_empty() {
            // Looked up anew: by now an expired token may have been used again.
            let forget = move |tx: &mut crate::cell::Transaction| {
                for key in expired(tx, now) {
                    tx.delete::<ClientToken>(&key);
                }
                Ok::<_, Infallible>(())
            };
            self.cell.write(forget).await?;
        }
        Ok(Next::Done)
    }
}
