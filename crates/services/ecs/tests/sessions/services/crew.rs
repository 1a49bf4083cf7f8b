//! Hosts that run tasks: whatever is told to run runs, whatever is told to stop stops.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::sessions::agent::Agent;
use crate::sessions::world::{World, text};

/// A cluster of hosts, with everything to watch a service by.
pub struct Crew {
    pub world: World,
    /// The key that each instance's host signs with, by the instance's ARN.
    hosts: BTreeMap<String, String>,
    /// The images that hosts were told to run, container by container, by the task's ARN.
    images: Images,
}

type Images = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

fn heed(images: &Images) -> impl Fn(&Value) + Send + 'static {
    let images = images.clone();
    move |payload| {
        let mut images = images.lock().expect("nobody panics with it");
        for task in payload["tasks"].as_array().expect("a payload has tasks") {
            let containers = task["containers"].as_array().expect("a task has containers").iter();
            let told: Vec<String> = containers.map(|container| text(container, "/image")).collect();
            // One that is to stop is named only.
            if !told.is_empty() {
                images.insert(text(task, "/arn"), told);
            }
        }
    }
}

impl Crew {
    pub async fn new(hosts: usize) -> Self {
        let mut crew =
            Self { world: World::new().await, hosts: BTreeMap::new(), images: Images::default() };
        crew.world.register_task_definition().await;
        for number in 0..hosts {
            crew.join(&format!("host-{number}"), "a").await;
        }
        crew
    }

    /// The same, with load balancers.
    pub async fn balanced(hosts: usize) -> Self {
        let world = World::balanced().await;
        let mut crew = Self { world, hosts: BTreeMap::new(), images: Images::default() };
        for number in 0..hosts {
            crew.join(&format!("host-{number}"), "us-east-1a").await;
        }
        crew
    }

    /// A host of this availability zone joins; its ARN.
    pub async fn join(&mut self, host: &str, zone: &str) -> String {
        let instance = self.world.register_with(host, zone).await;
        let agent: Agent = self.world.connect(host, &instance).await;
        tokio::spawn(agent.obey(heed(&self.images)));
        self.hosts.insert(instance.clone(), host.to_owned());
        self.world.reconcilers.settled().await;
        instance
    }

    /// The ARNs of all instances, in the order of their ids.
    pub fn instances(&self) -> Vec<String> {
        self.hosts.keys().cloned().collect()
    }

    /// A new control plane on what the old one made durable, with the same hosts.
    pub async fn restarted(self) -> Self {
        let Self { world, hosts, images } = self;
        let world = world.restarted().await;
        for (instance, host) in &hosts {
            tokio::spawn(world.connect(host, instance).await.obey(heed(&images)));
        }
        world.reconcilers.settled().await;
        Self { world, hosts, images }
    }

    /// Registers one more revision of a family whose tasks take so much memory.
    pub async fn define(&self, family: &str, memory: u32) {
        let input = json!({"family": family, "containerDefinitions": [
            {"name": "main", "image": "busybox", "memory": memory, "command": ["sleep", "1"]},
        ]});
        self.ask("RegisterTaskDefinition", input).await;
    }

    /// Creates a service of the family `sleep` that has come to rest.
    pub async fn serve(&self, name: &str, desired_count: u32, more: Value) -> Value {
        let mut input = json!({
            "cluster": "web", "serviceName": name, "taskDefinition": "sleep",
            "desiredCount": desired_count,
        });
        let given = more.as_object().expect("parameters").clone();
        input.as_object_mut().expect("parameters").extend(given);
        self.ask("CreateService", input).await;
        self.obey().await;
        self.service(name).await
    }

    pub async fn update(&self, name: &str, change: Value) -> Value {
        let mut input = json!({"cluster": "web", "service": name});
        let given = change.as_object().expect("parameters").clone();
        input.as_object_mut().expect("parameters").extend(given);
        self.ask("UpdateService", input).await["service"].clone()
    }

    pub async fn wait(&self, time: std::time::Duration) {
        tokio::time::sleep(time).await;
        self.world.reconcilers.settled().await;
    }

    pub async fn ask(&self, operation: &str, input: Value) -> Value {
        let answer = self.world.ask(operation, input).await;
        self.world.reconcilers.settled().await;
        answer
    }

