//! Runs simulations: `sim --seed 7` replays one, `sim --seeds 0..1000` looks for a story that ends badly.

use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use berth_sim::{Options, run};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Simulate a whole cluster and everything that can go wrong with it.
///
/// RUST_LOG=trace=debug prints every event, RUST_LOG=debug the logs of the simulated processes too.
#[derive(Parser)]
#[command(name = "sim")]
struct Arguments {
    /// One run.
    #[arg(long, conflicts_with = "seeds", default_value_t = 0)]
    seed: u64,
    /// Many runs, such as 0..1000, spread over the processors; stops at the first failure.
    #[arg(long, value_parser = range)]
    seeds: Option<Range<u64>>,
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=200))]
    hosts: u16,
    /// How many servers the control plane has
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=9))]
    servers: u16,
    /// How many calls the clients make together.
    #[arg(long, default_value_t = 60)]
    steps: u32,
    /// Nothing goes wrong.
    #[arg(long)]
    calm: bool,
    /// Hosts go away for long, and disks are full
    #[arg(long)]
    outages: bool,
    /// Machines' clocks are set wrong
    #[arg(long)]
    clocks: bool,
    /// Somebody owns services
    #[arg(long)]
    services: bool,
    /// How many events a failure's story has at most.
    #[arg(long, default_value_t = 400)]
    keep: usize,
    /// How many runs at the same time; by default one for each processor.
    #[arg(long)]
    jobs: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off")),
        )
        .init();
    let is_well = match arguments.seeds.clone() {
        None => one(&arguments, arguments.seed),
        Some(seeds) => many(&arguments, seeds),
    };
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether every rule held.
fn one(arguments: &Arguments, seed: u64) -> bool {
    let options = Options {
        hosts: arguments.hosts.into(),
        servers: arguments.servers.into(),
        steps: arguments.steps,
        faults: !arguments.calm,
        outages: arguments.outages,
        clocks: arguments.clocks,
        services: arguments.services,
        keep: arguments.keep,
        ..Options::new(seed)
    };
    let outcome = run(options);
    println!("{outcome}");
    outcome.violation.is_none()
}

fn many(arguments: &Arguments, seeds: Range<u64>) -> bool {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or_else(processors).max(1);
    let (next, is_well) = (AtomicU64::new(seeds.start), AtomicBool::new(true));
    let work = || {
        while is_well.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            if !one(arguments, seed) {
                is_well.store(false, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    is_well.into_inner()
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let ends =
        text.split_once("..").and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
    ends.ok_or_else(|| format!("`{text}` is not a range of seeds such as 0..1000"))
}
