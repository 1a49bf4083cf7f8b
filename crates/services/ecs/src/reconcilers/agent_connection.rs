//! Notices agents that are gone without a word to this server.
//!
//! A session notes its own end, unless the server ended first. So an instance that says it is connected
//! and has no session here is given a while to come back, and is then shown as it is.

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::Snapshot;
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::Change;
use berth_model::{ContainerInstanceId, Timestamp};

use crate::service::Ecs;
use crate::tables::ContainerInstance;

pub struct AgentConnection {
    ecs: Arc<Ecs>,
    started_at: Timestamp,
}

impl AgentConnection {
    pub fn new(ecs: Arc<Ecs>) -> Self {
        let started_at = ecs.env.now();
        Self { ecs, started_at }
    }

    /// When an instance that shows no session is taken to be gone: it has a while to open its socket, after it
    /// registered and after this server started.
    fn deadline(&self, instance: &ContainerInstance) -> Timestamp {
        let since = instance.connection_changed_at.unwrap_or(instance.registered_at);
        since.max(self.started_at) + self.ecs.patience.agent_silence
    }
}

#[async_trait]
impl Reconciler for AgentConnection {
    type Key = ContainerInstanceId;

    fn name(&self) -> &'static str {
        "agent-connection"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<ContainerInstanceId> {
        let instances = snapshot.table::<ContainerInstance>();
        instances
            .iter()
            .filter(|instance| instance.agent_connected)
            .map(|instance| instance.id)
            .collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(ContainerInstanceId)) {
        if let Some(instance) = change.of::<ContainerInstance>() {
            wake(instance.key());
        }
    }

    async fn reconcile(&self, id: &ContainerInstanceId) -> anyhow::Result<Next> {
        let (id, now) = (*id, self.ecs.env.now());
        let snapshot = self.ecs.cell.snapshot();
        let Some(instance) =
            snapshot.get::<ContainerInstance>(&id).filter(|instance| instance.agent_connected)
        else {
            return Ok(Next::Done);
        };
        if self.ecs.roster.is_connected(&id) {
            return Ok(Next::Done);
        }
        let deadline = self.deadline(instance);
        if now < deadline {
            return Ok(Next::After(deadline.since(now)));
        }
        let seen = snapshot.table::<ContainerInstance>().revision(&id);
        let note = move |tx: &mut berth_control::cell::Transaction| {
            // A change since then has queued another pass: that one decides.
            let Some(instance) = tx.get::<ContainerInstance>(&id) else { return Ok(()) };
            if tx.table::<ContainerInstance>().revision(&id) == seen {
                let gone = ContainerInstance {
                    agent_connected: false,
                    version: instance.version + 1,
                    connection_changed_at: Some(now),
                    ..instance.clone()
                };
                tx.put(gone);
            }
            Ok::<_, Infallible>(())
        };
        self.ecs.cell.write(note).await?;
        Ok(Next::Done)
    }
}
