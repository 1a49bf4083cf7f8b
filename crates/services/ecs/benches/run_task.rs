//! From the bytes of a request to the bytes of its answer, in a small cluster and in one as large as ECS allows.
//!
//! The store is memory, so that what is measured is this program and not a disk. Every task that RunTask
//! starts is ended outside of the measurement: each iteration finds the same room.

use std::sync::Arc;
use std::time::{Duration, Instant};

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::idempotency::ClientToken;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_control::tables::Schema;
use berth_ecs::{Ecs, Limits};
use berth_store::MemoryStore;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const SIZES: [usize; 2] = [100, 5_000];
/// Tasks that run on each of them all the while.
const TASKS_EACH: usize = 5;
const PEER: Peer = Peer::plain(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

struct World {
    endpoint: Endpoint,
    tasks: Vec<String>,
}

impl World {
    async fn new(instances: usize) -> Self {
        let env = Env::system();
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &env);
        let cell =
            Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("an empty store opens");
        let ecs = Ecs::new(cell, env.clone(), Limits::default(), "http://127.0.0.1:4566");
        let options = EndpointOptions {
            env,
            account: "123456789012".parse().expect("an account"),
            default_region: "us-east-1".parse().expect("a region"),
            authenticator: Arc::new(OpenAuthenticator),
            authorizer: Arc::new(AllowAll),
            metrics: Metrics::new(),
        };
        let endpoint = EndpointBuilder::new(options)
            .service(ecs.service())
            .build()
            .expect("one service alone");
        let mut world = Self { endpoint, tasks: Vec::new() };
        world.furnish(instances).await;
        world
    }

    async fn furnish(&mut self, instances: usize) {
        self.ask("CreateCluster", &json!({})).await;
        let container = json!({"name": "main", "image": "busybox", "cpu": 64, "memory": 64});
        let definition = json!({"family": "web", "containerDefinitions": [container]});
        self.ask("RegisterTaskDefinition", &definition).await;
        for _ in 0..instances {
            let instance = json!({"cluster": "default", "totalResources": [
                {"name": "CPU", "type": "INTEGER", "integerValue": 65536},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": 65536},
            ]});
            self.ask("RegisterContainerInstance", &instance).await;
        }
        for _ in 0..instances * TASKS_EACH / 10 {
            let answer = self.ask("RunTask", &json!({"taskDefinition": "web", "count": 10})).await;
            self.tasks.extend(arns(&answer));
        }
        assert_eq!(self.tasks.len(), instances * TASKS_EACH, "there is room for all of them");
    }

    /// Sends one request; the answer must be a success.
    async fn send(&self, operation: &str, body: bytes::Bytes) -> bytes::Bytes {
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AmazonEC2ContainerServiceV20141113.{operation}"))
            .body(body)
            .expect("a request can be built");
        let response = self.endpoint.handle(request, PEER).await;
        assert_eq!(response.status(), 200, "{operation}: {:?}", response.body());
        response.into_body()
    }

    async fn ask(&self, operation: &str, input: &Value) -> Value {
        let answer = self.send(operation, input.to_string().into()).await;
        serde_json::from_slice(&answer).expect("answers are JSON")
    }

    /// The time that so many calls of RunTask take, one after the other.
    async fn run(&self, calls: u64, count: u32) -> Duration {
        let body = bytes::Bytes::from(json!({"taskDefinition": "web", "count": count}).to_string());
        let mut time = Duration::ZERO;
        for _ in 0..calls {
            let since = Instant::now();
            let answer = self.send("RunTask", body.clone()).await;
            time += since.elapsed();
            let answer = serde_json::from_slice(&answer).expect("answers are JSON");
            for arn in arns(&answer) {
                self.ask("SubmitTaskStateChange", &json!({"task": arn, "status": "STOPPED"})).await;
            }
        }
        time
    }
}

fn arns(answer: &Value) -> Vec<String> {
    let tasks = answer["tasks"].as_array().expect("an answer has tasks");
    tasks.iter().map(|task| task["taskArn"].as_str().expect("an ARN").to_owned()).collect()
}

fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime can be built");
    let small = runtime.block_on(World::new(SIZES[0]));
    let large = runtime.block_on(World::new(SIZES[1]));
    for (world, size) in [&small, &large].into_iter().zip(SIZES) {
        for count in [1, 10] {
            let name = format!("RunTask of {count} on {size} instances");
            criterion.bench_function(&name, |bencher| {
                bencher.iter_custom(|calls| runtime.block_on(world.run(calls, count)));
            });
        }
    }
    for count in [1, 100] {
        let body = bytes::Bytes::from(json!({"tasks": small.tasks[..count]}).to_string());
        criterion.bench_function(&format!("DescribeTasks of {count}"), |bencher| {
            bencher.iter(|| runtime.block_on(small.send("DescribeTasks", body.clone())));
        });
    }
}

criterion_group!(all, benches);
criterion_main!(all);
