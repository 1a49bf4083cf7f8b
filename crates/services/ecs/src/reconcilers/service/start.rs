//! Starting a service's tasks: each finds an instance, or it is said why none takes it.

use std::sync::Arc;

use berth_aws_api::{ServiceError, ecs as api};
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_deployment::{Place, Start};
use berth_model::{ContainerInstanceId, TaskId, Timestamp, Word};
use berth_scheduler::{
    Attributes, Constraint, Plan, Reason, Refusal, Request, check_one, closest_refusal, place,
};

use super::carry_out::Supplies;
use crate::fleet;
use crate::launch::{Prepared, TaskIds};
use crate::provisioning;
use crate::service_launch;
use crate::shares::{self, Share};
use crate::tables::{Cluster, ContainerInstance, Service, ServiceRevision, Stored, Task, Unplaced};

/// What became of a start.
pub struct Started {
    pub tasks: Vec<TaskId>,
    pub unplaced: Unplaced,
}

/// Places and records as many of the tasks as there are ids for.
pub fn start(
    tx: &mut Transaction,
    cluster: &Cluster,
    service: &Service,
    wanted: &Start,
    supplies: &mut Supplies,
    now: Timestamp,
) -> Started {
    let count = wanted.count.min(supplies.tasks.len() as u32);
    let nothing = |because: String| Started {
        tasks: Vec::new(),
        unplaced: Unplaced {
            tasks: wanted.count,
            because: Some(because),
            zones: Vec::new(),
            unlaunched: true,
        },
    };
    let prepared = prepare(tx, cluster, service, wanted, now).and_then(|prepared| {
        let allowed = prepared.check_roles(&*supplies.ecs.roles, &cluster.scope);
        allowed.map(|()| prepared).map_err(|error| error.message().unwrap_or_default().to_owned())
    });
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(because) => return nothing(because),
    };
    let request = match request(service, wanted, &prepared, count, supplies) {
        Ok(request) => request,
        Err(because) => return nothing(because),
    };
    let shares = match shares::of_deployment(tx, cluster, service, wanted.deployment, count) {
        Ok(shares) => shares,
        Err(error) => return nothing(error.message().unwrap_or_default().to_owned()),
    };
    let mut started = Started { tasks: Vec::new(), unplaced: Unplaced::default() };
    for Share { provider, count } in shares {
        let name = provider.as_ref().map(|provider| provider.name.to_string());
        let capacity_provider = name.as_deref().map(Into::into);
        let request = Request { count, capacity_provider, ..request.clone() };
        let Found { instances, closest, plan } = find(tx, cluster, wanted, &request, supplies);
        let mut left = count.saturating_sub(instances.len() as u32);
        let already = started.tasks.len();
        for instance in instances {
            let Some(ids) = supplies.tasks.next() else { break };
            let task = Task {
                capacity_provider: name.as_deref().map(Word::from),
                ..prepared.task(tx, cluster, &ids, instance)
            };
            started.tasks.push(task.id);
            tx.put(task);
        }
        if let Some(plan) = &plan {
            let placed = started.tasks[already..].iter().copied();
            supplies.ecs.decisions.note(placed, &request, plan, now);
        }
        // Where a task is only wanted in a certain place, none is wanted where there will be room some day.
        if wanted.place == Place::Anywhere && provider.is_some_and(|it| it.is_scaled()) {
            let waiting = wait(tx, cluster, service, &prepared, name.as_deref(), left, supplies);
            left -= waiting.len() as u32;
            started.tasks.extend(waiting);
        }
        if left > 0 {
            started.unplaced.tasks += left;
            started.unplaced.because.get_or_insert_with(|| in_words(closest.as_ref()));
        }
    }
    started
}

