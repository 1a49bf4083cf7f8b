//! Ends the tasks of container instances whose agents have been away for so long that the host must be gone.
//!
//! DEVIATES: ECS shows the tasks of a disconnected instance as they were last seen until EC2 says that the instance is
//! terminated. Nobody says so of a machine that somebody owns, so a time limit does (`--lost-after`; `never` is ECS's
//! way).
//!
//! The tasks are STOPPED with stop code TerminationNotice, which is ECS's for capacity that is taken away: nobody asked
//! for the stop, and no container is known to have failed. The instance stays registered: if its host comes back after
//! all, the agent is told with the next manifest to stop what still runs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, View};
use berth_lifecycle::StopCause;
use berth_model::{ContainerInstanceId, ContainerInstanceStatus, StopCode, Timestamp};

use crate::progress;
use crate::service::Ecs;
use crate::tables::{ContainerInstance, Task};

pub struct LostInstances {
    ecs: Arc<Ecs>,
    lost_after: Duration,
    started_at: Timestamp,
}

impl LostInstances {
    pub fn new(ecs: Arc<Ecs>, lost_after: Duration) -> Self {
        let started_at = ecs.env.now();
        Self { ecs, lost_after, started_at }
    }

    /// When a silent instance is lost. A server that was away cannot hold its own silence against anybody.
    fn lost_at(&self, silent_since: Timestamp) -> Timestamp {
        silent_since.max(self.started_at) + self.lost_after
    }
}

/// Since when nothing is heard of it, if it should be.
fn silent_since(instance: &ContainerInstance) -> Option<Timestamp> {
    let is_silent =
        instance.status != ContainerInstanceStatus::Inactive && !instance.agent_connected;
    is_silent.then(|| instance.connection_changed_at.unwrap_or(instance.registered_at))
}

fn has_unfinished_tasks(view: &impl View, instance: &ContainerInstanceId) -> bool {
    view.table::<Task>().indexes().unfinished_by_instance.first(instance).is_some()
}

#[async_trait]
impl Reconciler for LostInstances {
    type Key = ContainerInstanceId;

    fn name(&self) -> &'static str {
        "lost-instances"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<ContainerInstanceId> {
        let instances = snapshot.table::<ContainerInstance>();
        instances
            .iter()
            .filter(|instance| silent_since(instance).is_some())
            .map(|instance| instance.id)
            .collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(ContainerInstanceId)) {
        // No task is placed on a silent instance, so only its own changes matter.
        if let Some(instance) = change.of::<ContainerInstance>()
            && silent_since(instance.latest()).is_some()
        {
            wake(instance.key());
        }
    }

    async fn reconcile(&self, id: &ContainerInstanceId) -> anyhow::Result<Next> {
        let (id, now) = (*id, self.ecs.env.now());
        let snapshot = self.ecs.cell.snapshot();
        let Some(since) = snapshot.get::<ContainerInstance>(&id).and_then(silent_since) else {
            return Ok(Next::Done);
        };
        if !has_unfinished_tasks(&snapshot, &id) {
            return Ok(Next::Done);
        }
        let lost_at = self.lost_at(since);
        if now < lost_at {
            return Ok(Next::After(lost_at.since(now)));
        }
        let end = move |tx: &mut Transaction| {
            // It may have come back since; if it then fell silent again, another pass is queued.
            let still =
                tx.get::<ContainerInstance>(&id).filter(|row| silent_since(row) == Some(since));
            let ended = match still.cloned() {
                Some(instance) => end_tasks(tx, &instance, since, now),
                None => 0,
            };
            Ok::<_, Infallible>(ended)
        };
        let ended = self.ecs.cell.write(end).await?;
        if ended > 0 {
            tracing::warn!(instance = %id, silent_since = %since, tasks = ended, "a host is lost");
        }
        Ok(Next::Done)
    }
}

/// How many there were.
fn end_tasks(
    tx: &mut Transaction,
    instance: &ContainerInstance,
    since: Timestamp,
    now: Timestamp,
) -> usize {
    let cause = StopCause { code: StopCode::TerminationNotice, reason: reason(instance, since) };
    let tasks = tx.table::<Task>();
    let here =
        tasks.indexes().unfinished_by_instance.get(&instance.id).filter_map(|id| tasks.get(id));
    let ended: Vec<Task> =
        here.filter_map(|task| progress::ended(tx, task, cause.clone(), now)).collect();
    let count = ended.len();
    for task in ended {
        tx.put(task);
    }
    count
}

fn reason(instance: &ContainerInstance, since: Timestamp) -> String {
    let host = match &instance.ec2_instance_id {
        Some(ec2_instance_id) => format!("{ec2_instance_id}, container instance {}", instance.id),
        None => format!("container instance {}", instance.id),
    };
    format!("Host lost ({host}): nothing has been heard of its agent since {since}.")
}
