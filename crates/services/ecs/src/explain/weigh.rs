//! Finds the answer to a question in one view of the tables.

use berth_aws_api::ecs as api;
use berth_control::env::Env;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{ContainerInstanceId, TaskDefinitionId, TaskStatus};
use berth_scheduler::{self as scheduler, Request, Strategy, candidates, place};

use super::answer::{self, Answer, Asked, Candidate, Decided, Instance, Placement, Verdict};
use super::decisions::Decision;
use super::of_service;
use super::question::{Question, Run, Subject};
use crate::fleet::fleet;
use crate::launch::Launch;
use crate::operations::launch_input::TaskRequest;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance, Service, Task, TaskDefinition};
use crate::traffic;

pub fn answer(
    ecs: &Ecs,
    view: &impl View,
    call: &Call,
    question: Question,
) -> Result<Answer, api::Error> {
    let cluster = resolve::cluster(view, &call.scope, question.cluster.as_deref())?;
    match question.subject {
        Subject::Run(run) => {
            let request = of_run(ecs, view, call, &cluster, run)?;
            Ok(weighed(view, &cluster, &request, false))
        }
        Subject::Task(given) => {
            let Some(task) = resolve::task(view, &cluster, &given)? else {
                return Err(api::Error::invalid_parameter(format!(
                    "There is no task {given} in the cluster {}.",
                    cluster.name
                )));
            };
            let decision = ecs.decisions.of(task.id);
            let (request, is_whole) = match &decision {
                Some(decision) => (Request { count: 1, ..(*decision.request).clone() }, true),
                None => of_task(ecs, view, call, &cluster, &task)?,
            };
            let told = told(ecs, view, &cluster, &task, decision.as_ref());
            Ok(Answer { task: Some(told), ..weighed(view, &cluster, &request, !is_whole) })
        }
        Subject::Service(given) => {
            let service = resolve::service(view, &cluster, &given)?
                .ok_or_else(|| api::Error::service_not_found("Service not found."))?;
            let revision = service
                .revision
                .ok_or_else(|| api::Error::client("The service has no revision yet."))?;
            let beside = (seed(&ecs.env), &ecs.limits, call.now);
            let request = of_service::request(view, &cluster, &service, revision, beside)?;
            let told = of_service::told(view, &cluster, &service, ecs);
            Ok(Answer { service: Some(told), ..weighed(view, &cluster, &request, false) })
        }
    }
}

/// As RunTask would ask.
fn of_run(
    ecs: &Ecs,
    view: &impl View,
    call: &Call,
    cluster: &Cluster,
    run: Run,
) -> Result<Request, api::Error> {
    let asked = TaskRequest {
        call: call.clone(),
        task_definition: run.task_definition,
        launch_type: run.launch_type,
        group: run.group,
        started_by: None,
        overrides: None,
        tags: None,
        propagate_tags: None,
        managed_tags: false,
        reference_id: None,
    };
    asked.check()?;
    let prepared = asked.launch(view, cluster, Some(run.launch_type))?.prepare()?;
    let request = prepared.request(seed(&ecs.env), ecs.limits.tasks_per_instance);
    Ok(Request {
        count: run.count,
        capacity_provider: run.capacity_provider.map(Into::into),
        constraints: request.constraints.into_iter().chain(run.constraints).collect(),
        strategies: run.strategies,
        ..request
    })
}

/// What is known of a task for which nobody remembers the request, and whether that is all of it: a service still
/// knows what it asks for, a run does not.
fn of_task(
    ecs: &Ecs,
    view: &impl View,
    call: &Call,
    cluster: &Cluster,
    task: &Task,
) -> Result<(Request, bool), api::Error> {
    let service = task.service.and_then(|id| view.get::<Service>(&id));
    if let Some((service, revision)) = service.zip(task.deployment) {
        let beside = (seed(&ecs.env), &ecs.limits, call.now);
        let request = of_service::request(view, cluster, service, revision, beside)?;
        return Ok((request, true));
    }
    let definition = definition(view, &task.task_definition)?;
    let launch = Launch {
        definition,
        launch_type: task.launch_type,
        group: task.group.clone(),
        started_by: None,
        overrides: task.overrides.as_ref().map(|overrides| (**overrides).clone()),
        tags: Default::default(),
        long_arn: true,
        reference_id: None,
        of_service: None,
        enable_execute_command: false,
        holds: Default::default(),
        now: call.now,
    };
    let request = launch.prepare()?.request(seed(&ecs.env), ecs.limits.tasks_per_instance);
    let request = Request {
        capacity_provider: task.capacity_provider.as_deref().map(Into::into),
        strategies: Strategy::default_of_tasks(),
        ..request
    };
    Ok((request, false))
}