/// Records tasks that wait for an instance of their provider, as many as may.
fn wait(
    tx: &mut Transaction,
    cluster: &Cluster,
    service: &Service,
    prepared: &Prepared,
    provider: Option<&str>,
    count: u32,
    supplies: &mut Supplies,
) -> Vec<TaskId> {
    let limit = supplies.ecs.limits.provisioning_tasks_per_cluster;
    let room = provisioning::room_to_wait(tx, cluster.id, limit).min(count as usize);
    let constraints = shapes(&service.placement_constraints);
    let strategies = shapes(&service.placement_strategy);
    let ids: Vec<TaskIds> = supplies.tasks.by_ref().take(room).collect();
    let waiting = ids.iter().map(|ids| {
        let task =
            Task { capacity_provider: provider.map(Word::from), ..prepared.unplaced(cluster, ids) };
        provisioning::wait(tx, task, &constraints, &strategies).id
    });
    waiting.collect()
}

fn shapes<T: Clone>(stored: &[Stored<T>]) -> Vec<T> {
    stored.iter().map(|shape| (**shape).clone()).collect()
}

fn prepare(
    tx: &Transaction,
    cluster: &Cluster,
    service: &Service,
    wanted: &Start,
    now: Timestamp,
) -> Result<Prepared, String> {
    let revision = tx
        .get::<ServiceRevision>(&(service.id, wanted.deployment))
        .ok_or_else(|| "The service revision is gone.".to_owned())?;
    service_launch::launch(tx, cluster, service, revision, wanted.deployment, now)
        .and_then(crate::launch::Launch::prepare)
        .map_err(|error| error.message().unwrap_or_default().to_owned())
}

fn request(
    service: &Service,
    wanted: &Start,
    prepared: &Prepared,
    count: u32,
    supplies: &Supplies,
) -> Result<Request, String> {
    let words = |error: api::Error| error.message().unwrap_or_default().to_owned();
    let mut request = prepared.request(supplies.seed(), supplies.ecs.limits.tasks_per_instance);
    request.count = count;
    request.constraints.extend(service_launch::constraints(service).map_err(words)?);
    request.strategies = service_launch::strategies(service).map_err(words)?;
    if let Place::Zones(zones) = &wanted.place {
        let (attribute, zones) = (Attributes::AVAILABILITY_ZONE, zones.join(", "));
        let expression = format!("attribute:{attribute} in [{zones}]");
        let parsed = expression.parse().map_err(|error| format!("{error}"))?;
        request.constraints.push(Constraint::MemberOf(Arc::new(parsed)));
    }
    Ok(request)
}

struct Found {
    instances: Vec<ContainerInstanceId>,
    /// Why no other instance was found, if not enough were.
    closest: Option<Refusal>,
    /// How the instances were chosen, where there was a choice.
    plan: Option<Plan>,
}

fn find(
    view: &impl View,
    cluster: &Cluster,
    wanted: &Start,
    request: &Request,
    supplies: &Supplies,
) -> Found {
    let Place::Instances(named) = &wanted.place else {
        return supplies.ecs.fleets.with(view, cluster.id, |fleet| {
            let plan = place(fleet, request);
            let closest = closest_refusal(fleet, request, &plan);
            let instances = plan.placements.iter().map(|placement| placement.instance).collect();
            Found { instances, closest, plan: Some(plan) }
        });
    };
    let (mut instances, mut refusals) = (Vec::new(), Vec::new());
    for id in named.iter().take(request.count as usize) {
        let Some(instance) = view.get::<ContainerInstance>(id) else { continue };
        match check_one(&fleet::instance(view, instance), request) {
            Ok(()) => instances.push(*id),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let closest = refusals.into_iter().max_by_key(|refusal| refusal.reason);
    Found { instances, closest, plan: None }
}

/// AWS: the event tells of the instance that came closest (developer guide, service-event-messages-list).
fn in_words(closest: Option<&Refusal>) -> String {
    let Some(closest) = closest else { return Reason::NoInstances.as_str().to_owned() };
    let Some(instance) = closest.instance else { return closest.reason.as_str().to_owned() };
    let lacks = match closest.reason {
        Reason::Cpu => "has insufficient CPU units available.",
        Reason::Memory => "has insufficient memory available.",
        Reason::Ports => "is already using a port required by your task.",
        Reason::Gpu => "has insufficient GPU resource available.",
        Reason::Attribute => "is missing an attribute required by your task.",
        reason => {
            return format!(
                "The closest matching (container-instance {instance}) encountered error \"{reason}\"."
            );
        }
    };
    format!("The closest matching (container-instance {instance}) {lacks}")
}
