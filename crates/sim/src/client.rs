//! Somebody who uses the cluster: random calls of the public API, and a memory of what was promised.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use berth_agent::CallError;
use berth_model::{TaskArn, TaskId};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::checkers::Sight;
use crate::dice::Dice;
use crate::host::CLUSTER;
use crate::network::Place;
use crate::programs;
use crate::trace::tell;
use crate::world::World;

/// How often a call that was not answered is tried.
const ATTEMPTS: u32 = 4;

const PAUSE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(4);

pub struct Client {
    number: usize,
    world: Arc<World>,
    dice: Dice,
    /// Tasks that it knows of, by ARN.
    tasks: Vec<String>,
    acknowledged: BTreeSet<TaskId>,
    instances: Vec<String>,
}

/// What it may do next.
#[derive(Clone, Copy)]
enum Step {
    RunTask,
    StartTask,
    StopTask,
    DescribeTasks,
    ListTasks,
    ListInstances,
    Drain,
    Activate,
    DeregisterInstance,
    ReviseTaskDefinition,
}

const STEPS: &[(u32, Step)] = &[
    (12, Step::RunTask),
    (2, Step::StartTask),
    (9, Step::StopTask),
    (8, Step::DescribeTasks),
    (2, Step::ListTasks),
    (3, Step::ListInstances),
    (1, Step::Drain),
    (2, Step::Activate),
    (1, Step::DeregisterInstance),
    (1, Step::ReviseTaskDefinition),
];

type Strategy = fn() -> Value;

/// Values of `placementStrategy`; null leaves it out.
const STRATEGIES: &[(u32, Strategy)] = &[
    (2, || Value::Null),
    (1, || json!([{"type": "binpack", "field": "memory"}])),
    (1, || json!([{"type": "spread", "field": "instanceId"}])),
    (1, || json!([{"type": "random"}])),
];

/// Makes the cluster and registers what there is to run, however long it takes.
pub async fn prepare(world: &World) {
    persist(world, "CreateCluster", &json!({"clusterName": CLUSTER})).await;
    for definition in programs::task_definitions() {
        persist(world, "RegisterTaskDefinition", &definition).await;
    }
}

/// Repeats a call until it succeeds.
pub async fn persist(world: &World, operation: &str, input: &Value) {
    while let Err(error) = world.network.call(Place::Clients, operation, input.clone()).await {
        tell!(world.trace, "{operation}: {error}");
        sleep(Duration::from_secs(1)).await;
    }
}

impl Client {
    pub fn new(number: usize, world: Arc<World>, dice: Dice) -> Self {
        Self {
            number,
            world,
            dice,
            tasks: vec![],
            acknowledged: BTreeSet::new(),
            instances: vec![],
        }
    }

    /// Takes so many steps, with pauses.
    pub async fn work(mut self, steps: u32) -> Self {
        for _ in 0..steps {
            sleep(self.dice.duration(&PAUSE)).await;
            self.step().await;
        }
        self
    }

    /// Asks once more for everything that was ever acknowledged.
    pub async fn audit(&mut self) {
        for chunk in self.tasks.clone().chunks(100) {
            self.describe(chunk.to_vec()).await;
        }
    }

    async fn step(&mut self) {
        match self.dice.weighted(STEPS) {
            Step::RunTask => self.run_task().await,
            Step::StartTask => self.start_task().await,
            Step::StopTask => self.stop_task().await,
            Step::DescribeTasks => {
                let some = (0..8).filter_map(|_| self.dice.pick(&self.tasks).cloned()).collect();
                self.describe(some).await;
            }
            Step::ListTasks => self.list_tasks().await,
            Step::ListInstances => self.list_instances().await,
            Step::Drain => self.set_state("DRAINING").await,
            Step::Activate => self.set_state("ACTIVE").await,
            Step::DeregisterInstance => self.deregister_instance().await,
            Step::ReviseTaskDefinition => self.revise().await,
        }
    }

    async fn run_task(&mut self) {
        let strategy = self.dice.weighted(STRATEGIES)();
        let mut input = json!({
            "cluster": CLUSTER,
            "taskDefinition": self.family(),
            "count": self.dice.between(1..6),
            "clientToken": self.dice.token(),
        });
        if !strategy.is_null() {
            input["placementStrategy"] = strategy;
        }
        if let Some(answer) = self.insist("RunTask", input).await {
            self.learn(&answer["tasks"]);
        }
    }

    async fn start_task(&mut self) {
        let Some(instance) = self.dice.pick(&self.instances).cloned() else { return };
        let input = json!({
            "cluster": CLUSTER,
            "taskDefinition": self.family(),
            "containerInstances": [instance],
        });
        // It has no token, so it is not repeated.
        if let Ok(answer) = self.call("StartTask", input).await {
            self.learn(&answer["tasks"]);
        }
    }

    async fn stop_task(&mut self) {
        let Some(task) = self.dice.pick(&self.tasks).cloned() else { return };
        let input = json!({"cluster": CLUSTER, "task": task});
        if let Some(answer) = self.insist("StopTask", input).await {
            self.told(&answer["task"]);
        }
    }

