//! What it costs to decide a call by IAM's policies: the smallest signed call that there is, and two typical ones.
//!
//!     cargo xtask bench authorise
//!
//! Each call is served by two endpoints of the same services, of which one asks policies and the other lets everybody in.
//! Their rounds take turns and are timed by the processor's clock of this thread, which does all the work: so what they
//! differ by is what deciding costs, whatever else the machine does. Fails if that is more than a twentieth of a call.
//!
//! Verifying a signature is not deciding: both do it. What it costs more for a user or a session than for the account's own
//! key, shows in the first column.

use std::hint::black_box;
use std::process::ExitCode;

use berth_aws_api::{ecs, sts};
use berth_aws_protocol::Protocol;
use berth_control::pipeline::Endpoint;
use bytes::Bytes;
use http::Request;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

use world::{PEER, World, request};

#[path = "authorise/world.rs"]
mod world;

const ROUNDS: usize = 200;
/// Of small calls, between two looks at the clock.
const CALLS: u32 = 100;
/// What deciding may cost, of a call.
const BUDGET: f64 = 0.05;

/// A call that is made again and again.
enum Asked {
    Reading(Request<Bytes>),
    /// Its task is ended again while nobody counts.
    Running(Request<Bytes>),
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let world = runtime.block_on(World::new());
    println!("{:<20}{:<16}{:>12}{:>12}{:>10}", "call", "by", "undecided", "decided", "share");
    let mut is_cheap = true;
    for (by, key) in &world.callers {
        let id = Some(key.access_key_id.clone());
        let input = sts::GetAccessKeyInfoRequest { access_key_id: id };
        let small = request::<sts::ops::GetAccessKeyInfo>(Protocol::Query, key, &input);
        let input = ecs::DescribeTasksRequest {
            tasks: Some(vec![world.task.clone()]),
            ..Default::default()
        };
        let read = request::<ecs::ops::DescribeTasks>(Protocol::AwsJson11, key, &input);
        let input =
            ecs::RunTaskRequest { task_definition: Some("web".to_owned()), ..Default::default() };
        let run = request::<ecs::ops::RunTask>(Protocol::AwsJson11, key, &input);
        for (name, asked) in [
            ("GetAccessKeyInfo", Asked::Reading(small)),
            ("DescribeTasks", Asked::Reading(read)),
            ("RunTask", Asked::Running(run)),
        ] {
            let [without, with] = compared(&runtime, &world, &asked);
            let share = (with - without) / with;
            println!("{name:<20}{by:<16}{without:>9.2} µs{with:>9.2} µs{:>8.1} %", 100.0 * share);
            is_cheap &= share <= BUDGET;
        }
    }
    println!("budget: {:.0} % of a call", 100.0 * BUDGET);
    if is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Microseconds of a call, undecided and decided: the medians of rounds that take turns.
fn compared(runtime: &Runtime, world: &World, asked: &Asked) -> [f64; 2] {
    let endpoints = [&world.undecided, &world.decided];
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (endpoint, rounds) in endpoints.into_iter().zip(&mut rounds) {
            rounds.push(runtime.block_on(round(world, endpoint, asked)));
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

async fn round(world: &World, endpoint: &Endpoint, asked: &Asked) -> f64 {
    match asked {
        Asked::Reading(request) => {
            let since = now();
            for _ in 0..CALLS {
                let answer = black_box(endpoint.handle(request.clone(), PEER).await);
                assert_eq!(answer.status(), 200, "{answer:?}");
            }
            (now() - since) / f64::from(CALLS)
        }
        Asked::Running(request) => {
            let since = now();
            let answer = endpoint.handle(request.clone(), PEER).await;
            let took = now() - since;
            assert_eq!(answer.status(), 200, "{answer:?}");
            world.end(&answer).await;
            took
        }
    }
}

/// Microseconds that this thread has run.
fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
