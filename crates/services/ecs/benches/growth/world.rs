//! A cell with as many tasks as are asked for, and what belongs to them in proportion.
//!
//! The first of each kind is made by the API, and the others are its rows with other ids, written by transactions:
//! so tables, indexes and events are what they would be, and a million tasks take seconds and not minutes.

use std::convert::Infallible;
use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::tables::Schema;
use berth_ecs::tables::{Service, ServiceDeployment, Task};
use berth_ecs::{Ecs, Limits};
use berth_model::{ContainerId, ContainerInstanceId, ServiceId, TaskArn, TaskId, TaskSetId, Word};
use berth_store::Store;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
/// Tasks for each of these.
const PER_INSTANCE: usize = 100;
const PER_SERVICE: usize = 1_000;
/// Of ten tasks, so many are of a service, and so many have ended.
const OF_SERVICES: usize = 5;
const ENDED: usize = 1;
const PER_TRANSACTION: usize = 1_000;

pub struct World {
    pub ecs: Arc<Ecs>,
    endpoint: Endpoint,
}

/// A service, and the deployment that its tasks are of.
#[derive(Clone, Copy)]
struct Owner {
    service: ServiceId,
    deployment: TaskSetId,
}

impl World {
    pub async fn open(store: Arc<dyn Store>) -> World {
        let env = Env::system();
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &env);
        let cell = Cell::open(store, schema).await.expect("the store opens");
        let limits = Limits {
            container_instances_per_cluster: usize::MAX,
            services_per_cluster: usize::MAX,
            ..Limits::default()
        };
        let ecs = Ecs::new(cell, env.clone(), limits, "http://127.0.0.1:4566");
        let options = EndpointOptions {
            env,
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(OpenAuthenticator),
            authorizer: Arc::new(AllowAll),
            metrics: Metrics::new(),
        };
        let builder = EndpointBuilder::new(options).service(ecs.service());
        World { endpoint: builder.build().expect("one service alone"), ecs }
    }

    /// Fills an empty cell. The ARN of a task that runs.
    pub async fn furnish(&self, tasks: usize) -> String {
        self.ask("CreateCluster", &json!({})).await;
        let container = json!({"name": "main", "image": "busybox", "cpu": 64, "memory": 64});
        let definition = json!({"family": "web", "containerDefinitions": [container]});
        self.ask("RegisterTaskDefinition", &definition).await;
        let mut instances = Vec::new();
        for _ in 0..(tasks / PER_INSTANCE).max(10) {
            let room = 2 * 64 * PER_INSTANCE;
            let instance = json!({"cluster": "default", "totalResources": [
                {"name": "CPU", "type": "INTEGER", "integerValue": room},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": room},
            ]});
            let answer = self.ask("RegisterContainerInstance", &instance).await;
            let arn = text(&answer["containerInstance"]["containerInstanceArn"]);
            let arn: berth_model::ContainerInstanceArn = arn.parse().expect("an ARN");
            instances.push(arn.id);
        }
        let owners = self.services(tasks).await;
        let (running, arn) = self.sample("RUNNING").await;
        let (ended, _) = self.sample("STOPPED").await;
        let instances: Arc<[ContainerInstanceId]> = instances.into();
        let owners: Arc<[Owner]> = owners.into();
        for begin in (0..tasks).step_by(PER_TRANSACTION) {
            let (running, ended) = (running.clone(), ended.clone());
            let (instances, owners) = (instances.clone(), owners.clone());
            let put = move |tx: &mut berth_control::cell::Transaction| {
                for number in begin..(begin + PER_TRANSACTION).min(tasks) {
                    let of = if number % 10 < ENDED { &ended } else { &running };
                    let mut task = copy(of, number);
                    task.container_instance = Some(instances[number % instances.len()]);
                    if number % 10 >= 10 - OF_SERVICES && !owners.is_empty() {
                        let owner = owners[number / PER_SERVICE % owners.len()];
                        task.service = Some(owner.service);
                        task.deployment = Some(owner.deployment);
                        task.group = Word::from(format!("service:{}", owner.service));
                        task.started_by = Some(owner.deployment.to_string().into());
                    }
                    tx.put(task);
                }
                Ok::<_, Infallible>(())
            };
            self.ecs.cell.write(put).await.expect("the cell is open");
        }
        arn
    }

    /// Services that have as many tasks as they want.
    async fn services(&self, tasks: usize) -> Vec<Owner> {
        let mut owners = Vec::new();
        for number in 0..tasks / PER_SERVICE {
            let service = json!({
                "serviceName": format!("service-{number}"), "taskDefinition": "web",
                "desiredCount": PER_SERVICE * OF_SERVICES / 10,
            });
            let answer = self.ask("CreateService", &service).await;
            let name = text(&answer["service"]["serviceName"]);
            let view = self.ecs.cell.snapshot();
            let found =
                view.table::<Service>().iter().find(|service| service.name.as_str() == name);
            let service = found.expect("it was created").id;
            let deployments = view.table::<ServiceDeployment>().indexes();
            let (_, deployment) = deployments.in_play.first(&service).expect("it has begun");
            owners.push(Owner { service, deployment: *deployment });
        }
        owners
    }

    /// A task whose agent has told everything of it.
    async fn sample(&self, status: &str) -> (Task, String) {
        let arn = self.run().await;
        let report = json!({"task": arn, "status": status, "containers": [{
            "containerName": "main", "status": status, "runtimeId": "0123456789abcdef".repeat(4),
            "imageDigest": format!("sha256:{}", "0123456789abcdef".repeat(4)),
            "networkBindings": [
                {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"},
            ],
        }]});
        self.ask("SubmitTaskStateChange", &report).await;
        let id = arn.parse::<TaskArn>().expect("an ARN").id;
        let task = self.ecs.cell.snapshot().get::<Task>(&id).expect("it was started").clone();
        (task, arn)
    }

    /// Starts a task by itself.
    pub async fn run(&self) -> String {
        let answer = self.ask("RunTask", &json!({"taskDefinition": "web"})).await;
        text(&answer["tasks"][0]["taskArn"])
    }

    /// Sends one request; the answer must be a success.
    pub async fn send(&self, operation: &str, body: Bytes) -> Bytes {
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AmazonEC2ContainerServiceV20141113.{operation}"))
            .body(body)
            .expect("a request can be built");
        let response = self.endpoint.handle(request, PEER).await;
        assert_eq!(response.status(), 200, "{operation}: {:?}", response.body());
        response.into_body()
    }

    pub async fn ask(&self, operation: &str, input: &Value) -> Value {
        let answer = self.send(operation, input.to_string().into()).await;
        serde_json::from_slice(&answer).expect("answers are JSON")
    }
}

/// The same task again, with ids of its own: neighbours have been made one after the other, as real ones are.
fn copy(task: &Task, number: usize) -> Task {
    const CHANCE: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
    let id = (number as u128) << 80 | (number as u128 + 1).wrapping_mul(CHANCE) >> 48;
    let mut task = task.clone();
    task.id = TaskId::from_bytes(id.to_be_bytes());
    for (at, container) in task.containers.iter_mut().enumerate() {
        container.id = ContainerId::from_bytes((!id).wrapping_add(at as u128).to_be_bytes());
        let runtime_id = format!("{id:032x}{id:032x}");
        container.runtime_id = Some(runtime_id.as_str().into());
    }
    task
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}
