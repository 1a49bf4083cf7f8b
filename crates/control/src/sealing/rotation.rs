//! Data keys come and go: a new one seals after a while or when it is asked for, what older ones have sealed is sealed
//! anew, and one that is needed no more is destroyed.
//!
//! What leaves the tables sealed, such as a session's token, cannot be sealed anew. A key that sealed such things is kept
//! until all of them are over, and nothing that was under way when it was replaced is still to come by then.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_model::Timestamp;

use super::rows::{RowsOf, SealedRows};
use super::{DataKey, Sealer, Seals};
use crate::cell::{Cell, Snapshot, Transaction};
use crate::env::Env;
use crate::reconcile::{Next, Reconciler};
use crate::tables::Change;

/// What there is to know about data keys beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationSettings {
    /// How long one seals.
    pub every: Duration,
    /// The longest life of what is sealed and in no table.
    pub longest: Duration,
}

/// Replaces, empties and destroys data keys.
pub struct Rotation {
    sealer: Sealer,
    cell: Cell,
    env: Env,
    settings: RotationSettings,
    rows: Vec<Arc<dyn SealedRows>>,
}

impl Rotation {
    pub fn new(sealer: Sealer, cell: Cell, env: Env, settings: RotationSettings) -> Self {
        Rotation { sealer, cell, env, settings, rows: Vec::new() }
    }

    /// A table with something sealed in its rows.
    pub fn of<R: Seals>(mut self) -> Self {
        self.rows.push(Arc::new(RowsOf::<R>::ALL));
        self
    }

    /// Has a new data key seal from now on.
    async fn replace(&self, old: u32, now: Timestamp) -> anyhow::Result<()> {
        let kept_until = now + self.settings.longest;
        let (wrapped, cipher) = self.sealer.new_key().await?;
        let number = old + 1;
        let is_made = self.cell.write(move |tx: &mut Transaction| {
            // Two that seal would be one too many.
            let still = DataKey::newest(tx).is_some_and(|newest| newest.number == old);
            if still {
                tx.update::<DataKey>(&old, |key| {
                    key.is_to_go = false;
                    key.kept_until = Some(kept_until);
                });
                tx.put(DataKey::new(number, wrapped, now));
            }
            Ok::<_, Infallible>(still)
        });
        if is_made.await? {
            self.sealer.take_up(number, cipher);
            tracing::info!(number, "a new data key seals what is secret");
        }
        Ok(())
    }

    /// Deletes the keys that nothing needs any more. What they have sealed, in old backups too, opens never again
    /// without those backups.
    async fn destroy(&self, now: Timestamp) -> anyhow::Result<()> {
        let view = self.cell.snapshot();
        for key in view.table::<DataKey>().iter().filter(|key| is_over(key, now)) {
            let (number, rows) = (key.number, self.rows.clone());
            let destroy = move |tx: &mut Transaction| {
                let needed = rows.iter().any(|rows| rows.need(tx, number));
                if !needed {
                    tx.delete::<DataKey>(&number);
                }
                Ok::<_, Infallible>(!needed)
            };
            if self.cell.write(destroy).await? {
                self.sealer.forget(number);
                tracing::info!(number, "a data key that nothing needs any more is destroyed");
            }
        }
        Ok(())
    }

    /// When there is something to do by itself: not about those that are over and needed all the same.
    fn next(&self, view: &Snapshot, now: Timestamp) -> Option<Timestamp> {
        let due = |key: &DataKey| match key.kept_until {
            None => Some(key.replaced_at(self.settings.every)),
            Some(until) => (until > now).then_some(until),
        };
        view.table::<DataKey>().iter().filter_map(due).min()
    }
}

fn is_over(key: &DataKey, now: Timestamp) -> bool {
    key.kept_until.is_some_and(|until| until <= now)
}

#[async_trait]
impl Reconciler for Rotation {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "data-keys"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(())) {
        if change.of::<DataKey>().is_some() {
            wake(());
        }
    }

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let now = self.env.now();
        let view = self.cell.snapshot();
        let newest = DataKey::newest(&view);
        if let Some(key) = newest.filter(|key| key.replaced_at(self.settings.every) <= now) {
            self.replace(key.number, now).await?;
        }
        for rows in &self.rows {
            rows.seal_anew(&self.cell, &self.sealer).await?;
        }
        self.destroy(now).await?;
        let next = self.next(&self.cell.snapshot(), now);
        Ok(next.map_or(Next::Done, |at| Next::After(at.since(now))))
    }
}

/// Asks for a new data key; the number of the one that it takes over from.
pub fn ask_for_another(tx: &mut Transaction) -> Option<u32> {
    let number = DataKey::newest(tx)?.number;
    tx.update::<DataKey>(&number, |key| key.is_to_go = true);
    Some(number)
}
