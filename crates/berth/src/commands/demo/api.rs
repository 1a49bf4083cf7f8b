//! What the demo asks of ECS.

use anyhow::{Context, Result, bail};
use berth_agent::{ControlPlane, HttpControlPlane};
use berth_aws_protocol::sigv4::Credentials;
use serde_json::{Value, json};

use super::patience::until;
use crate::data_dir::DataDir;
use crate::remote::Remote;

const CLUSTER: &str = "default";
const FAMILY: &str = "berth-demo";
const CONTAINER: &str = "web";

/// ECS, asked with the administrator's key.
pub struct DemoApi {
    ecs: HttpControlPlane,
}

impl DemoApi {
    /// The server that ran last in this data directory.
    pub fn of(dir: &DataDir) -> Result<DemoApi> {
        let (key, config) = dir.client()?;
        let Remote { endpoint, region } = Remote::of_directory(&config, dir)?;
        let ecs = HttpControlPlane::new(endpoint, region.as_str(), Credentials::from(key))?;
        Ok(DemoApi { ecs })
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value> {
        self.ecs.call(operation, input).await.with_context(|| format!("{operation} failed"))
    }

    /// Creating a cluster that is there is not an error.
    pub async fn ensure_cluster(&self) -> Result<()> {
        self.call("CreateCluster", json!({ "clusterName": CLUSTER })).await.map(drop)
    }

    /// An agent registers a moment after its server is ready.
    pub async fn wait_for_a_host(&self) -> Result<()> {
        until("a host joins cluster `default`", async || {
            let answer = self.call("DescribeClusters", json!({ "clusters": [CLUSTER] })).await?;
            let hosts = answer.pointer("/clusters/0/registeredContainerInstancesCount");
            Ok(hosts.and_then(Value::as_u64).filter(|hosts| *hosts > 0).map(drop))
        })
        .await
    }

    /// The newest revision, if it is what we would register; else a new one.
    pub async fn ensure_task_definition(&self, image: &str, container_port: u16) -> Result<String> {
        let latest = json!({ "taskDefinition": FAMILY });
        if let Ok(answer) = self.call("DescribeTaskDefinition", latest).await {
            let definition = &answer["taskDefinition"];
            let container = &definition["containerDefinitions"][0];
            if container["image"] == image
                && container["portMappings"][0]["containerPort"] == container_port
            {
                return text(definition, "/taskDefinitionArn");
            }
        }
        let definition = json!({
            "family": FAMILY,
            "networkMode": "bridge",
            "containerDefinitions": [{
                "name": CONTAINER,
                "image": image,
                "memory": 16,
                "essential": true,
                "portMappings": [{ "containerPort": container_port, "hostPort": 0 }],
            }],
        });
        let answer = self.call("RegisterTaskDefinition", definition).await?;
        text(&answer, "/taskDefinition/taskDefinitionArn")
    }

    /// A task of this revision that should run; a new one if there is none.
    pub async fn ensure_task(&self, task_definition: &str) -> Result<String> {
        for task in self.tasks().await? {
            let described = self.task(&task).await?;
            if described["taskDefinitionArn"] == task_definition {
                return Ok(task);
            }
            self.stop(&task).await?;
        }
        let input =
            json!({ "cluster": CLUSTER, "taskDefinition": task_definition, "startedBy": FAMILY });
        let answer = self.call("RunTask", input).await?;
        if let Some(failure) = answer.pointer("/failures/0") {
            bail!("the demo's task cannot be placed: {failure}");
        }
        text(&answer, "/tasks/0/taskArn")
    }

    /// The host's port of a task that runs.
    pub async fn wait_for_port(&self, task: &str) -> Result<u64> {
        until("the demo's task runs", async || {
            let task = self.task(task).await?;
            if task["lastStatus"] == "STOPPED" {
                bail!("the demo's task stopped: {} {}", task["stoppedReason"], task["containers"]);
            }
            let port = task.pointer("/containers/0/networkBindings/0/hostPort");
            Ok(port.and_then(Value::as_u64).filter(|_| task["lastStatus"] == "RUNNING"))
        })
        .await
    }

    /// Stops every task of the demo and waits for the last to end; says how many there were.
    pub async fn stop_tasks(&self) -> Result<usize> {
        let tasks = self.tasks().await?;
        for task in &tasks {
            self.stop(task).await?;
        }
        for task in &tasks {
            until("the demo's tasks stop", async || {
                let task = self.task(task).await?;
                Ok((task["lastStatus"] == "STOPPED").then_some(()))
            })
            .await?;
        }
        Ok(tasks.len())
    }

    async fn stop(&self, task: &str) -> Result<()> {
        let input = json!({ "cluster": CLUSTER, "task": task, "reason": "berth demo" });
        self.call("StopTask", input).await.map(drop)
    }

    async fn task(&self, task: &str) -> Result<Value> {
        let input = json!({ "cluster": CLUSTER, "tasks": [task] });
        let mut answer = self.call("DescribeTasks", input).await?;
        let found = answer.pointer_mut("/tasks/0").map(Value::take);
        found.with_context(|| format!("DescribeTasks knows no task {task}: {answer}"))
    }

    /// Tasks of the demo that should run.
    async fn tasks(&self) -> Result<Vec<String>> {
        let input = json!({ "cluster": CLUSTER, "family": FAMILY, "desiredStatus": "RUNNING" });
        let answer = self.call("ListTasks", input).await?;
        let tasks = answer["taskArns"].as_array().context("ListTasks answers no taskArns")?;
        Ok(tasks.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.with_context(|| format!("no {pointer} in {answer}"))
}
