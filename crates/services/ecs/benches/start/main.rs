//! How long a start takes until the first right answer, and what a task costs in memory.
//!
//!     cargo xtask bench start [-- TASKS]
//!
//! Fills an embedded store, closes it, and then has a fresh process open it and describe a task, a few times over: from
//! the beginning of its `main` to the bytes of the answer. Resident memory is looked at a little later, when the
//! allocator has given back what only the start needed. Fails above two seconds or 1 KiB a task, for a million.

#[path = "../growth/world.rs"]
mod world;

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use berth_store::EmbeddedStore;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tokio::runtime::Runtime;
use world::{World, text};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TASKS: usize = 1_000_000;
const STARTS: usize = 3;
const OPEN: &str = "--open";
/// Both are for so many tasks as above.
const TIME_BUDGET: Duration = Duration::from_secs(2);
const BYTES_BUDGET: f64 = 1024.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Runtime::new().expect("threads can be started");
    if let Some(at) = arguments.iter().position(|argument| argument == OPEN) {
        runtime.block_on(open(&arguments[at + 1], &arguments[at + 2]));
        return ExitCode::SUCCESS;
    }
    // cargo adds `--bench` to whatever it was given.
    let tasks = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(TASKS);
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("a temporary directory has a plain name");
    let task = runtime.block_on(fill(path, tasks));
    let program = std::env::current_exe().expect("this program has a file");
    let mut best: Option<Figures> = None;
    println!("{tasks} tasks");
    for _ in 0..STARTS {
        let output = Command::new(&program).args([OPEN, path, &task]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let figures = Figures::parse(&said).unwrap_or_else(|| panic!("{output:?}"));
        println!(
            "first right answer after {:.2} s, {:.2} s of processor time; {:.0} bytes resident a task ({:.0} MiB; {:.0} at most)",
            figures.took,
            figures.used,
            1024.0 * figures.resident_kib / tasks as f64,
            figures.resident_kib / 1024.0,
            figures.most_kib / 1024.0,
        );
        if best.as_ref().is_none_or(|best| figures.took < best.took) {
            best = Some(figures);
        }
    }
    let best = best.expect("it was started");
    let is_quick = best.took <= TIME_BUDGET.as_secs_f64();
    let is_small = best.resident_kib * 1024.0 / tasks as f64 <= BYTES_BUDGET;
    println!(
        "budgets: {} s and {BYTES_BUDGET} bytes a task, for {TASKS} tasks",
        TIME_BUDGET.as_secs()
    );
    if is_quick && is_small { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A store full of tasks; the ARN of one of them.
async fn fill(dir: &str, tasks: usize) -> String {
    let store = EmbeddedStore::open(dir).await.expect("an empty directory opens");
    let world = World::open(Arc::new(store)).await;
    let task = world.furnish(tasks).await;
    world.ecs.cell.close().await.expect("all is durable");
    task
}

/// What a fresh process does.
async fn open(dir: &str, task: &str) {
    let begun = Instant::now();
    let store = EmbeddedStore::open(dir).await.expect("the directory opens");
    let opened = begun.elapsed();
    let world = World::open(Arc::new(store)).await;
    let answer = world.ask("DescribeTasks", &json!({"tasks": [task]})).await;
    let took = begun.elapsed();
    assert_eq!(text(&answer["tasks"][0]["lastStatus"]), "RUNNING");
    let used = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("time goes on");
    tokio::time::sleep(Duration::from_secs(2)).await;
    eprintln!("the file was open after {opened:?}");
    let [resident, most] = ["VmRSS:", "VmHWM:"].map(memory);
    println!("{} {} {resident} {most}", took.as_secs_f64(), used.as_secs_f64());
}

struct Figures {
    took: f64,
    used: f64,
    resident_kib: f64,
    most_kib: f64,
}

impl Figures {
    fn parse(text: &str) -> Option<Self> {
        let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
        let [took, used, resident_kib, most_kib] = numbers.ok()?.try_into().ok()?;
        Some(Self { took, used, resident_kib, most_kib })
    }
}

fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.expect("the kernel says how much")
}
