//! What the demo asks of ECS: a service of two tasks, so that there is something to balance.

use anyhow::{Context, Result, bail};
use berth_agent::{ControlPlane, HttpControlPlane};
use serde_json::{Value, json};

use super::NAME;
use super::page::CONTAINER_PORT;
use super::patience::until;

pub const TASKS: u64 = 2;

const CLUSTER: &str = "default";
const CONTAINER: &str = "web";

pub struct DemoService<'a> {
    ecs: &'a HttpControlPlane,
}

impl<'a> DemoService<'a> {
    pub fn new(ecs: &'a HttpControlPlane) -> Self {
        DemoService { ecs }
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
    pub async fn ensure_task_definition(&self) -> Result<String> {
        if let Ok(answer) =
            self.call("DescribeTaskDefinition", json!({ "taskDefinition": NAME })).await
        {
            let definition = &answer["taskDefinition"];
            let container = &definition["containerDefinitions"][0];
            if container["image"] == NAME
                && container["portMappings"][0]["containerPort"] == CONTAINER_PORT
            {
                return text(definition, "/taskDefinitionArn");
            }
        }
        let definition = json!({
            "family": NAME,
            "networkMode": "bridge",
            "containerDefinitions": [{
                "name": CONTAINER,
                "image": NAME,
                "memory": 16,
                "essential": true,
                "portMappings": [{ "containerPort": CONTAINER_PORT, "hostPort": 0 }],
            }],
        });
        let answer = self.call("RegisterTaskDefinition", definition).await?;
        text(&answer, "/taskDefinition/taskDefinitionArn")
    }

    /// The service, with this revision and behind this target group.
    pub async fn ensure(&self, task_definition: &str, group: &str) -> Result<()> {
        self.end_lone_tasks().await?;
        let mut wanted = json!({
            "cluster": CLUSTER,
            "taskDefinition": task_definition,
            "desiredCount": TASKS,
            "loadBalancers": [{
                "targetGroupArn": group,
                "containerName": CONTAINER,
                "containerPort": CONTAINER_PORT,
            }],
        });
        let found = self.wait_for_drained().await?;
        if found["status"] != "ACTIVE" {
            wanted["serviceName"] = NAME.into();
            return self.call("CreateService", wanted).await.map(drop);
        }
        let is_as_wanted = found["taskDefinition"] == task_definition
            && found["desiredCount"] == TASKS
            && found["loadBalancers"][0]["targetGroupArn"] == group;
        if is_as_wanted {
            return Ok(());
        }
        wanted["service"] = NAME.into();
        self.call("UpdateService", wanted).await.map(drop)
    }

    /// Every task runs and is healthy to the target group.
    pub async fn wait_until_steady(&self) -> Result<()> {
        let mut said = None;
        let steady = until("the demo's service is steady", async || {
            let service = self.described().await?;
            said = service["events"][0]["message"].as_str().map(str::to_owned);
            let is_steady = service["runningCount"] == TASKS
                && service["deployments"].as_array().is_some_and(|all| all.len() == 1)
                && service["deployments"][0]["rolloutState"] == "COMPLETED";
            Ok(is_steady.then_some(()))
        });
        let steady = steady.await;
        steady.with_context(|| format!("the service's last event: {}", said.unwrap_or_default()))
    }

    /// Ends the service with all of its tasks, and waits for the last one; says how many there were.
    pub async fn remove(&self) -> Result<usize> {
        let tasks = self.tasks(json!({ "family": NAME })).await?;
        if self.described().await?["status"] == "ACTIVE" {
            let input = json!({ "cluster": CLUSTER, "service": NAME, "force": true });
            self.call("DeleteService", input).await?;
        }
        self.end_lone_tasks().await?;
        self.wait_for_drained().await?;
        for task in &tasks {
            until("the demo's tasks stop", async || {
                let input = json!({ "cluster": CLUSTER, "tasks": [task] });
                let answer = self.call("DescribeTasks", input).await?;
                // One that stopped long enough ago is not known any more.
                let status = answer.pointer("/tasks/0/lastStatus");
                Ok(status.is_none_or(|status| status == "STOPPED").then_some(()))
            })
            .await?;
        }
        Ok(tasks.len())
    }

    /// The service, once it is not on its way out.
    async fn wait_for_drained(&self) -> Result<Value> {
        until("the tasks of the demo's last service stop", async || {
            let service = self.described().await?;
            Ok((service["status"] != "DRAINING").then_some(service))
        })
        .await
    }

    /// Null if there is none.
    async fn described(&self) -> Result<Value> {
        let input = json!({ "cluster": CLUSTER, "services": [NAME] });
        let mut answer = self.call("DescribeServices", input).await?;
        if let Some(failure) = answer.pointer("/failures/0")
            && failure["reason"] != "MISSING"
        {
            bail!("the demo's service cannot be described: {failure}");
        }
        Ok(answer.pointer_mut("/services/0").map(Value::take).unwrap_or_default())
    }

    /// The demo of earlier versions was a task without a service.
    async fn end_lone_tasks(&self) -> Result<()> {
        for task in self.tasks(json!({ "startedBy": NAME })).await? {
            let input = json!({ "cluster": CLUSTER, "task": task, "reason": "berth demo" });
            self.call("StopTask", input).await?;
        }
        Ok(())
    }

    /// Those that should run.
    async fn tasks(&self, mut filter: Value) -> Result<Vec<String>> {
        filter["cluster"] = CLUSTER.into();
        filter["desiredStatus"] = "RUNNING".into();
        let answer = self.call("ListTasks", filter).await?;
        let tasks = answer["taskArns"].as_array().context("ListTasks answers no taskArns")?;
        Ok(tasks.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.with_context(|| format!("no {pointer} in {answer}"))
}
