//! Registers tasks with their target groups, and takes them out again before they end.
//!
//! A pass looks at one task: what it is registered as is rows ([`TaskTarget`]), written in the transaction that registers
//! it. A task that has ended otherwise, with its host or by itself, is taken out at once, and nobody waits.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::ports::{LoadBalancing, Standing};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, View};
use berth_deployment::Event;
use berth_model::{DesiredStatus, TaskId, TaskStatus, Timestamp};

use crate::progress;
use crate::service::Ecs;
use crate::service_events;
use crate::tables::{HeldStage, Service, Task, TaskTarget};
use crate::traffic::{self, HOLDER, NoTarget};

/// A group that is not there may come back, and nobody says when.
const AGAIN: Duration = Duration::from_secs(15);

pub struct Traffic {
    ecs: Arc<Ecs>,
}

impl Traffic {
    pub fn new(ecs: Arc<Ecs>) -> Self {
        Self { ecs }
    }
}

/// What a task is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Its containers run: it is to get requests.
    In,
    /// It is to get no more, and waits until that is so.
    Out,
    /// It is gone.
    Gone,
    /// It is on its way to run, or to its end.
    Nothing,
}

fn due(task: Option<&Task>) -> Due {
    let Some(task) = task else { return Due::Gone };
    match (task.last_status, task.desired_status) {
        (TaskStatus::Activating | TaskStatus::Running, DesiredStatus::Running) => Due::In,
        (TaskStatus::Deactivating, _) => Due::Out,
        (status, _) if status > TaskStatus::Deactivating => Due::Gone,
        _ => Due::Nothing,
    }
}

#[async_trait]
impl Reconciler for Traffic {
    type Key = TaskId;

    fn name(&self) -> &'static str {
        "traffic"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<TaskId> {
        let tasks = snapshot.table::<Task>();
        let registered = snapshot.table::<TaskTarget>().iter().map(|row| row.task);
        let held = tasks.indexes().behind_balancers.get(&()).copied();
        let mut keys: Vec<TaskId> = held.chain(registered).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(TaskId)) {
        if let Some(task) = change.of::<Task>()
            && traffic::is_held(task.latest())
        {
            let ports =
                |task: &Task| task.containers.iter().any(|it| !it.network_bindings.is_empty());
            let moment = |task: &Task| (due(Some(task)), ports(task));
            if task.before.map(moment) != task.after.map(moment) {
                wake(task.key());
            }
        }
        if let Some(changed) = self.ecs.balancing.changed(change) {
            let view = self.ecs.cell.snapshot();
            view.table::<TaskTarget>().indexes().at(&changed).for_each(|(task, _)| wake(task));
        }
    }

    async fn reconcile(&self, id: &TaskId) -> anyhow::Result<Next> {
        let balancing = &*self.ecs.balancing;
        if is_content(&self.ecs.cell.snapshot(), balancing, *id) {
            return Ok(Next::Done);
        }
        let (balancing, id, now) = (self.ecs.balancing.clone(), *id, self.ecs.env.now());
        let done = self.ecs.cell.write(move |tx| {
            let task = tx.table::<Task>().get_shared(&id);
            Ok::<_, Infallible>(match (due(task.as_deref()), task) {
                (Due::In, Some(task)) => bring_in(tx, &*balancing, &task, now),
                (Due::Out, Some(task)) => {
                    take_out(tx, &*balancing, id, now);
                    let goes_on = is_out(tx, &*balancing, id);
                    if goes_on {
                        forget(tx, id);
                        release(tx, &task, HeldStage::Deactivating, now);
                    }
                    Ok(())
                }
                (Due::Gone, _) => {
                    take_out(tx, &*balancing, id, now);
                    forget(tx, id);
                    Ok(())
                }
                (Due::In | Due::Out | Due::Nothing, _) => Ok(()),
            })
        });
        match done.await? {
            Ok(()) => Ok(Next::Done),
            Err(why) => {
                self.tell(id, why).await?;
                Ok(Next::After(AGAIN))
            }
        }
    }
}

