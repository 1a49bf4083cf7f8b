//! What one server needs to hold thousands of agents: memory for each, processor time for all.
//!
//!     cargo xtask bench fleet [-- AGENTS TASKS]
//!
//! Starts `berth server` with a durable store and, in this process, a fleet of light agents that speak the real protocol
//! over real sockets. They all join at once, run their tasks, and are then measured for a minute of heartbeats and
//! telemetry. Both sides share this machine. Fails if anybody was disturbed or a budget is exceeded.

use std::fs;
use std::process::ExitCode;

use berth_sim::fleet::{Options, run};
use berth_test_server::Home;

const AGENTS: usize = 10_000;
const TASKS: usize = 10_000;
/// Resident memory of the server for each agent, in bytes, with its share of the tasks.
const MEMORY_BUDGET: f64 = 64.0 * 1024.0;
/// Share of one processor that heartbeats and telemetry of all agents may take.
const CPU_BUDGET: f64 = 0.5;

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let agents = numbers.next().unwrap_or(AGENTS);
    let tasks = numbers.next().unwrap_or(TASKS.min(agents));

    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    // AWS's limit is half of what this is about.
    let config = home.path().join("berth.toml");
    let limit = format!("[server.limits]\ncontainer-instances-per-cluster = {agents}\n");
    fs::write(&config, limit).expect("the home can be written to");
    let config = config.to_str().expect("a temporary directory has a plain name");
    let _server = home.serving("server").args(&["--log", "warn", "--config", config]).start();

    let api = home.api();
    let options =
        Options { agents, tasks, ..Options::new(home.endpoint(), api.region, api.credentials) };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let report = match runtime.block_on(run(options, |progress| eprintln!("{progress}"))) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    print!("{report}");
    let usage = report.server.expect("our server says what it uses");
    let is_cheap = usage.per_agent() <= MEMORY_BUDGET && usage.cpu <= CPU_BUDGET;
    println!(
        "{:<24}{:.0} KiB an agent, {:.0} % of one processor",
        "budgets",
        MEMORY_BUDGET / 1024.0,
        100.0 * CPU_BUDGET
    );
    if report.is_whole() && is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