fn definition(
    view: &impl View,
    id: &TaskDefinitionId,
) -> Result<std::sync::Arc<TaskDefinition>, api::Error> {
    view.table::<TaskDefinition>()
        .get_shared(id)
        .ok_or_else(|| api::Error::client("TaskDefinition not found."))
}

fn seed(env: &Env) -> u64 {
    u64::from_be_bytes(env.id()[..8].try_into().expect("an id has sixteen bytes"))
}

fn told(
    ecs: &Ecs,
    view: &impl View,
    cluster: &Cluster,
    task: &Task,
    decision: Option<&Decision>,
) -> answer::Task {
    answer::Task {
        task_arn: render::task_arn(cluster, task).to_string(),
        last_status: task.last_status.as_str().to_owned(),
        desired_status: task.desired_status.as_str().to_owned(),
        group: task.group.to_string(),
        created_at: task.times.created_at.as_secs_f64(),
        started_by: task.started_by.as_deref().map(str::to_owned),
        container_instance: task.container_instance.map(|id| instance(view, cluster, id)),
        no_target: no_target(ecs, view, task),
        decision: decision.map(|decision| Decided {
            at: decision.at.as_secs_f64(),
            number: decision.number,
            count: decision.request.count,
            instances: decision.instances,
            ruled_out: answer::ruled_out(&decision.ruled_out),
            standings: answer::standings(&decision.request.strategies, &decision.standings),
        }),
    }
}

/// What a task waits for whose containers run.
pub fn no_target(ecs: &Ecs, view: &impl View, task: &Task) -> Option<answer::NoTarget> {
    if task.last_status != TaskStatus::Activating || !traffic::is_held(task) {
        return None;
    }
    let why = traffic::targets(view, &*ecs.balancing, task).err()?;
    Some(answer::NoTarget { target_group_arn: why.group, error: why.error })
}

fn weighed(
    view: &impl View,
    cluster: &Cluster,
    request: &Request,
    without_those_of_the_run: bool,
) -> Answer {
    let mut fleet = fleet(view, cluster.id);
    let plan = place(&mut fleet, request);
    let placements = plan.explanation.choices.iter().map(|choice| Placement {
        instance: instance(view, cluster, choice.instance),
        standings: answer::standings(&request.strategies, &choice.standings),
    });
    let mut ranks = 1..;
    let candidates = candidates(&mut fleet, request).into_iter().map(|candidate| Candidate {
        instance: instance(view, cluster, candidate.instance),
        verdict: match candidate.verdict {
            scheduler::Verdict::Fits(standings) => Verdict::Fits {
                rank: ranks.next().expect("there are more numbers than instances"),
                standings: answer::standings(&request.strategies, &standings),
            },
            scheduler::Verdict::RuledOut(refusal) => {
                Verdict::RuledOut { reason: refusal.reason.as_str(), detail: refusal.detail }
            }
        },
    });
    Answer {
        cluster_arn: render::cluster_arn(cluster).to_string(),
        task: None,
        service: None,
        asked: Asked::new(request, without_those_of_the_run),
        instances: plan.explanation.instances,
        ruled_out: answer::ruled_out(&plan.explanation.ruled_out),
        placements: placements.collect(),
        unplaced: plan.unplaced,
        exhausted: answer::ruled_out(&plan.explanation.exhausted),
        candidates: candidates.collect(),
    }
}

pub(super) fn instance(view: &impl View, cluster: &Cluster, id: ContainerInstanceId) -> Instance {
    let found = view.get::<ContainerInstance>(&id);
    let zone =
        found.and_then(|found| found.attributes.get(scheduler::Attributes::AVAILABILITY_ZONE));
    Instance {
        // One that is forgotten has left nothing but its id.
        container_instance_arn: found.map_or_else(
            || id.to_string(),
            |found| render::container_instance_arn(cluster, found).to_string(),
        ),
        ec2_instance_id: found.and_then(|found| found.ec2_instance_id.clone()),
        availability_zone: zone.and_then(|zone| zone.value.clone()),
    }
}
