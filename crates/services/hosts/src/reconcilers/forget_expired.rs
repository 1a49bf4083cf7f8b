//! Forgets activations that nobody can use any more, and credentials that are over.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record, View};
use berth_model::Timestamp;

use crate::service::Hosts;
use crate::tables::{Activation, HostCredential};

/// How long an expired activation is still shown as such.
const SHOWN: Duration = Duration::from_secs(24 * 60 * 60);

/// The most rows that one transaction forgets.
const AT_ONCE: usize = 500;

/// Works on the driver's timer: nobody can tell how late that is.
pub struct ForgetExpired {
    hosts: Arc<Hosts>,
}

impl ForgetExpired {
    pub fn new(hosts: Arc<Hosts>) -> Self {
        Self { hosts }
    }
}

type Expired = (Vec<<Activation as Record>::Key>, Vec<<HostCredential as Record>::Key>);

fn expired(view: &impl View, now: Timestamp) -> Expired {
    let activations = &view.table::<Activation>().indexes().by_expiry;
    let credentials = &view.table::<HostCredential>().indexes().by_expiry;
    let activations = activations.range(..=now - SHOWN).take(AT_ONCE).map(|(_, key)| key.clone());
    let credentials = credentials.range(..=now).take(AT_ONCE).map(|(_, key)| key.clone());
    (activations.collect(), credentials.collect())
}

#[async_trait]
impl Reconciler for ForgetExpired {
    /// All of them together.
    type Key = ();

    fn name(&self) -> &'static str {
        "forget-expired-host-access"
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, _: &Change, _: &mut dyn FnMut(())) {}

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let now = self.hosts.env.now();
        while expired(&self.hosts.cell.snapshot(), now) != Expired::default() {
            // Looked up anew: a host may have renewed its credentials meanwhile.
            let forget = move |tx: &mut Transaction| {
                let (activations, credentials) = expired(tx, now);
                for key in activations {
                    tx.delete::<Activation>(&key);
                }
                for key in credentials {
                    tx.delete::<HostCredential>(&key);
                }
                Ok::<_, Infallible>(())
            };
            self.hosts.cell.write(forget).await?;
        }
        Ok(Next::Done)
    }
}
