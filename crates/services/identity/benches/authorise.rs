//! What it costs to decide a call by IAM's policies: the smallest signed call that there is, and two typical ones.
//!
//!     cargo xtask bench authorise
//!
//! Each call is served by two servers of the same services, of which one asks policies and the other lets everybody in.
//! Both log and audit each call, as the program does when nobody says otherwise.
//! They are asked over connections that stay open, one call at a time or sixteen, and their rounds take turns. What counts is how long the servers'
//! threads ran, from a request's bytes to its answer's, so what the two differ by is what deciding costs, whatever else
//! the machine does. Fails if that is more than a twentieth of a call.
//!
//! Verifying a signature is not deciding: both do it. What it costs more for a user or a session than for the account's own
//! key, shows in the first column.

use std::net::SocketAddr;
use std::process::ExitCode;

use berth_aws_api::{ecs, sts};
use berth_aws_protocol::Protocol;
use berth_control::server::{Listeners, Server, ServerOptions};
use bytes::Bytes;
use http::Request;
use tokio::runtime::Runtime;

use wire::{Wire, others_ran, written};
use world::{World, request};

#[path = "authorise/wire.rs"]
mod wire;
#[path = "authorise/world.rs"]
mod world;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 400;
/// Calls at once: of a server that has slept meanwhile, and of one that has much to do.
const AT_ONCE: [usize; 2] = [1, 16];
/// Between two looks at the clock.
const READS: usize = 96;
const RUNS: usize = 32;
/// What deciding may cost, of a call.
const BUDGET: f64 = 0.05;

/// A call that is made again and again.
enum Asked {
    Reading(Request<Bytes>),
    /// Its tasks are ended again while nobody counts.
    Running(Request<Bytes>),
}

fn main() -> ExitCode {
    // This thread only asks.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let world = runtime.block_on(World::new());
    let servers = [&world.undecided, &world.decided].map(|endpoint| {
        runtime.block_on(async {
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let listeners = Listeners::bind(&[any]).await.expect("a port is free");
            Server::serve(endpoint.clone(), listeners, ServerOptions::default())
        })
    });
    let connected = |server: &Server| {
        let most = AT_ONCE.into_iter().max().unwrap_or_default();
        (0..most).map(|_| Wire::to(server.addresses()[0])).collect::<Vec<_>>()
    };
    let mut wires = servers.each_ref().map(connected);
    println!(
        "{:<20}{:<14}{:>8}{:>14}{:>14}{:>10}",
        "call", "by", "at once", "undecided", "decided", "share"
    );
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
            for at_once in AT_ONCE {
                let mut wires = wires.each_mut().map(|wires| &mut wires[..at_once]);
                let Compared { without, with, share } =
                    compared(&runtime, &world, &mut wires, &asked);
                println!(
                    "{name:<20}{by:<14}{at_once:>8}{without:>11.2} µs{with:>11.2} µs{:>8.1} %",
                    100.0 * share
                );
                is_cheap &= share <= BUDGET;
            }
        }
    }
    println!("budget: {:.0} % of a call", 100.0 * BUDGET);
    if is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Microseconds of a call, undecided and decided, and the share of a decided one that deciding is.
struct Compared {
    without: f64,
    with: f64,
    share: f64,
}

/// Rounds are compared with those beside them, of which now one is first and now the other: a machine that is slow for a
/// while, or slow to begin, says nothing about either.
fn compared(
    runtime: &Runtime,
    world: &World,
    wires: &mut [&mut [Wire]; 2],
    asked: &Asked,
) -> Compared {
    let mut rounds = [Vec::new(), Vec::new()];
    for number in 0..ROUNDS {
        for turn in 0..2 {
            let which = (number + turn) % 2;
            rounds[which].push(round(runtime, world, wires[which], asked));
        }
    }
    let [without, with] = rounds;
    let shares = without.iter().zip(&with).map(|(without, with)| (with - without) / with);
    Compared { share: median(shares.collect()), without: median(without), with: median(with) }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn round(runtime: &Runtime, world: &World, wires: &mut [Wire], asked: &Asked) -> f64 {
    let (request, calls) = match asked {
        Asked::Reading(request) => (request, READS),
        Asked::Running(request) => (request, RUNS),
    };
    let request = written(request);
    let since = others_ran();
    let mut answers = Vec::with_capacity(calls);
    while answers.len() < calls {
        wires.iter_mut().for_each(|wire| wire.ask(&request));
        answers.extend(wires.iter_mut().map(Wire::hear));
    }
    let took = others_ran() - since;
    for answer in answers {
        assert_eq!(answer.status(), 200, "{answer:?}");
        if let Asked::Running(_) = asked {
            runtime.block_on(world.end(&answer));
        }
    }
    took / calls as f64
}
