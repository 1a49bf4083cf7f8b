//! Keeps the promise of one service: the tasks that its owner asked for.
//!
//! A pass looks at the service as it is (`service/observe.rs`), has `deployment` plan what to do about it, and
//! carries that out in the same transaction (`service/carry_out.rs`): tasks are placed and recorded
//! (`service/start.rs`) or asked to stop, rows of deployments change, events are told. What it looks at outside
//! of a transaction only says whether one is worth while, so that a service at rest costs nothing.
//!
//! It is woken by changes of the service, of its tasks and of the instances of its cluster, and where tasks found
//! no room, by every task that ends there; a daemon also by the end of what keeps it on a draining instance. What
//! waits for a time says so in its plan.

mod carry_out;
mod observe;
mod second_look;
mod start;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::reconcile::{Next, Options, Reconciler};
use berth_control::tables::{Change, View};
use berth_deployment::{Plan, plan};
use berth_model::{ClusterId, ContainerInstanceStatus, ServiceId, ServiceStatus};

use crate::image_resolution;
use crate::launch;
use crate::service::Ecs;
use crate::tables::{ContainerInstance, Service, ServiceDeployment, Task, TaskSet, TaskTarget};
use carry_out::Supplies;
use observe::Observed;
use second_look::SecondLook;

/// The most tasks that one transaction starts; what is left over is started by the next.
const AT_ONCE: usize = 1_000;

/// Everything that matters wakes a service, so that the timer is there for mistakes only.
const INTERVAL: Duration = Duration::from_secs(10 * 60);

/// A pass looks at every task of its service, and every task that starts wakes it: without rest a large service
/// that grows would look at all its tasks for each of them.
const REST: u32 = 4;

pub struct Services {
    ecs: Arc<Ecs>,
}

impl Services {
    pub fn new(ecs: Arc<Ecs>) -> Self {
        Self { ecs }
    }

    pub fn options() -> Options {
        Options { interval: INTERVAL, rest: REST, ..Options::default() }
    }

    /// Digests come with most tasks and are no news, unless they are not those of the others.
    fn shows_another_version(&self, before: Option<&Task>, after: Option<&Task>) -> bool {
        let Some(task) = after.filter(|_| observe::is_another_image(before, after)) else {
            return false;
        };
        let view = self.ecs.cell.snapshot();
        image_resolution::is_another_version(task, image_resolution::resolved(&view, task))
    }

    /// Services of this cluster that would start more tasks if there were room.
    fn in_want_of_room(view: &impl View, cluster: ClusterId) -> Vec<ServiceId> {
        let deployments = view.table::<ServiceDeployment>().indexes();
        let sets = view.table::<TaskSet>().indexes();
        let of_deployments = deployments.in_want_of_room.get(&cluster);
        let all = of_deployments.chain(sets.in_want_of_room.get(&cluster));
        all.map(|(service, _)| *service).collect()
    }
}

/// AWS: a daemon's task is the last to leave a draining instance, so its service waits for the others there.
fn leaves_draining(view: &impl View, task: &Task) -> bool {
    let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
    instance.is_some_and(|instance| instance.status == ContainerInstanceStatus::Draining)
}

fn of_cluster(view: &impl View, cluster: ClusterId) -> impl Iterator<Item = &Service> {
    let services = view.table::<Service>();
    let of_cluster = services.indexes().by_cluster.get(&cluster);
    of_cluster.filter_map(|(_, id)| services.get(id)).collect::<Vec<_>>().into_iter()
}

#[async_trait]
impl Reconciler for Services {
    type Key = ServiceId;

    fn name(&self) -> &'static str {
        "services"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<ServiceId> {
        let present = |service: &&Service| service.status != ServiceStatus::Inactive;
        snapshot.table::<Service>().iter().filter(present).map(|service| service.id).collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(ServiceId)) {
        if let Some(service) = change.of::<Service>() {
            wake(service.key());
        }
        if let Some(changed) = self.ecs.balancing.changed(change) {
            let view = self.ecs.cell.snapshot();
            let targets = view.table::<TaskTarget>().indexes();
            targets.at(&changed).for_each(|(_, service)| wake(service));
        }
        if let Some(deployment) = change.of::<ServiceDeployment>() {
            wake(deployment.latest().service);
        }
        if let Some(set) = change.of::<TaskSet>() {
            wake(set.latest().service);
        }
        if let Some(task) = change.of::<Task>() {
            if let Some(service) = task.latest().service
                && (observe::is_seen(task.before, task.after)
                    || self.shows_another_version(task.before, task.after))
            {
                wake(service);
            }
            let freed = |task: &Task| !task.holds_resources();
            if task.before.is_some_and(|before| !freed(before)) && task.after.is_none_or(freed) {
                let view = self.ecs.cell.snapshot();
                let cluster = task.latest().cluster;
                Self::in_want_of_room(&view, cluster).into_iter().for_each(&mut *wake);
                if leaves_draining(&view, task.latest()) {
                    of_cluster(&view, cluster)
                        .filter(|it| it.is_daemon())
                        .for_each(|it| wake(it.id));
                }
            }
        }
        if let Some(instance) = change.of::<ContainerInstance>()
            && observe::is_another(instance.before, instance.after)
        {
            let view = self.ecs.cell.snapshot();
            of_cluster(&view, instance.latest().cluster).for_each(|service| wake(service.id));
        }
    }

    async fn reconcile(&self, id: &ServiceId) -> anyhow::Result<Next> {
        let id = *id;
        let (first, observed) = {
            let view = self.ecs.cell.snapshot();
            let now = self.ecs.env.now();
            let Some(observed) = Observed::of(&view, id, &self.ecs.patience, &*self.ecs.balancing)
            else {
                return Ok(Next::Done);
            };
            (plan(&observed.seen, now), observed)
        };
        if first.is_empty() && !observed.came_short() {
            return Ok(self.next(&first));
        }
        let wanted: usize = first.start.iter().map(|start| start.count as usize).sum();
        let mut supplies = Supplies {
            tasks: launch::ids(&self.ecs.env, wanted.min(AT_ONCE)).into_iter(),
            events: self.ecs.env.id(),
            seed: self.ecs.env.id(),
            ecs: self.ecs.clone(),
        };
        let (now, patience) = (self.ecs.env.now(), self.ecs.patience.clone());
        let balancing = self.ecs.balancing.clone();
        let carried_out = self
            .ecs
            .cell
            .write(move |tx: &mut Transaction| {
                // Looked up anew: what was seen outside of the transaction may have changed.
                let Some(observed) = Observed::of(tx, id, &patience, &*balancing) else {
                    return Ok(None);
                };
                let plan = plan(&observed.seen, now);
                let second = SecondLook::after(&observed, &plan, supplies.tasks.len());
                carry_out::carry_out(tx, observed, &plan, &mut supplies, now);
                second.look(tx, &patience, &*balancing, now);
                Ok::<_, Infallible>(Some(plan))
            })
            .await?;
        let Some(plan) = carried_out else { return Ok(Next::Done) };
        tracing::debug!(service = %id, explanation = %plan.explanation, "a service's plan was carried out");
        Ok(self.next(&plan))
    }
}

impl Services {
    fn next(&self, plan: &Plan) -> Next {
        match plan.ask_again_at {
            None => Next::Done,
            Some(at) => Next::After(at.since(self.ecs.env.now())),
        }
    }
}
