//! RunTask: places tasks and answers; the containers start later.
//!
//! Placement happens in the same transaction that records the tasks, so that two calls never promise the
//! same room. Whatever finds no place waits for an instance of its capacity provider, where that one makes them; else it
//! is in `failures`, with ECS's reason.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_aws_protocol::stored;
use berth_control::idempotency::{Claim, TokenConflict};
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{TaskId, Word};
use berth_scheduler::{Constraint, Reason, Refusal, Request, place, refusals};

use super::launch_input::{self, TaskRequest};
use crate::capacity_providers;
use crate::launch;
use crate::placement_rules;
use crate::provisioning;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::shares::{Share, shares};
use crate::tables::{Cluster, Stored, Task};

const LONGEST_TOKEN: usize = 64;

pub async fn run_task(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::RunTaskRequest,
) -> Result<api::RunTaskResponse, Failure<api::Error>> {
    run_as(ecs, call, input, None).await
}

/// The same, where whoever asks for one task may have chosen its id.
pub async fn run_as(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::RunTaskRequest,
    chosen: Option<TaskId>,
) -> Result<api::RunTaskResponse, Failure<api::Error>> {
    refuse_unsupported(&input)?;
    let claim = claim(&call, &input)?;
    let count = count(input.count, ecs.limits.tasks_per_run)?;
    let launch_type = launch_input::launch_type(input.launch_type.as_ref())?;
    let has_launch_type = input.launch_type.is_some();
    let strategy = input.capacity_provider_strategy.unwrap_or_default();
    if has_launch_type && !strategy.is_empty() {
        return Err(api::Error::invalid_parameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        )
        .into());
    }
    let given_constraints = input.placement_constraints.unwrap_or_default();
    let constraints = placement_rules::constraints(given_constraints.clone())?;
    let given_strategies = input.placement_strategy.unwrap_or_default();
    let strategies = placement_rules::strategies(given_strategies.clone())?;
    let asked = TaskRequest {
        call,
        task_definition: input.task_definition.unwrap_or_default(),
        launch_type,
        group: input.group,
        started_by: input.started_by,
        overrides: input.overrides,
        tags: input.tags,
        propagate_tags: input.propagate_tags,
        managed_tags: input.enable_ecs_managed_tags.unwrap_or(false),
        reference_id: input.reference_id,
    };
    asked.check()?;
    let ids = match chosen {
        Some(task) => vec![launch::ids_of(&ecs.env, task)],
        None => launch::ids(&ecs.env, count as usize),
    };
    let seed = u64::from_be_bytes(ecs.env.id()[..8].try_into().expect("an id has sixteen bytes"));
    let (limits, placing) = (ecs.limits.clone(), ecs.clone());
    let done = ecs
        .cell
        .write(move |tx| {
            let now = asked.call.now;
            if let Some(claim) = &claim
                && let Some(answer) = claim.replay(tx, now).map_err(|error| conflict(&error))?
            {
                return stored::from_slice(answer).map(Done::Told).map_err(Failure::internal);
            }
            let cluster = resolve::cluster(tx, &asked.call.scope, input.cluster.as_deref())?;
            let strategy = self::strategy(&cluster, strategy, has_launch_type)?;
            // Each request is counted for itself.
            let shares = shares(tx, &cluster, &strategy, count, |_| 0)?;
            let prepared = asked.launch(tx, &cluster, Some(launch_type))?.prepare()?;
            prepared.check_roles(&*placing.roles, &cluster.scope)?;
            let mut all_constraints: Vec<Constraint> = prepared.constraints.clone();
            all_constraints.extend(constraints);
            let strategies = placement_rules::or_default(strategies);
            let (mut tasks, mut failures, mut ids) = (Vec::new(), Vec::new(), ids.iter());
            for Share { provider, count } in shares {
                let name = provider.as_ref().map(|provider| provider.name.as_str());
                let provided_by: Option<Word> = name.map(Word::from);
                let request = Request {
                    count,
                    capacity_provider: name.map(Into::into),
                    constraints: all_constraints.clone(),
                    strategies: strategies.clone(),
                    ..prepared.request(seed, limits.tasks_per_instance)
                };
                let may_wait = provider.is_some_and(|provider| provider.is_scaled());
                let room = provisioning::room_to_wait(
                    tx,
                    cluster.id,
                    limits.provisioning_tasks_per_cluster,
                );
                let (plan, waiting, refusals) = placing.fleets.with(tx, cluster.id, |fleet| {
                    let plan = place(fleet, &request);
                    let unplaced = plan.unplaced as usize;
                    let waiting = if may_wait { room.min(unplaced) } else { 0 };
                    // One for each instance: only where somebody is shown them.
                    let shown = waiting < unplaced;
                    let refusals =
                        if shown { refusals(fleet, &request, &plan) } else { Vec::new() };
                    (plan, waiting, refusals)
                });
                if refusals.iter().any(|refusal| refusal.reason == Reason::NoInstances) {
                    return Err(api::Error::invalid_parameter(Reason::NoInstances.as_str()).into());
                }
                let placed = ids.clone().map(|ids| ids.task);
                placing.decisions.note(placed, &request, &plan, now);
                for (placement, ids) in plan.placements.iter().zip(ids.by_ref()) {
                    let mut task = prepared.task(tx, &cluster, ids, placement.instance);
                    task.capacity_provider.clone_from(&provided_by);
                    tx.put(task.clone());
                    tasks.push(task);
                }
                for ids in ids.by_ref().take(waiting) {
                    let mut task = prepared.unplaced(&cluster, ids);
                    task.capacity_provider.clone_from(&provided_by);
                    tasks.push(provisioning::wait(tx, task, &given_constraints, &given_strategies));
                }
                failures.extend(refusals.iter().map(|refusal| failure(tx, &cluster, refusal)));
            }
            let begun = Begun { cluster, tasks, failures };
            // Where nothing was started there is nothing to start twice: the same call may try again.
            if let Some(claim) = claim.filter(|_| !begun.tasks.is_empty()) {
                let response = begun.render(tx);
                claim.keep(tx, stored::to_vec(&response), now);
                return Ok(Done::Told(response));
            }
            Ok::<_, Failure<api::Error>>(Done::Begun(begun))
        })
        .await?;
    Ok(match done {
        Done::Told(response) => response,
        Done::Begun(begun) => begun.render(&ecs.cell.snapshot()),
    })
}