    /// The code and the message of a refusal.
    pub async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let (status, answer) =
            self.world.ask_as(crate::sessions::world::ADMINISTRATOR, operation, input).await;
        assert_eq!(status, 400, "{operation}: {answer}");
        (text(&answer, "/__type"), text(&answer, "/message"))
    }

    pub async fn service(&self, name: &str) -> Value {
        let input = json!({"cluster": "web", "services": [name], "include": ["TAGS"]});
        self.ask("DescribeServices", input).await["services"][0].clone()
    }

    /// The messages of a service's events, the oldest first.
    pub async fn events(&self, name: &str) -> Vec<String> {
        let service = self.service(name).await;
        let events = service["events"].as_array().expect("a service has events").iter().rev();
        events.map(|event| text(event, "/message")).collect()
    }

    /// All of the cluster and of its services that a request could have changed.
    pub async fn everything(&self) -> Value {
        let cluster = json!({"clusters": ["web"], "include": ["TAGS", "SETTINGS", "STATISTICS"]});
        let listed =
            self.ask("ListServices", json!({"cluster": "web"})).await["serviceArns"].clone();
        let services = listed.as_array().expect("a list");
        let mut described = Vec::new();
        for arn in services {
            let service = json!({"cluster": "web", "services": [arn], "include": ["TAGS"]});
            described.push(self.ask("DescribeServices", service).await);
            let deployments = json!({"cluster": "web", "service": arn});
            described.push(self.ask("ListServiceDeployments", deployments).await);
        }
        json!([
            self.ask("DescribeClusters", cluster).await,
            described,
            self.tasks("RUNNING").await,
            self.tasks("STOPPED").await,
        ])
    }

    /// All tasks that are meant to be in this state, as they are described.
    pub async fn tasks(&self, desired: &str) -> Vec<Value> {
        let input = json!({"cluster": "web", "desiredStatus": desired});
        let listed = self.ask("ListTasks", input).await;
        let arns = listed["taskArns"].as_array().expect("a list").clone();
        if arns.is_empty() {
            return Vec::new();
        }
        let input = json!({"cluster": "web", "tasks": arns, "include": ["TAGS"]});
        let described = self.ask("DescribeTasks", input).await;
        described["tasks"].as_array().expect("a list").clone()
    }

    /// The images that a task's host was told to run.
    pub fn images(&self, task: &Value) -> Vec<String> {
        let images = self.images.lock().expect("nobody panics with it");
        images.get(&text(task, "/taskArn")).cloned().expect("its host was told of the task")
    }

    /// A task's host says what became of its one container.
    pub async fn report(&self, task: &Value, status: &str, exit_code: Option<i32>) {
        let mut container = json!({"containerName": "main", "status": status});
        if let Some(code) = exit_code {
            container["exitCode"] = json!(code);
        }
        self.report_container(task, status, container).await;
    }

    /// A task's host says that its one container has this status, and runs the image of this digest.
    pub async fn report_image(&self, task: &Value, status: &str, digest: &str) {
        let container = json!({"containerName": "main", "status": status, "imageDigest": digest});
        self.report_container(task, status, container).await;
    }

    pub async fn report_container(&self, task: &Value, status: &str, container: Value) {
        let host = &self.hosts[&text(task, "/containerInstanceArn")];
        let input = json!({
            "cluster": "web", "task": task["taskArn"], "status": status, "containers": [container],
        });
        let (code, answer) = self.world.ask_as(host, "SubmitTaskStateChange", input).await;
        assert_eq!(code, 200, "{answer}");
        self.world.reconcilers.settled().await;
    }

    /// Hosts do one thing each that they are told: the number of things.
    pub async fn step(&self) -> usize {
        let mut done = 0;
        for task in self.tasks("STOPPED").await {
            if task["lastStatus"] != "STOPPED" {
                self.report(&task, "STOPPED", Some(0)).await;
                done += 1;
            }
        }
        for task in self.tasks("RUNNING").await {
            if task["lastStatus"] == "PENDING" {
                self.report(&task, "RUNNING", None).await;
                done += 1;
            }
        }
        done
    }

    /// Until no host has anything left to do.
    pub async fn obey(&self) {
        for _ in 0..200 {
            if self.step().await == 0 {
                return;
            }
        }
        panic!("the hosts never come to rest");
    }

    /// Every task that is to run does not: the image cannot be had.
    pub async fn fail(&self) -> usize {
        let mut failed = 0;
        for task in self.tasks("RUNNING").await {
            if task["lastStatus"] == "PENDING" {
                self.report(&task, "STOPPED", None).await;
                failed += 1;
            }
        }
        failed
    }
}

/// Counts as DescribeServices shows them: desired, running, pending.
pub fn counts(service: &Value) -> (i64, i64, i64) {
    let count = |name: &str| service[name].as_i64().expect("a count");
    (count("desiredCount"), count("runningCount"), count("pendingCount"))
}
