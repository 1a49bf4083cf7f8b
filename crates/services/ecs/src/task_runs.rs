//! Tasks that other services have run for them (`berth_control::ports`): a secret's rotator, for one.
//!
//! They are tasks like those of RunTask, by the same code, with an id that the other service chose. Whom it lets have
//! them run, it asks with the row of RunTask.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::access::{Asking, Wanted};
use berth_control::pipeline::{Call, Failure, Principal, PrincipalKind, RequestId, Seen};
use berth_control::ports::{TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
use berth_control::tables::{Change, View};
use berth_lifecycle::StopCause;
use berth_model::{Scope, StopCode, TaskId, TaskStatus, Timestamp};
use berth_scheduler::Reason;

use crate::access;
use crate::operations::launch_input;
use crate::operations::run_task::run_as;
use crate::progress;
use crate::resolve::TaskDefinitionName;
use crate::service::Ecs;
use crate::tables::{Task, TaskDefinition};

pub struct RunsTasks(Arc<Ecs>);

impl RunsTasks {
    pub fn of(ecs: &Arc<Ecs>) -> Arc<Self> {
        Arc::new(Self(ecs.clone()))
    }
}

#[async_trait]
impl TaskRuns for RunsTasks {
    fn revision(&self, scope: &Scope, named: &str) -> Option<String> {
        let definition =
            launch_input::active_definition(&self.0.cell.snapshot(), scope, named).ok()?;
        Some(format!("{}:{}", definition.family, definition.revision))
    }

    fn wants(&self, call: &Call, kind: &TaskKind) -> Vec<Wanted> {
        let mut ask = Asking::of(&*self.0, call, "ecs", "RunTask");
        let input = request(kind, None, None);
        access::run_task(&mut ask, &input);
        ask.wants.questions()
    }

    async fn run(&self, run: TaskRun) -> Result<(), TaskRefusal> {
        let (ecs, TaskRun { id, scope, kind, started_by, environment, now }) = (&self.0, run);
        let view = ecs.cell.snapshot();
        // Whoever chose the id asks for one task at a time.
        if view.get::<Task>(&id).is_some() {
            return Ok(());
        }
        let name = TaskDefinitionName::parse(&scope, &kind.task_definition);
        let definition = name.ok().and_then(|name| name.find(&view, &scope));
        let overrides = definition.map(|definition| overrides(&definition, &environment));
        let call = Call {
            request_id: RequestId::from_bytes(ecs.env.id()),
            scope,
            // Whoever wanted it has been judged; ECS acts on its own behalf.
            principal: Principal { kind: PrincipalKind::Administrator, access_key_id: None },
            now,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            secure: true,
            authority: None,
            seen: Seen::default(),
        };
        let input = request(&kind, Some(started_by), overrides);
        match run_as(ecs.clone(), call, input, Some(id)).await {
            Ok(answer) => match answer.failures.unwrap_or_default().first() {
                None => Ok(()),
                Some(failure) => Err(TaskRefusal::NoRoom(words(failure))),
            },
            Err(Failure::Service { error, .. }) => Err(refusal(&error)),
            Err(Failure::Common { error, .. }) => Err(anyhow!("{error:?}").into()),
        }
    }

    fn outcome(&self, task: TaskId) -> Option<TaskOutcome> {
        let view = self.0.cell.snapshot();
        let task = view.get::<Task>(&task)?;
        Some(match task.last_status {
            TaskStatus::Stopped => outcome(&view, task),
            _ => TaskOutcome::Running,
        })
    }

    async fn stop(&self, task: TaskId, reason: &str, now: Timestamp) -> anyhow::Result<()> {
        let cause = StopCause { code: StopCode::UserInitiated, reason: reason.to_owned() };
        let stop = move |tx: &mut Transaction| {
            let stopped = tx.get::<Task>(&task).and_then(|task| match task.container_instance {
                Some(_) => progress::asked_to_stop(tx, task, cause, now),
                None => progress::ended(tx, task, cause, now),
            });
            if let Some(stopped) = stopped {
                tx.put(stopped);
            }
            Ok::<_, api::Error>(())
        };
        Ok(self.0.cell.write(stop).await?)
    }

    fn ended(&self, change: &Change) -> Option<TaskId> {
        let changed = change.of::<Task>()?;
        let is_over = changed.after.is_none_or(|task| task.last_status == TaskStatus::Stopped);
        is_over.then(|| changed.key())
    }
}

fn request(
    kind: &TaskKind,
    started_by: Option<String>,
    overrides: Option<api::TaskOverride>,
) -> api::RunTaskRequest {
    api::RunTaskRequest {
        cluster: Some(kind.cluster.clone()),
        task_definition: Some(kind.task_definition.clone()),
        launch_type: Some(api::LaunchType::Ec2),
        started_by,
        overrides,
        ..Default::default()
    }
}

/// The same environment for each container.
fn overrides(
    definition: &TaskDefinition,
    environment: &BTreeMap<String, String>,
) -> api::TaskOverride {
    let pairs = environment.iter().map(|(name, value)| api::KeyValuePair {
        name: Some(name.clone()),
        value: Some(value.clone()),
    });
    let pairs: Vec<_> = pairs.collect();
    let containers = definition.content.container_definitions.iter().flatten();
    let of = |container: &api::ContainerDefinition| api::ContainerOverride {
        name: container.name.clone(),
        environment: Some(pairs.clone()),
        ..Default::default()
    };
    let container_overrides = Some(containers.map(of).collect());
    api::TaskOverride { container_overrides, ..Default::default() }
}

/// Without an instance there is no room.
fn refusal(error: &api::Error) -> TaskRefusal {
    let message = error.to_string();
    match message.contains(Reason::NoInstances.as_str()) {
        true => TaskRefusal::NoRoom(message),
        false => TaskRefusal::Refused(message),
    }
}

fn words(failure: &api::Failure) -> String {
    let reason = failure.reason.as_deref().unwrap_or("there is no place for it");
    match &failure.detail {
        Some(detail) => format!("{reason}: {detail}"),
        None => reason.to_owned(),
    }
}

/// Well is how a task has ended whose essential containers have all ended with 0.
fn outcome(view: &impl View, task: &Task) -> TaskOutcome {
    let mut essential =
        task.containers.iter().filter(|one| progress::is_essential(view, task, &one.name));
    match essential.find(|container| container.exit_code != Some(0)) {
        None => TaskOutcome::Succeeded,
        Some(container) => {
            let why = task.stopped_reason.as_deref().unwrap_or("it stopped");
            let name = &container.name;
            let code = match (container.exit_code, &container.reason) {
                (Some(code), _) => format!("container {name} ended with exit code {code}"),
                (None, Some(reason)) => format!("container {name}: {reason}"),
                (None, None) => format!("container {name} has not run to its end"),
            };
            TaskOutcome::Failed(format!("{why} ({code})"))
        }
    }
}
