//! What operations cost as a cell grows from a thousand tasks to a million.
//!
//!     cargo xtask bench growth [-- TASKS]
//!
//! No operation may become dearer by what it does not touch. The store is memory and everything runs in one thread,
//! whose processor time is counted: what others do on this machine is not in the figures. Fails if an operation
//! costs more than a few times as much among the most tasks as among the fewest: a logarithm doubles from a thousand
//! to a million, and caches hold the one and not the other.

mod world;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use berth_control::env::Env;
use berth_control::reconcile::Reconcilers;
use berth_ecs::tables::Task;
use berth_model::TaskArn;
use berth_store::MemoryStore;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tokio::runtime::Builder;
use world::{World, text};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS: usize = 300;
const BUDGET: f64 = 5.0;

const OPERATIONS: [&str; 9] = [
    "ListTasks, a page of 100",
    "ListTasks of a service",
    "ListTasks of an instance, stopped",
    "DescribeTasks of 1",
    "RunTask of 1",
    "a task RUNNING",
    "a task STOPPED",
    "a service replaces a task",
    "a transaction of one row",
];

/// Processor time of each operation.
type Costs = [Duration; OPERATIONS.len()];

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let most = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let sizes = SIZES.into_iter().filter(|size| most.is_none_or(|most| *size <= most));
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut columns: Vec<(usize, Costs)> = Vec::new();
    for size in sizes {
        eprintln!("{size} tasks");
        columns.push((size, runtime.block_on(costs(size))));
    }
    print!("{:<36}", "processor time, µs");
    columns.iter().for_each(|(size, _)| print!("{size:>10}"));
    println!("{:>10}", "growth");
    let mut is_flat = true;
    for (row, operation) in OPERATIONS.iter().enumerate() {
        print!("{operation:<36}");
        columns.iter().for_each(|(_, costs)| print!("{:>10.1}", costs[row].as_secs_f64() * 1e6));
        let ends = columns.first().zip(columns.last());
        let growth = ends.map_or(1.0, |((_, first), (_, last))| {
            last[row].as_secs_f64() / first[row].as_secs_f64()
        });
        println!("{growth:>10.1}");
        is_flat &= growth <= BUDGET;
    }
    println!("budget: {BUDGET} times");
    if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn costs(tasks: usize) -> Costs {
    let world = World::open(Arc::new(MemoryStore::new())).await;
    let running = world.furnish(tasks).await;
    let probe = json!({"serviceName": "probe", "taskDefinition": "web", "desiredCount": 10});
    world.ask("CreateService", &probe).await;
    let mut reconcilers = Reconcilers::new(world.ecs.cell.clone(), Env::system());
    world.ecs.start(&mut reconcilers);
    reconcilers.settled().await;

    let mut costs = Costs::default();
    let instances = world.ask("ListContainerInstances", &json!({"maxResults": 1})).await;
    let questions = [
        ("ListTasks", json!({})),
        ("ListTasks", json!({"serviceName": "probe"})),
        (
            "ListTasks",
            json!({
                "desiredStatus": "STOPPED", "containerInstance": instances["containerInstanceArns"][0],
            }),
        ),
        ("DescribeTasks", json!({"tasks": [running]})),
    ];
    for (row, (operation, input)) in questions.into_iter().enumerate() {
        let body = bytes::Bytes::from(input.to_string());
        costs[row] = cost(async || drop(world.send(operation, body.clone()).await)).await;
    }
    let begun = std::cell::RefCell::new(Vec::new());
    costs[4] = cost(async || {
        let arn = world.run().await;
        begun.borrow_mut().push(arn);
    })
    .await;
    for (row, status) in [(5, "RUNNING"), (6, "STOPPED")] {
        let mut arns = begun.borrow().clone().into_iter();
        costs[row] = cost(async || {
            let task = arns.next().expect("one for each round");
            world.ask("SubmitTaskStateChange", &report(&task, status)).await;
        })
        .await;
    }
    reconcilers.settled().await;
    costs[7] = cost(async || {
        let listed = world.ask("ListTasks", &json!({"serviceName": "probe"})).await;
        let task = text(&listed["taskArns"][0]);
        // It ended well, so that its service has no reason to hesitate.
        world.ask("StopTask", &json!({"task": task})).await;
        world.ask("SubmitTaskStateChange", &report(&task, "STOPPED")).await;
        reconcilers.settled().await;
    })
    .await;
    let id = running.parse::<TaskArn>().expect("an ARN").id;
    costs[8] = cost(async || {
        let flip = move |tx: &mut berth_control::cell::Transaction| {
            tx.update::<Task>(&id, |task| task.accounted = !task.accounted);
            Ok::<_, Infallible>(())
        };
        world.ecs.cell.write(flip).await.expect("the cell is open");
    })
    .await;
    reconcilers.shutdown().await;
    costs
}

fn report(task: &str, status: &str) -> serde_json::Value {
    json!({"task": task, "status": status, "containers": [{"containerName": "main", "status": status}]})
}

/// What a round takes of this thread's processor time. Of many, the one in the middle: in between, reconcilers look at
/// their services in the same thread, each for as long as it has tasks, which is nobody's cost but theirs.
async fn cost(mut round: impl AsyncFnMut()) -> Duration {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = used();
        round().await;
        rounds.push(used() - begun);
    }
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn used() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("time goes on")
}
