//! Deletes keys whose window has passed, and rotates those whose time has come.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record};
use berth_model::{Scope, Timestamp};
use std::convert::Infallible;

use crate::keys::rotate;
use crate::service::Secrets;
use crate::tables::{Alias, Key, KeyState, Made};

/// A pass for all that is due, and one when the next is.
pub struct KeysDue {
    secrets: Arc<Secrets>,
}

impl KeysDue {
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets }
    }
}

/// The most keys that one transaction is about.
const AT_ONCE: usize = 100;

fn due(snapshot: &Snapshot, now: Timestamp) -> Vec<(Scope, [u8; 16])> {
    let by_due = &snapshot.table::<Key>().indexes().by_due;
    by_due.range(..=now).take(AT_ONCE).map(|(_, key)| key.clone()).collect()
}

#[async_trait]
impl Reconciler for KeysDue {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "keys-due"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(())) {
        if change.of::<Key>().is_some() {
            wake(());
        }
    }

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let Secrets { cell, env, vault, .. } = &*self.secrets;
        let now = env.now();
        loop {
            let keys = due(&cell.snapshot(), now);
            if keys.is_empty() {
                break;
            }
            let vault = vault.clone();
            cell.write(move |tx: &mut Transaction| {
                for key in keys {
                    // Looked at anew: somebody may have been faster.
                    let found = tx.get::<Key>(&key).cloned();
                    let Some(mut key) =
                        found.filter(|key| key.due_at().is_some_and(|at| at <= now))
                    else {
                        continue;
                    };
                    match key.state {
                        KeyState::PendingDeletion { .. } => forget(tx, &key),
                        _ => {
                            rotate(&vault, &mut key, Made::OnSchedule, now);
                            tx.put(key);
                        }
                    }
                }
                Ok::<_, Infallible>(())
            })
            .await?;
        }
        let snapshot = cell.snapshot();
        let next = snapshot.table::<Key>().indexes().by_due.iter().next().map(|(at, _)| *at);
        Ok(next.map_or(Next::Done, |at| Next::After(at.since(now))))
    }
}

/// What it has encrypted opens no more, whoever asks. AWS: its aliases go with it.
fn forget(tx: &mut Transaction, key: &Key) {
    let names: Vec<_> = tx.table::<Alias>().indexes().by_target.get(&key.key()).cloned().collect();
    for name in names {
        tx.delete::<Alias>(&(key.scope.clone(), name));
    }
    tx.delete::<Key>(&key.key());
}
