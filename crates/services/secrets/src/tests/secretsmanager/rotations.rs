//! Rotation, with a rotator that does what it is told.

mod cancelled;
mod failing;
mod scheduled;
mod steps;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::pipeline::Call;
use berth_control::pipeline::access::{Keys, Resource, Wanted};
use berth_control::ports::{TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
use berth_control::tables::Change;
use berth_model::{Scope, TaskId, Timestamp};

use super::super::world::{World, some};

pub const ROTATOR: &str = "arn:aws:ecs:us-east-1:123456789012:task-definition/rotator";

/// Tasks that run until the test ends them.
#[derive(Clone, Default)]
pub struct Tasks(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    runs: Vec<TaskRun>,
    outcomes: BTreeMap<TaskId, TaskOutcome>,
    /// What the next starts are refused with.
    refusals: VecDeque<TaskRefusal>,
    /// How often a start did what had been done.
    repeated: usize,
    stopped: Vec<String>,
}

impl Tasks {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next one that is to be started is refused.
    pub fn refuse(&self, refusal: TaskRefusal) {
        self.told().refusals.push_back(refusal);
    }

    pub fn stopped(&self) -> Vec<String> {
        std::mem::take(&mut self.told().stopped)
    }

    /// The steps that were asked for so far, in order.
    pub fn steps(&self) -> Vec<String> {
        self.told().runs.iter().map(|run| run.environment["STEP"].clone()).collect()
    }

    pub fn latest(&self) -> TaskRun {
        self.told().runs.last().cloned().expect("a task was started")
    }

    fn ends(&self, outcome: TaskOutcome) {
        let id = self.latest().id;
        self.told().outcomes.insert(id, outcome);
    }
}

#[async_trait]
impl TaskRuns for Tasks {
    fn revision(&self, _: &Scope, named: &str) -> Option<String> {
        match named.split_once(':') {
            None if named == "rotator" => Some("rotator:7".to_owned()),
            Some(("rotator", _)) => Some(named.to_owned()),
            _ => None,
        }
    }

    fn wants(&self, _: &Call, kind: &TaskKind) -> Vec<Wanted> {
        let TaskKind { task_definition, cluster } = kind;
        let resource = Resource::new(format_args!("{task_definition} in {cluster}"));
        vec![Wanted { action: "ecs:RunTask".into(), resource, keys: Arc::new(Keys::new()) }]
    }

    async fn run(&self, run: TaskRun) -> Result<(), TaskRefusal> {
        let mut told = self.told();
        if let Some(refusal) = told.refusals.pop_front() {
            return Err(refusal);
        }
        match told.outcomes.insert(run.id, TaskOutcome::Running) {
            None => told.runs.push(run),
            Some(before) => {
                told.outcomes.insert(run.id, before);
                told.repeated += 1;
            }
        }
        Ok(())
    }

    fn outcome(&self, task: TaskId) -> Option<TaskOutcome> {
        self.told().outcomes.get(&task).cloned()
    }

    async fn stop(&self, task: TaskId, reason: &str, _: Timestamp) -> anyhow::Result<()> {
        let mut told = self.told();
        if told.outcomes.get(&task) == Some(&TaskOutcome::Running) {
            told.outcomes.insert(task, TaskOutcome::Failed(reason.to_owned()));
            told.stopped.push(reason.to_owned());
        }
        Ok(())
    }

    /// Tests say themselves when it is time to look.
    fn ended(&self, _: &Change) -> Option<TaskId> {
        None
    }
}

pub async fn rotating() -> (World, Tasks) {
    let tasks = Tasks::default();
    (World::with_tasks(Arc::new(tasks.clone())).await, tasks)
}

pub fn rotate(id: &str) -> api::RotateSecretRequest {
    api::RotateSecretRequest {
        secret_id: some(id),
        rotation_lambda_arn: some(ROTATOR),
        ..Default::default()
    }
}

pub fn days(days: i64) -> Option<api::RotationRulesType> {
    let automatically_after_days = Some(days);
    Some(api::RotationRulesType { automatically_after_days, ..Default::default() })
}

pub fn expression(text: &str) -> Option<api::RotationRulesType> {
    Some(api::RotationRulesType { schedule_expression: some(text), ..Default::default() })
}

impl World {
    /// Begins a rotation; the version that it is about.
    pub async fn rotates(&self, input: api::RotateSecretRequest) -> String {
        let version = self.ask::<ops::RotateSecret>(input).await.version_id;
        self.reconcilers.settled().await;
        version.expect("a version is told")
    }

    /// The task that runs has ended so; everything that follows has happened.
    pub async fn task_ends(&self, tasks: &Tasks, outcome: TaskOutcome) {
        tasks.ends(outcome);
        self.looked_at().await;
    }

    /// As if the end of a task had been told.
    pub async fn looked_at(&self) {
        let scope = self.scope();
        let touch = move |tx: &mut berth_control::cell::Transaction| {
            let runs: Vec<_> = tx.table::<crate::tables::RotationRun>().iter().cloned().collect();
            for run in runs.into_iter().filter(|run| run.scope == scope) {
                tx.put(run);
            }
            Ok::<_, std::convert::Infallible>(())
        };
        self.secrets.cell.write(touch).await.expect("it is written");
        self.reconcilers.settled().await;
    }

    /// The rotator does what is asked of it in this step, and the next one is asked for.
    pub async fn step(&self, tasks: &Tasks, value: &str) {
        let run = tasks.latest();
        let (id, token) = (&run.environment["SECRET_ID"], &run.environment["CLIENT_REQUEST_TOKEN"]);
        match run.environment["STEP"].as_str() {
            "createSecret" => {
                let input = api::PutSecretValueRequest {
                    secret_id: some(id),
                    client_request_token: some(token),
                    secret_string: some(value),
                    version_stages: Some(vec!["AWSPENDING".to_owned()]),
                    ..Default::default()
                };
                self.ask::<ops::PutSecretValue>(input).await;
            }
            "finishSecret" => {
                let stages = self.described(id).await.version_ids_to_stages.unwrap();
                let is_current = |labels: &Vec<String>| labels.contains(&"AWSCURRENT".to_owned());
                let current = stages.iter().find(|(_, labels)| is_current(labels)).unwrap().0;
                let input = api::UpdateSecretVersionStageRequest {
                    secret_id: some(id),
                    version_stage: some("AWSCURRENT"),
                    move_to_version_id: some(token),
                    remove_from_version_id: some(current),
                };
                self.ask::<ops::UpdateSecretVersionStage>(input).await;
            }
            _ => {}
        }
        self.task_ends(tasks, TaskOutcome::Succeeded).await;
    }

    /// All four steps, well done.
    pub async fn rotation(&self, tasks: &Tasks, value: &str) {
        for _ in 0..4 {
            self.step(tasks, value).await;
        }
    }
}
