//! Gives tasks that wait for capacity their places, the one that has waited longest first.
//!
//! A task that still finds none is passed over: one that is too large for every instance holds nobody up.
//!
//! DEVIATES: AWS gives up on a task that has waited for too long; here it waits until there is room or somebody stops it.

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Changed, View};
use berth_model::{ClusterId, DesiredStatus, TaskId, Timestamp};
use berth_scheduler::{Request, place};

use crate::launch::{Launch, Prepared};
use crate::placement_rules;
use crate::progress;
use crate::provisioning::HOLDER;
use crate::service::Ecs;
use crate::tables::{ContainerInstance, HeldStage, Task, WaitingTask};

pub struct Provisioning {
    ecs: Arc<Ecs>,
}

impl Provisioning {
    pub fn new(ecs: Arc<Ecs>) -> Self {
        Self { ecs }
    }
}

#[async_trait]
impl Reconciler for Provisioning {
    type Key = ClusterId;

    fn name(&self) -> &'static str {
        "provisioning"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<ClusterId> {
        let mut clusters: Vec<_> =
            snapshot.table::<WaitingTask>().iter().map(|waiting| waiting.cluster).collect();
        clusters.sort();
        clusters.dedup();
        clusters
    }

    /// Someone begins to wait, or there may be more room than there was.
    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(ClusterId)) {
        if let Some(waiting) = change.of::<WaitingTask>() {
            wake(waiting.latest().cluster);
        } else if let Some(instance) = change.of::<ContainerInstance>() {
            wake(instance.latest().cluster);
        } else if let Some(Changed { before: Some(before), after }) = change.of::<Task>()
            && before.holds_resources()
            && !after.is_some_and(Task::holds_resources)
        {
            wake(before.cluster);
        }
    }

    async fn reconcile(&self, cluster: &ClusterId) -> anyhow::Result<Next> {
        let waiting = waiting(&self.ecs.cell.snapshot(), *cluster);
        if !waiting.is_empty() {
            let (ecs, cluster, now) = (self.ecs.clone(), *cluster, self.ecs.env.now());
            let place = move |tx: &mut Transaction| {
                for id in self::waiting(tx, cluster) {
                    serve(&ecs, tx, cluster, id, now);
                }
                Ok::<_, Infallible>(())
            };
            self.ecs.cell.write(place).await?;
        }
        Ok(Next::Done)
    }
}

/// Who has waited longest comes first.
fn waiting(view: &impl View, cluster: ClusterId) -> Vec<TaskId> {
    let by_cluster = &view.table::<WaitingTask>().indexes().by_cluster;
    by_cluster.get(&cluster).map(|(_, task)| *task).collect()
}

/// Places a task if there is room for it; one that has ended waits no longer.
fn serve(ecs: &Ecs, tx: &mut Transaction, cluster: ClusterId, id: TaskId, now: Timestamp) {
    let waits = |task: &&Task| {
        task.container_instance.is_none() && task.desired_status == DesiredStatus::Running
    };
    let Some(task) = tx.get::<Task>(&id).filter(waits).cloned() else {
        tx.delete::<WaitingTask>(&id);
        return;
    };
    let Some((prepared, request)) = asked(ecs, tx, &task) else { return };
    let plan = ecs.fleets.with(tx, cluster, |fleet| place(fleet, &request));
    let Some(placement) = plan.placements.first() else { return };
    ecs.decisions.note([id], &request, &plan, now);
    let mut placed = task;
    prepared.place(tx, &mut placed, placement.instance);
    let released = progress::released(tx, &placed, HeldStage::Provisioning, HOLDER, now);
    tx.put(released.unwrap_or(placed));
    tx.delete::<WaitingTask>(&id);
}

/// What the task asks of its place, as when it began to wait. `None`: what it refers to is gone, and it stays.
fn asked(ecs: &Ecs, view: &impl View, task: &Task) -> Option<(Prepared, Request)> {
    let waiting = view.get::<WaitingTask>(&task.id)?;
    let given = waiting.constraints.iter().map(|constraint| (**constraint).clone()).collect();
    let mut constraints = placement_rules::constraints(given).ok()?;
    let given = waiting.strategies.iter().map(|strategy| (**strategy).clone()).collect();
    let strategies = placement_rules::strategies(given).ok()?;
    let prepared = Launch::of(view, task)?.prepare().ok()?;
    constraints.splice(0..0, prepared.constraints.iter().cloned());
    let request = Request {
        constraints,
        strategies: match task.service {
            Some(_) => placement_rules::or_default_of_services(strategies),
            None => placement_rules::or_default(strategies),
        },
        capacity_provider: task.capacity_provider.as_deref().map(Into::into),
        ..prepared.request(seed(task.id), ecs.limits.tasks_per_instance)
    };
    Some((prepared, request))
}

/// The same for each attempt, so that a pass has no chance of its own.
fn seed(id: TaskId) -> u64 {
    let bytes = id.as_bytes();
    u64::from_be_bytes(std::array::from_fn(|at| bytes[at]))
}
