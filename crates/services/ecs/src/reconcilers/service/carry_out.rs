//! A plan becomes rows, in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_control::cell::Transaction;
use berth_deployment::{Event, Plan, Role, StopReason, full_zones};
use berth_lifecycle::StopCause;
use berth_model::{ServiceStatus, StopCode, TaskId, TaskSetId, Timestamp};

use super::observe::Observed;
use super::start::{self, Started};
use crate::launch::TaskIds;
use crate::progress;
use crate::rollout;
use crate::service::Ecs;
use crate::service_events;
use crate::tables::{
    ResolvedImages, Service, ServiceDeployment, ServiceRevision, Task, TaskSet, Unplaced,
};
use crate::traffic::{Illness, rules};

/// AWS: a long list of tasks is told in several events.
const TASKS_PER_EVENT: usize = 100;

/// What was made beforehand: a transaction has no randomness of its own.
pub struct Supplies {
    pub tasks: std::vec::IntoIter<TaskIds>,
    /// The id of the first event; the others count up from it.
    pub events: [u8; 16],
    pub seed: [u8; 16],
    pub ecs: Arc<Ecs>,
}

impl Supplies {
    pub fn seed(&self) -> u64 {
        u64::from_be_bytes(self.seed[..8].try_into().expect("sixteen bytes have a first eight"))
    }

    fn next_event(&mut self) -> [u8; 16] {
        let id = self.events;
        self.events = u128::from_be_bytes(id).wrapping_add(1).to_be_bytes();
        id
    }
}

pub fn carry_out(
    tx: &mut Transaction,
    observed: Observed,
    plan: &Plan,
    supplies: &mut Supplies,
    now: Timestamp,
) {
    let before = observed.service;
    let rules_before = rules::so_far(tx, &before);
    let mut service = Service::clone(&before);
    for task in &plan.accounted {
        tx.update(task, |task: &mut Task| task.accounted = true);
    }
    for stop in &plan.stop {
        let reason = match observed.ill.get(&stop.task) {
            Some(illness) if stop.why == StopReason::Unhealthy => {
                format!("Task failed ELB health checks in (target-group {})", illness.target.group)
            }
            _ => stop.why.render().to_string(),
        };
        ask_to_stop(tx, &stop.task, reason, now);
    }
    let mut unplaced: Vec<(TaskSetId, Unplaced)> = Vec::new();
    let (mut events, mut tried) = (Vec::new(), Vec::new());
    for wanted in &plan.start {
        let Started { tasks, unplaced: left } =
            start::start(tx, &observed.cluster, &service, wanted, supplies, now);
        let told = tasks
            .chunks(TASKS_PER_EVENT)
            .map(|tasks| wanted.told(service.controller, tasks.to_vec()));
        events.extend(told);
        tried.push((wanted, left.tasks));
        match unplaced.iter_mut().find(|(number, _)| *number == wanted.deployment) {
            Some((_, sum)) => {
                sum.tasks += left.tasks;
                sum.because = sum.because.take().or(left.because);
                sum.unlaunched |= left.unlaunched;
            }
            None => unplaced.push((wanted.deployment, left)),
        }
    }
    let unplaced_of = |number: TaskSetId| {
        let found = unplaced.iter().find(|(of, _)| *of == number);
        let unplaced = found.map_or_else(Unplaced::default, |(_, unplaced)| unplaced.clone());
        let seen = observed.seen.deployments.iter().find(|deployment| deployment.id == number);
        let before = seen.map_or(&[][..], |deployment| &deployment.full_zones);
        let of_it = tried.iter().filter(|(wanted, _)| wanted.deployment == number);
        let full = full_zones(before, of_it.map(|(wanted, left)| (&wanted.place, *left)));
        Unplaced { zones: full.iter().map(ToString::to_string).collect(), ..unplaced }
    };
    if service.has_task_sets() {
        change_task_sets(tx, &service, plan, unplaced_of);
    } else {
        change_deployments(tx, &mut service, plan, unplaced_of, now);
        let balancing = &*supplies.ecs.balancing;
        events.extend(rules::follow(tx, balancing, &service, &rules_before));
    }
    if let Some(memory) = &plan.memory {
        service.memory = memory.clone();
    }
    if let Some(status) = plan.status {
        service.status = status;
        if status == ServiceStatus::Inactive {
            service.inactive_at = Some(now);
            end(tx, &service, now);
        }
    }
    events.extend(plan.events.iter().cloned());
    tell(tx, &mut service, &events, &observed.ill, supplies, now);
    if service != *before {
        tx.put(service);
    }
}

