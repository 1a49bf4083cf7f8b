//! What services cost a server: growing, being rolled over, resting.
//!
//!     cargo xtask bench services [-- AGENTS]
//!
//! Starts `berth server` with a durable store and, in this process, a fleet of light agents that speak the real protocol;
//! both share this machine. What counts is the server's processor time. Fails above a budget.

use std::process::ExitCode;
use std::time::Duration;

use berth_sim::fleet::{Options, Services, run_services};
use berth_test_server::Home;

const AGENTS: usize = 1_000;
const SERVICES: Services = Services { grown: 5_000, rolled: 1_000, resting: 1_000, tasks_each: 10 };
/// For growing, and for being rolled over.
const CPU_BUDGET: Duration = Duration::from_secs(2);
/// Of one processor, for all that rest.
const REST_BUDGET: f64 = 0.02;

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let agents = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let home = Home::new(env!("CARGO_BIN_EXE_berth"));
    let _server = home.serving("server").args(&["--log", "warn"]).start();
    let api = home.api();
    let options = Options {
        agents: agents.unwrap_or(AGENTS),
        settle: Duration::from_secs(10),
        measure: Duration::from_secs(30),
        ..Options::new(home.endpoint(), api.region, api.credentials)
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let run = run_services(options, SERVICES, |progress| eprintln!("{progress}"));
    let report = match runtime.block_on(run) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    print!("{report}");
    println!(
        "{:<28}{} s each, {:.0} % of one processor at rest",
        "budgets",
        CPU_BUDGET.as_secs(),
        100.0 * REST_BUDGET
    );
    let is_cheap = report.growing.cpu <= CPU_BUDGET
        && report.rolling.cpu <= CPU_BUDGET
        && report.resting.share() <= REST_BUDGET;
    if is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
