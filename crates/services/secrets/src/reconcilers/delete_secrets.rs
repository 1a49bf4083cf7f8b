//! Deletes secrets for good when the time to restore them has passed.

use std::sync::Arc;

use async_trait::async_trait;
use berth_aws_api::secretsmanager as api;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record, View};

use crate::secretsmanager::versions;
use crate::service::Secrets;
use crate::tables::{Secret, SecretKey};

/// The most secrets that one transaction deletes: each has up to a hundred versions.
const AT_ONCE: usize = 20;

pub struct DeleteSecrets {
    secrets: Arc<Secrets>,
}

impl DeleteSecrets {
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets }
    }
}

/// Those whose time has passed.
fn due(view: &impl View, now: berth_model::Timestamp) -> Vec<SecretKey> {
    let by_deletion = &view.table::<Secret>().indexes().by_deletion;
    by_deletion.range(..=now).take(AT_ONCE).map(|(_, key)| key.clone()).collect()
}

#[async_trait]
impl Reconciler for DeleteSecrets {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "delete-secrets"
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
        while !due(&cell.snapshot(), now).is_empty() {
            // Looked up anew: one may have been restored meanwhile.
            let delete = move |tx: &mut Transaction| {
                for key in due(tx, now) {
                    if let Some(secret) = tx.get::<Secret>(&key).cloned() {
                        versions::forget(tx, &secret);
                    }
                }
                Ok::<_, api::Error>(())
            };
            cell.write(delete).await?;
        }
        let view = cell.snapshot();
        let next = view.table::<Secret>().indexes().by_deletion.iter().next().map(|(at, _)| *at);
        Ok(next.map_or(Next::Done, |at| Next::After(at.since(now))))
    }
}
