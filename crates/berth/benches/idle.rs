//! What an agent costs a host when it has nothing to do, with no task and with ten that are idle themselves.
//!
//!     cargo xtask bench idle [-- SECONDS]
//!
//! A real agent on a real engine, joined to a real server. Processor time is what the kernel's scheduler has counted for all
//! its threads over so many seconds. Fails above 10 MiB resident or 0.1 % of a processor.

use std::fs;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use berth_test_engine::{DEMO_IMAGE, Engine};
use berth_test_server::{Api, Home, Process, json, until};

const SECONDS: u64 = 60;
const TASKS: usize = 10;
/// An agent lets go of what only its start needed ten seconds after it, and again every minute.
const AFTER_START: Duration = Duration::from_secs(15);
const AFTER_WORK: Duration = Duration::from_secs(65);
/// Amazon's agent, measured beside ours when the budgets were made.
const STOCK_AGENT_MIB: f64 = 50.0;
const MEMORY_BUDGET_MIB: f64 = 10.0;
const CPU_BUDGET: f64 = 0.001;

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let window = Duration::from_secs(seconds.unwrap_or(SECONDS).max(1));
    if let Some(obstacle) = Engine::obstacle() {
        eprintln!("no private Docker Engine can run here: {obstacle}");
        return ExitCode::FAILURE;
    }
    let engine = Engine::start().expect("an engine starts");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for one call");
    runtime.block_on(engine.load_demo_image()).expect("the engine takes the image");
    let new_home = || Home::new(env!("CARGO_BIN_EXE_berth"));
    let (server_home, agent_home) = (new_home(), new_home());
    let server = server_home.serving("server").args(&["--log", "warn"]).start();
    let api = server_home.api();
    api.call("CreateCluster", json!({}));
    let docker = format!("unix://{}", engine.socket().display());
    let agent = agent_home.agent_of(&server_home).args(&["--log", "warn"]);
    let agent = agent.env("DOCKER_HOST", &docker).start();
    until("the host has joined", || {
        let input = json!({ "filter": "agentConnected == true" });
        let listed = api.call("ListContainerInstances", input);
        if listed["containerInstanceArns"] == json!([]) { Err(listed.to_string()) } else { Ok(()) }
    });

    println!("                     resident  its own  of files  proportional   CPU");
    sleep(AFTER_START);
    let idle = Cost::of(&agent, window);
    idle.print("agent, no task");
    run_tasks(&api);
    sleep(AFTER_WORK);
    let busy = Cost::of(&agent, window);
    busy.print(&format!("agent, {TASKS} tasks"));
    Cost::of(&server, window).print("server");
    println!("stock agent, no task{STOCK_AGENT_MIB:>9.1}");
    println!("budget{MEMORY_BUDGET_MIB:>23.1}{:>42.3} %", 100.0 * CPU_BUDGET);
    let is_small = |cost: &Cost| cost.resident <= MEMORY_BUDGET_MIB && cost.cpu <= CPU_BUDGET;
    if is_small(&idle) && is_small(&busy) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tasks that serve a page that nobody asks for.
fn run_tasks(api: &Api) {
    let definition = json!({
        "family": "idle", "networkMode": "bridge",
        "containerDefinitions": [{ "name": "web", "image": DEMO_IMAGE, "memory": 16 }],
    });
    api.call("RegisterTaskDefinition", definition);
    api.call("RunTask", json!({ "taskDefinition": "idle", "count": TASKS }));
    until("the tasks run", || {
        let running = api.call("ListTasks", json!({ "family": "idle" }));
        let tasks = api.call("DescribeTasks", json!({ "tasks": running["taskArns"] }));
        let tasks = tasks["tasks"].as_array().expect("a list");
        let runs = tasks.iter().filter(|task| task["lastStatus"] == "RUNNING").count();
        if runs == TASKS { Ok(()) } else { Err(format!("{runs} run")) }
    });
}

/// Memory in MiB, processor time as a share of one processor.
struct Cost {
    resident: f64,
    anonymous: f64,
    of_files: f64,
    proportional: f64,
    cpu: f64,
}

impl Cost {
    fn of(process: &Process, window: Duration) -> Cost {
        let (begun, used) = (Instant::now(), processor_time(process.id()));
        sleep(window);
        let cpu =
            (processor_time(process.id()) - used).as_secs_f64() / begun.elapsed().as_secs_f64();
        let status = read(process.id(), "status");
        Cost {
            resident: mib(&status, "VmRSS:"),
            anonymous: mib(&status, "RssAnon:"),
            of_files: mib(&status, "RssFile:"),
            proportional: mib(&read(process.id(), "smaps_rollup"), "Pss:"),
            cpu,
        }
    }

    fn print(&self, name: &str) {
        let Cost { resident, anonymous, of_files, proportional, cpu } = self;
        println!(
            "{name:<20}{resident:>9.1}{anonymous:>9.1}{of_files:>10.1}{proportional:>14.1}{:>9.3} %",
            100.0 * cpu
        );
    }
}

fn read(process: u32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{process}/{file}")).expect("it runs")
}

fn mib(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.expect("the kernel says how much") / 1024.0
}

/// Nanoseconds are the first number of each thread's `schedstat`; `stat` counts in hundredths of a second.
fn processor_time(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let nanos = threads.filter_map(|thread| {
        // A thread that ends meanwhile takes its time with it, and that is little.
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
