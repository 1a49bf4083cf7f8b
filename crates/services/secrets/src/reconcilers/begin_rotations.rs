//! Begins the rotation of secrets whose window has opened.

use std::sync::Arc;

use async_trait::async_trait;
use berth_aws_api::secretsmanager as api;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record, View};
use berth_model::Timestamp;

use crate::secretsmanager::rotation::next_due;
use crate::secretsmanager::rotation::runs::{self, RunIds};
use crate::service::Secrets;
use crate::tables::{Secret, SecretKey};

/// The most rotations that one transaction begins.
const AT_ONCE: usize = 20;

pub struct BeginRotations {
    secrets: Arc<Secrets>,
}

impl BeginRotations {
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets }
    }
}

fn due(view: &impl View, now: Timestamp) -> Vec<SecretKey> {
    let by_rotation = &view.table::<Secret>().indexes().by_rotation;
    by_rotation.range(..=now).take(AT_ONCE).map(|(_, key)| key.clone()).collect()
}

fn begin(tx: &mut Transaction, key: &SecretKey, ids: RunIds, now: Timestamp) {
    // Looked up anew: it may have been deleted, or its rotation cancelled, meanwhile.
    let found = tx.get::<Secret>(key).cloned();
    let Some(mut secret) = found.filter(|secret| secret.rotates_at().is_some_and(|at| at <= now))
    else {
        return;
    };
    // One that is under way still goes on, and this window is its own.
    if runs::under_way(tx, &secret).is_none() {
        runs::begin(tx, &mut secret, ids, now);
    }
    if let Some(rotation) = &mut secret.rotation {
        rotation.due_at = next_due(rotation, now);
    }
    tx.put(secret);
}

#[async_trait]
impl Reconciler for BeginRotations {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "begin-rotations"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(())) {
        if change.table() == Secret::TABLE {
            wake(());
        }
    }

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let Secrets { cell, env, .. } = &*self.secrets;
        let now = env.now();
        loop {
            let due = due(&cell.snapshot(), now);
            if due.is_empty() {
                break;
            }
            let due: Vec<_> = due.into_iter().map(|key| (key, RunIds::new(env))).collect();
            let begin_all = move |tx: &mut Transaction| {
                for (key, ids) in due {
                    begin(tx, &key, ids, now);
                }
                Ok::<_, api::Error>(())
            };
            cell.write(begin_all).await?;
        }
        let view = cell.snapshot();
        let next = view.table::<Secret>().indexes().by_rotation.iter().next().map(|(at, _)| *at);
        Ok(next.map_or(Next::Done, |at| Next::After(at.since(now))))
    }
}
