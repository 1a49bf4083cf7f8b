//! What a server bears: placements as fast as they are answered, a million tasks that start, and answers in time while
//! much goes on.
//!
//!     cargo xtask bench load [-- placements | etcd | million [TASKS] | mixed]
//!
//! Each starts `berth server` with a durable store of its own (`etcd`: a server that has one member of etcd beside it) and, in this process, whoever calls it and the agents of
//! its instances, by the public API and the agents' own protocol, over real sockets and with real signatures. Both
//! sides share this machine: its processors are what bounds most of it, so the processor time of both is told. Fails
//! if one of those that were asked for misses its aim.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use berth_sim::fleet::{Mixed, Options, Placements, run, run_mixed, run_placements};
use berth_test_server::{Home, Process};
use tokio::runtime::Runtime;

/// As the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLACEMENTS: Placements = Placements {
    instances: 5_000,
    callers: 64,
    count: 10,
    warm_up: Duration::from_secs(2),
    measure: Duration::from_secs(10),
};
const PLACEMENTS_AIM: f64 = 50_000.0;
const AGENTS: usize = 10_000;
const TASKS: usize = 1_000_000;
const MILLION_AIM: Duration = Duration::from_secs(40);
const MIXED: Mixed = Mixed { calls: 2_000, churn: 1_000, measure: Duration::from_secs(20) };
const MIXED_AGENTS: usize = 1_000;
const MIXED_AIM: Duration = Duration::from_millis(10);

/// Whether its aim was reached; it may be given a number.
type Part = fn(&Runtime, Option<usize>) -> anyhow::Result<bool>;

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let asked: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_asked = |name: &str| {
        asked.iter().all(|argument| argument.parse::<usize>().is_ok())
            || asked.iter().any(|argument| argument == name)
    };
    let number = asked.iter().find_map(|argument| argument.parse().ok());
    let runtime = Runtime::new().expect("threads can be started");
    let mut is_good = true;
    let parts: [(&str, Part); 4] =
        [("placements", placements), ("etcd", etcd), ("mixed", mixed), ("million", million)];
    for (name, part) in parts {
        if !is_asked(name) {
            continue;
        }
        println!("{name}");
        is_good &= part(&runtime, number).unwrap_or_else(|error| {
            eprintln!("{error:#}");
            false
        });
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A server that takes more instances in a cluster than AWS does, and any number of calls.
fn server(home: &Home) -> Process {
    server_with(home, &[])
}

fn server_with(home: &Home, arguments: &[&str]) -> Process {
    let config = home.path().join("berth.toml");
    let settings = format!(
        "[server]\nrate-limits = \"off\"\n[server.limits]\ncontainer-instances-per-cluster = {AGENTS}\n"
    );
    fs::write(&config, settings).expect("the home can be written to");
    let config = config.to_str().expect("a temporary directory has a plain name");
    home.serving("server").args(&["--log", "warn", "--config", config]).args(arguments).start()
}

fn options(home: &Home) -> Options {
    let api = home.api();
    let settle = Duration::from_secs(3);
    Options { settle, ..Options::new(home.endpoint(), api.region, api.credentials) }
}

fn tell(progress: &str) {
    eprintln!("{progress}");
}

fn placements(runtime: &Runtime, callers: Option<usize>) -> anyhow::Result<bool> {
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _server = server(&home);
    place(runtime, &home, callers)
}

fn etcd(runtime: &Runtime, callers: Option<usize>) -> anyhow::Result<bool> {
    let durable = berth_test_etcd::Options { durable: true, ..Default::default() };
    let Some(etcd) = durable.start() else {
        println!("skipped: there is no etcd");
        return Ok(true);
    };
    let home = Home::at_known_address(env!("CARGO_BIN_EXE_berth"));
    let root_key = home.path().join("cell-root-key").display().to_string();
    let added = home.command(&["root-key", "--root-key-file", &root_key, "add"]).status()?;
    anyhow::ensure!(added.success(), "no root key can be made");
    let store = format!("etcd://{}", etcd.endpoints().join(","));
    let advertise = format!("https://{}", home.address());
    let arguments = ["--store", &store, "--advertise", &advertise, "--root-key-file", &root_key];
    let _server = server_with(&home, &arguments);
    place(runtime, &home, callers)
}

fn place(runtime: &Runtime, home: &Home, callers: Option<usize>) -> anyhow::Result<bool> {
    let asked = Placements { callers: callers.unwrap_or(PLACEMENTS.callers), ..PLACEMENTS };
    let report = runtime.block_on(run_placements(options(home), asked, tell))?;
    println!("{report}aim: {PLACEMENTS_AIM:.0} a second");
    Ok(report.per_second() >= PLACEMENTS_AIM)
}

fn mixed(runtime: &Runtime, _: Option<usize>) -> anyhow::Result<bool> {
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _server = server(&home);
    let options = Options { agents: MIXED_AGENTS, ..options(&home) };
    let report = runtime.block_on(run_mixed(options, MIXED, tell))?;
    println!("{report}aim: a p99 of {MIXED_AIM:?}");
    Ok(report.p99() <= MIXED_AIM && report.failed == 0)
}

fn million(runtime: &Runtime, tasks: Option<usize>) -> anyhow::Result<bool> {
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _server = server(&home);
    let tasks = tasks.unwrap_or(TASKS);
    let options = Options {
        agents: AGENTS.min(tasks),
        tasks,
        measure: Duration::from_secs(10),
        ..options(&home)
    };
    let begun = Instant::now();
    let report = runtime.block_on(run(options, tell))?;
    println!("{report}all of it took {:.1} s", begun.elapsed().as_secs_f64());
    println!("aim: {TASKS} tasks in {} s", MILLION_AIM.as_secs());
    Ok(report.is_whole() && report.started_in <= MILLION_AIM)
}