impl Traffic {
    /// Tells the service, once for each cause: every look finds the same again.
    async fn tell(&self, id: TaskId, why: NoTarget) -> anyhow::Result<()> {
        let view = self.ecs.cell.snapshot();
        let service = view.get::<Task>(&id).and_then(|task| task.service);
        let Some(service) = service.and_then(|service| view.get::<Service>(&service)) else {
            return Ok(());
        };
        let NoTarget { group, error } = why;
        let event = Event::UnableToRegister { target_group: group, error };
        let now = self.ecs.env.now();
        if service_events::is_told(&view, service, &event, now) {
            return Ok(());
        }
        let message = event.render(service.name.as_str()).to_string();
        tracing::warn!(task = %id, message, "it cannot be a target yet");
        let (service, event_id) = (service.id, self.ecs.env.id());
        let told = self.ecs.cell.write(move |tx| {
            if let Some(mut service) = tx.get::<Service>(&service).cloned()
                && !service_events::is_told(tx, &service, &event, now)
            {
                service_events::write(tx, &mut service, &event, None, event_id, now);
                tx.put(service);
            }
            Ok::<_, Infallible>(())
        });
        Ok(told.await?)
    }
}

/// Whether there is nothing to write.
fn is_content(view: &Snapshot, balancing: &dyn LoadBalancing, id: TaskId) -> bool {
    let task = view.get::<Task>(&id);
    let mut rows = view.table::<TaskTarget>().within(&id);
    match due(task) {
        Due::In => {
            let waits = task.is_some_and(|task| task.last_status == TaskStatus::Activating);
            let stands = |row: &TaskTarget| {
                let standing = balancing.standing(view.sight(), &row.target());
                !matches!(standing, Standing::Draining | Standing::Gone)
            };
            !waits && rows.all(stands)
        }
        // Out of it again, or never in: somebody still waits for the word.
        Due::Out => {
            let mut draining = rows.filter(|row| {
                let standing = balancing.standing(view.sight(), &row.target());
                standing != Standing::Gone
            });
            draining.next().is_some_and(|first| {
                let is_draining = |row: &TaskTarget| {
                    balancing.standing(view.sight(), &row.target()) == Standing::Draining
                };
                is_draining(first) && draining.all(is_draining)
            })
        }
        Due::Gone => rows.next().is_none(),
        Due::Nothing => true,
    }
}

/// All of its targets or none: half of them is not what anybody asked for.
fn bring_in(
    tx: &mut Transaction,
    balancing: &dyn LoadBalancing,
    task: &Task,
    now: Timestamp,
) -> Result<(), NoTarget> {
    for row in traffic::targets(tx, balancing, task)? {
        let registered = balancing.register(tx, &row.target(), now);
        registered
            .map_err(|error| NoTarget { group: row.group.clone(), error: error.to_string() })?;
        tx.put(row);
    }
    release(tx, task, HeldStage::Activating, now);
    Ok(())
}

fn take_out(tx: &mut Transaction, balancing: &dyn LoadBalancing, id: TaskId, now: Timestamp) {
    for row in rows(tx, id) {
        balancing.deregister(tx, &row.target(), now);
    }
}

/// AWS: a group that no balancer sends requests to has nothing to drain.
fn is_out(tx: &Transaction, balancing: &dyn LoadBalancing, id: TaskId) -> bool {
    rows(tx, id).iter().all(|row| {
        let standing = balancing.standing(tx.sight(), &row.target());
        matches!(standing, Standing::Gone | Standing::Unused)
    })
}

fn forget(tx: &mut Transaction, id: TaskId) {
    for row in rows(tx, id) {
        tx.delete::<TaskTarget>(&(row.task, row.number));
    }
}

fn rows(tx: &Transaction, id: TaskId) -> Vec<TaskTarget> {
    tx.table::<TaskTarget>().within(&id).cloned().collect()
}

fn release(tx: &mut Transaction, task: &Task, stage: HeldStage, now: Timestamp) {
    if let Some(next) = progress::released(tx, task, stage, HOLDER, now) {
        tx.put(next);
    }
}