    async fn describe(&mut self, tasks: Vec<String>) {
        if tasks.is_empty() {
            return;
        }
        let ids: Vec<TaskId> = tasks.iter().filter_map(|arn| task_id(arn)).collect();
        let input = json!({"cluster": CLUSTER, "tasks": tasks});
        self.world.inspector.answered(&Sight::Asks { client: self.number, tasks: &ids });
        let Some(answer) = self.insist("DescribeTasks", input).await else { return };
        for task in answer["tasks"].as_array().into_iter().flatten() {
            let Some((task, status, version)) = shown(task) else { continue };
            let sight = Sight::Described { client: self.number, task, status, version };
            self.world.inspector.answered(&sight);
        }
        for failure in answer["failures"].as_array().into_iter().flatten() {
            if let Some(id) = id(&failure["arn"]).filter(|id| self.acknowledged.contains(id)) {
                self.world.inspector.answered(&Sight::Missing(id));
            }
        }
    }

    async fn list_tasks(&mut self) {
        let status = self.dice.weighted(&[(2, "RUNNING"), (1, "STOPPED")]);
        let mut input = json!({"cluster": CLUSTER, "desiredStatus": status, "maxResults": 20});
        // Page by page, as the command line does.
        while let Some(answer) = self.insist("ListTasks", input.clone()).await {
            for arn in answer["taskArns"].as_array().into_iter().flatten().filter_map(Value::as_str)
            {
                if !self.tasks.iter().any(|known| known == arn) {
                    self.tasks.push(arn.to_owned());
                }
            }
            match &answer["nextToken"] {
                Value::String(token) => input["nextToken"] = Value::from(token.clone()),
                _ => return,
            }
        }
    }

    async fn list_instances(&mut self) {
        let Some(answer) = self.insist("ListContainerInstances", json!({"cluster": CLUSTER})).await
        else {
            return;
        };
        let arns = answer["containerInstanceArns"].as_array().into_iter().flatten();
        self.instances = arns.filter_map(Value::as_str).map(str::to_owned).collect();
        if !self.instances.is_empty() {
            let input = json!({"cluster": CLUSTER, "containerInstances": self.instances});
            self.insist("DescribeContainerInstances", input).await;
        }
    }

    async fn set_state(&mut self, status: &str) {
        let Some(instance) = self.dice.pick(&self.instances).cloned() else { return };
        let input = json!({"cluster": CLUSTER, "containerInstances": [instance], "status": status});
        self.insist("UpdateContainerInstancesState", input).await;
    }

    async fn deregister_instance(&mut self) {
        let Some(instance) = self.dice.pick(&self.instances).cloned() else { return };
        let input = json!({"cluster": CLUSTER, "containerInstance": instance});
        if self.insist("DeregisterContainerInstance", input).await.is_some() {
            sleep(Duration::from_secs(5)).await;
            self.world.reinstall_deregistered();
        }
    }

    /// A new revision, and an older one that is given up.
    async fn revise(&mut self) {
        let definition = self.dice.pick(&programs::task_definitions()).cloned().unwrap_or_default();
        let Some(answer) = self.insist("RegisterTaskDefinition", definition).await else { return };
        let newest = &answer["taskDefinition"];
        let revision = newest["revision"].as_u64().unwrap_or(1);
        if revision > 1 {
            let older =
                format!("{}:{}", newest["family"].as_str().unwrap_or_default(), revision - 1);
            self.insist("DeregisterTaskDefinition", json!({"taskDefinition": older})).await;
        }
    }

    fn family(&mut self) -> String {
        let definitions = programs::task_definitions();
        let family =
            self.dice.pick(&definitions).and_then(|definition| definition["family"].as_str());
        family.unwrap_or_default().to_owned()
    }

    /// Remembers tasks that were promised.
    fn learn(&mut self, tasks: &Value) {
        let tasks = tasks.as_array().into_iter().flatten();
        tasks.clone().for_each(|task| self.told(task));
        let arns: Vec<String> =
            tasks.filter_map(|task| task["taskArn"].as_str()).map(str::to_owned).collect();
        let ids: Vec<TaskId> =
            arns.iter().filter_map(|arn| arn.parse::<TaskArn>().ok()).map(|arn| arn.id).collect();
        self.world.inspector.answered(&Sight::Started(&ids));
        self.acknowledged.extend(ids);
        self.tasks.extend(arns);
    }

    fn told(&self, task: &Value) {
        if let Some((task, status, version)) = shown(task) {
            self.world.inspector.answered(&Sight::Told { task, status, version });
        }
    }

    /// Repeats a call that nobody answered, as SDKs do.
    async fn insist(&mut self, operation: &str, input: Value) -> Option<Value> {
        for attempt in 0..ATTEMPTS {
            match self.call(operation, input.clone()).await {
                Ok(answer) => return Some(answer),
                Err(CallError::Refused { status, .. }) if status < 500 => return None,
                Err(_) => sleep(Duration::from_millis(200) * 2_u32.pow(attempt)).await,
            }
        }
        None
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        self.world.network.call(Place::Clients, operation, input).await
    }
}

fn id(arn: &Value) -> Option<TaskId> {
    task_id(arn.as_str()?)
}

fn task_id(arn: &str) -> Option<TaskId> {
    arn.parse::<TaskArn>().ok().map(|arn| arn.id)
}

/// A task in an answer: which it is, its status and its version.
fn shown(task: &Value) -> Option<(TaskId, &str, u64)> {
    let (status, version) = (task["lastStatus"].as_str()?, task["version"].as_u64()?);
    Some((id(&task["taskArn"])?, status, version))
}