/// What a transaction leaves to be answered. Only what has to be kept is rendered in there, where others wait.
enum Done {
    Told(api::RunTaskResponse),
    Begun(Begun),
}

struct Begun {
    cluster: Arc<Cluster>,
    tasks: Vec<Task>,
    failures: Vec<api::Failure>,
}

impl Begun {
    fn render(self, view: &impl View) -> api::RunTaskResponse {
        let Self { cluster, tasks, failures } = self;
        let tasks = tasks.iter().map(|task| render::task(view, &cluster, task, true)).collect();
        api::RunTaskResponse { tasks: Some(tasks), failures: Some(failures) }
    }
}

/// AWS: up to 64 visible ASCII characters.
fn claim(call: &Call, input: &api::RunTaskRequest) -> Result<Option<Claim>, api::Error> {
    let Some(token) = input.client_token.as_ref().filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    if token.len() > LONGEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(api::Error::invalid_parameter(format!(
            "clientToken can have at most {LONGEST_TOKEN} characters, each of them visible ASCII."
        )));
    }
    Ok(Some(Claim::new(call.scope.clone(), "RunTask", token.clone(), &stored::to_vec(input))))
}

/// AWS: the conflict names the tasks that the token was first used for.
fn conflict(error: &TokenConflict) -> api::Error {
    let earlier: Option<api::RunTaskResponse> = stored::from_slice(&error.answer).ok();
    let tasks = earlier.and_then(|earlier| earlier.tasks).unwrap_or_default();
    api::Error::ConflictException(api::ConflictException {
        resource_ids: Some(tasks.into_iter().filter_map(|task| task.task_arn).collect()),
        message: Some(format!(
            "The clientToken `{}` is already in use with a different RunTask request.",
            error.token
        )),
    })
}

pub(super) fn failure(view: &impl View, cluster: &Cluster, refusal: &Refusal) -> api::Failure {
    let instance =
        refusal.instance.and_then(|id| view.get::<crate::tables::ContainerInstance>(&id));
    api::Failure {
        arn: instance.map(|instance| render::container_instance_arn(cluster, instance).to_string()),
        reason: Some(refusal.reason.as_str().to_owned()),
        detail: Some(refusal.detail.clone()).filter(|detail| !detail.is_empty()),
    }
}

fn count(given: Option<i32>, most: i32) -> Result<u32, api::Error> {
    let count = given.unwrap_or(1);
    u32::try_from(count).ok().filter(|_| (1..=most).contains(&count)).ok_or_else(|| {
        api::Error::invalid_parameter(format!("count must be between 1 and {most}, not {count}."))
    })
}

/// What RunTask knows on AWS and Berth does not do yet.
fn refuse_unsupported(input: &api::RunTaskRequest) -> Result<(), api::Error> {
    launch_input::refuse("enableExecuteCommand", input.enable_execute_command == Some(true))?;
    launch_input::refuse(
        "volumeConfigurations",
        launch_input::has_any(&input.volume_configurations),
    )?;
    launch_input::refuse_platform_version(input.platform_version.as_ref())?;
    launch_input::refuse_network_configuration(input.network_configuration.as_ref())
}

/// AWS: where the caller says neither launch type nor strategy, the cluster's default strategy decides.
fn strategy(
    cluster: &Cluster,
    given: Vec<api::CapacityProviderStrategyItem>,
    has_launch_type: bool,
) -> Result<Vec<Stored<api::CapacityProviderStrategyItem>>, api::Error> {
    match given.is_empty() {
        false => capacity_providers::strategy(&cluster.scope, given, &cluster.capacity_providers),
        true if has_launch_type => Ok(Vec::new()),
        true => Ok(cluster.default_capacity_provider_strategy.clone()),
    }
}
