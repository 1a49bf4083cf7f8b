//! Starting a service's tasks: each finds an instance, or it is said why none takes it.

use std::sync::Arc;

use berth_aws_api::ServiceError;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_deployment::{Place, Start};
use berth_model::{ContainerInstanceId, TaskId, Timestamp};
use berth_scheduler::{
    Attributes, Constraint, Plan, Reason, Refusal, Request, check_one, place, refusals,
};

use super::carry_out::Supplies;
use crate::fleet;
use crate::launch::Prepared;
use crate::service_launch;
use crate::tables::{Cluster, ContainerInstance, Service, ServiceRevision, Unplaced};

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
        unplaced: Unplaced { tasks: wanted.count, because: Some(because) },
    };
    let prepared = match prepare(tx, cluster, service, wanted, now) {
        Ok(prepared) => prepared,
        Err(because) => return nothing(because),
    };
    let request = match request(service, wanted, &prepared, count, supplies) {
        Ok(request) => request,
        Err(because) => return nothing(because),
    };
    let Found { instances, refusals, plan } = find(tx, cluster, wanted, &request, supplies);
    let unplaced = count.saturating_sub(instances.len() as u32);
    let mut tasks = Vec::new();
    for instance in instances {
        let Some(ids) = supplies.tasks.next() else { break };
        let task = prepared.task(tx, cluster, &ids, instance);
        tasks.push(task.id);
        tx.put(task);
    }
    if let Some(plan) = &plan {
        supplies.ecs.decisions.note(tasks.iter().copied(), &request, plan, now);
    }
    let because = (unplaced > 0).then(|| closest(&refusals));
    Started { tasks, unplaced: Unplaced { tasks: unplaced, because } }
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
    let words = |error: berth_aws_api::ecs::Error| error.message().unwrap_or_default().to_owned();
    let mut request = prepared.request(supplies.seed(), supplies.ecs.limits.tasks_per_instance);
    request.count = count;
    request.constraints.extend(service_launch::constraints(service).map_err(words)?);
    request.strategies = service_launch::strategies(service).map_err(words)?;
    if let Place::Zone(zone) = &wanted.place {
        let expression = format!("attribute:{} == {zone}", Attributes::AVAILABILITY_ZONE);
        let parsed = expression.parse().map_err(|error| format!("{error}"))?;
        request.constraints.push(Constraint::MemberOf(Arc::new(parsed)));
    }
    Ok(request)
}

struct Found {
    instances: Vec<ContainerInstanceId>,
    refusals: Vec<Refusal>,
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
            let refusals = refusals(fleet, request, &plan);
            let instances = plan.placements.iter().map(|placement| placement.instance).collect();
            Found { instances, refusals, plan: Some(plan) }
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
    Found { instances, refusals, plan: None }
}

/// AWS: the event tells of the instance that came closest (developer guide, service-event-messages-list).
fn closest(refusals: &[Refusal]) -> String {
    // Checks go from what is most lasting to what is most fleeting: who failed last came closest.
    let Some(closest) = refusals.iter().max_by_key(|refusal| refusal.reason) else {
        return Reason::NoInstances.as_str().to_owned();
    };
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