fn ask_to_stop(tx: &mut Transaction, id: &TaskId, reason: String, now: Timestamp) {
    let cause = StopCause { code: StopCode::ServiceSchedulerInitiated, reason };
    let stopped = tx.get::<Task>(id).and_then(|task| match task.container_instance {
        Some(_) => progress::asked_to_stop(tx, task, cause, now),
        // Nobody has it yet, so nobody will ever report its end.
        None => progress::ended(tx, task, cause, now),
    });
    if let Some(stopped) = stopped {
        tx.put(stopped);
    }
}

fn change_deployments(
    tx: &mut Transaction,
    service: &mut Service,
    plan: &Plan,
    unplaced: impl Fn(TaskSetId) -> Unplaced,
    now: Timestamp,
) {
    let rows: Vec<ServiceDeployment> = rollout::in_play(tx, service).cloned().collect();
    for before in rows {
        let mut row = before.clone();
        if let Some((_, progress)) = plan.deployments.iter().find(|(of, _)| *of == row.number) {
            row.progress = progress.clone();
        }
        row.unplaced = unplaced(row.number);
        if plan.removed.contains(&row.number) {
            row.ended_at = Some(now);
            row.unplaced = Unplaced::default();
        } else if row.progress.role == Role::Primary {
            // After a rollback it is an older one.
            service.revision = Some(row.number);
        }
        if row != before {
            tx.put(row);
        }
    }
}

fn change_task_sets(
    tx: &mut Transaction,
    service: &Service,
    plan: &Plan,
    unplaced: impl Fn(TaskSetId) -> Unplaced,
) {
    let sets: Vec<TaskSet> = tx.table::<TaskSet>().within(&service.id).cloned().collect();
    for before in sets {
        if plan.removed.contains(&before.id) {
            delete_task_set(tx, service, before.id);
            continue;
        }
        let mut set = before.clone();
        if let Some((_, progress)) = plan.deployments.iter().find(|(of, _)| *of == set.id) {
            set.progress = progress.clone();
        }
        set.unplaced = unplaced(set.id);
        if set != before {
            tx.put(set);
        }
    }
}

/// The revision goes with it, unless the service is still shown with that.
fn delete_task_set(tx: &mut Transaction, service: &Service, id: TaskSetId) {
    tx.delete::<TaskSet>(&(service.id, id));
    if service.revision != Some(id) {
        tx.delete::<ServiceRevision>(&(service.id, id));
        tx.delete::<ResolvedImages>(&(service.id, id));
    }
}

/// A service that is over has nothing in play any more.
fn end(tx: &mut Transaction, service: &Service, now: Timestamp) {
    let rows: Vec<ServiceDeployment> = rollout::in_play(tx, service).cloned().collect();
    for row in rows {
        tx.put(ServiceDeployment { ended_at: Some(now), unplaced: Unplaced::default(), ..row });
    }
    let sets: Vec<TaskSetId> =
        tx.table::<TaskSet>().within(&service.id).map(|set| set.id).collect();
    for set in sets {
        delete_task_set(tx, service, set);
    }
}

fn tell(
    tx: &mut Transaction,
    service: &mut Service,
    events: &[Event],
    ill: &BTreeMap<TaskId, Illness>,
    supplies: &mut Supplies,
    now: Timestamp,
) {
    for event in events {
        let message = match event {
            Event::TaskUnhealthy { task } => ill.get(task).map(|illness| {
                let of = tx.get::<Task>(task).and_then(|task| task.deployment);
                let task_set = of.filter(|_| service.has_task_sets());
                illness.told(service.name.as_str(), task_set, *task)
            }),
            _ => None,
        };
        service_events::write(tx, service, event, message, supplies.next_event(), now);
    }
}
