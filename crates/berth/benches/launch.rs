//! How long a task takes from RunTask to RUNNING, beside `docker run -d` on the same engine, turn by turn; and one of
//! ten containers beside ten `docker run -d` at once.
//!
//!     cargo xtask bench launch [-- RUNS]
//!
//! Both start a container of a small image that is on the host, with a memory limit and a published port in a bridge
//! network. A task is RUNNING when DescribeTasks says so. Medians; trust the ratios, not the times. Fails if one is
//! above its budget.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use berth_test_engine::{DEMO_IMAGE, Engine};
use berth_test_server::{Api, Home, Process, Value, json, until};

const RUNS: usize = 20;
const WARM_UP: usize = 2;
/// RunTask to RUNNING takes at most this many times `docker run -d`, for one container and for many at once.
const BUDGET: f64 = 1.25;
const CONTAINERS: usize = 10;

fn main() -> ExitCode {
    // cargo adds `--bench` to whatever it was given.
    let runs = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    if let Some(obstacle) = Engine::obstacle() {
        eprintln!("no private Docker Engine can run here: {obstacle}");
        return ExitCode::FAILURE;
    }
    let bench = Bench::start();
    let mut times = [const { Vec::new() }; 4];
    for run in 0..WARM_UP + runs {
        let (docker, one) = bench.turn(run % 2 == 0);
        let (docker_many, many) =
            (bench.docker_run_at_once(CONTAINERS), bench.run_task(&bench.many));
        if run >= WARM_UP {
            let took = [docker, one, docker_many, many];
            times.iter_mut().zip(took).for_each(|(times, took)| times.push(took));
        }
    }
    let [docker, one, docker_many, many] = times.map(|mut times| median(&mut times));
    let over = |time: Duration, peer: Duration| time.as_secs_f64() / peer.as_secs_f64();
    let (ratio, many_ratio) = (over(one, docker), over(many, docker_many));
    println!("medians of {runs}; a ratio is at most {BUDGET}");
    println!("docker run -d              {:>8.1} ms", millis(docker));
    println!("RunTask to RUNNING         {:>8.1} ms, ratio {ratio:.2}", millis(one));
    println!("docker run -d, {CONTAINERS} at once {:>9.1} ms", millis(docker_many));
    println!("a task of {CONTAINERS} containers  {:>9.1} ms, ratio {many_ratio:.2}", millis(many));
    println!(
        "{CONTAINERS} containers to one        {:>8.2}, and {:.2} of docker's",
        over(many, one),
        over(docker_many, docker)
    );
    bench.print_memory();
    let is_quick = ratio <= BUDGET && many_ratio <= BUDGET;
    if is_quick { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// An engine, and everything of ours on it.
struct Bench {
    api: Api,
    one: String,
    many: String,
    // Dropped in this order: the process before its data, the engine last.
    _up: Process,
    _home: Home,
    engine: Engine,
}

impl Bench {
    fn start() -> Bench {
        let engine = Engine::start().expect("an engine starts");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for one call");
        runtime.block_on(engine.load_demo_image()).expect("the engine takes the image");
        let home = new_home();
        let up =
            home.serving("up").args(&["--log", "warn"]).env("DOCKER_HOST", &docker_host(&engine));
        let up = up.start();
        let api = home.api();
        wait_for_host(&api);
        let [one, many] = [1, CONTAINERS].map(|containers| register(&api, containers));
        Bench { engine, _home: home, _up: up, api, one, many }
    }

    /// One launch of each, in this order or the other.
    fn turn(&self, docker_first: bool) -> (Duration, Duration) {
        if docker_first {
            let docker = self.docker_run();
            (docker, self.run_task(&self.one))
        } else {
            let berth = self.run_task(&self.one);
            (self.docker_run(), berth)
        }
    }

    /// Runs one and removes it again, which does not count.
    fn docker_run(&self) -> Duration {
        let begun = Instant::now();
        let id = self.docker(&["run", "-d", "--memory", "16m", "--publish", "80", DEMO_IMAGE]);
        let took = begun.elapsed();
        self.docker(&["rm", "--force", &id]);
        took
    }

    /// Runs so many, each by a program of its own, and removes them again, which does not count.
    fn docker_run_at_once(&self, count: usize) -> Duration {
        let begun = Instant::now();
        let ids: Vec<String> = std::thread::scope(|scope| {
            let run =
                || self.docker(&["run", "-d", "--memory", "16m", "--publish", "80", DEMO_IMAGE]);
            let running: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
            running.into_iter().map(|run| run.join().expect("it ran")).collect()
        });
        let took = begun.elapsed();
        let mut remove = vec!["rm", "--force"];
        remove.extend(ids.iter().map(String::as_str));
        self.docker(&remove);
        took
    }

    /// Runs one and stops it again, which does not count.
    fn run_task(&self, definition: &str) -> Duration {
        let begun = Instant::now();
        let answer = self.api.call("RunTask", json!({ "taskDefinition": definition }));
        let task = text(&answer["tasks"][0]["taskArn"]);
        self.wait(&task, "RUNNING");
        let took = begun.elapsed();
        self.api.call("StopTask", json!({ "task": task }));
        self.wait(&task, "STOPPED");
        took
    }

    fn wait(&self, task: &str, status: &str) {
        until(status, || {
            let described = self.api.call("DescribeTasks", json!({ "tasks": [task] }));
            let task = &described["tasks"][0];
            if task["lastStatus"] == status { Ok(()) } else { Err(task.to_string()) }
        });
    }

    fn docker(&self, arguments: &[&str]) -> String {
        let mut docker = Command::new("docker");
        docker.env("DOCKER_HOST", docker_host(&self.engine)).args(arguments);
        let output = docker.output().expect("docker is installed with dockerd");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a server and an agent keep resident when they have nothing to do.
    fn print_memory(&self) {
        let (server_home, agent_home) = (new_home(), new_home());
        let server = server_home.serving("server").args(&["--log", "warn"]).start();
        let api = server_home.api();
        api.call("CreateCluster", json!({}));
        let agent = agent_home.agent_of(&server_home).args(&["--log", "warn"]);
        let agent = agent.env("DOCKER_HOST", &docker_host(&self.engine)).start();
        wait_for_host(&api);
        println!("server, idle             {:>8.1} MiB resident", resident_mib(&server));
        println!("agent, idle              {:>8.1} MiB resident", resident_mib(&agent));
        println!("up, after these launches {:>8.1} MiB resident", resident_mib(&self._up));
    }
}

/// A task of so many containers, all alike.
fn register(api: &Api, containers: usize) -> String {
    let container = |number: usize| {
        json!({
            "name": format!("web-{number}"), "image": DEMO_IMAGE, "memory": 16,
            "portMappings": [{ "containerPort": 80, "hostPort": 0 }],
        })
    };
    let definition = json!({
        "family": format!("launch-{containers}"),
        "networkMode": "bridge",
        "containerDefinitions": (0..containers).map(container).collect::<Vec<_>>(),
    });
    let answer = api.call("RegisterTaskDefinition", definition);
    text(&answer["taskDefinition"]["taskDefinitionArn"])
}

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_berth"))
}

fn docker_host(engine: &Engine) -> String {
    format!("unix://{}", engine.socket().display())
}

fn wait_for_host(api: &Api) {
    until("the host has joined", || {
        let listed =
            api.call("ListContainerInstances", json!({ "filter": "agentConnected == true" }));
        if listed["containerInstanceArns"] == json!([]) { Err(listed.to_string()) } else { Ok(()) }
    });
}

fn resident_mib(process: &Process) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.expect("the kernel says how much is resident") / 1024.0
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}
