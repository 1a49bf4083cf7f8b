//! A host of a test's own: a private Docker Engine with the demo image, and the homes of what runs on it.

use std::process::{Command, Output};

use berth_test_engine::{DEMO_IMAGE, Engine};
use berth_test_server::{Home, Launch, Process, Value};

pub const IMAGE: &str = DEMO_IMAGE;

/// Dropped, it takes its containers and files with it: drop its processes first.
pub struct Host {
    pub engine: Engine,
    /// Of `berth up` or `berth server`.
    pub home: Home,
    /// Of `berth agent`, where it runs by itself.
    pub agent_home: Home,
}

pub fn home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_berth"))
}

impl Host {
    /// `None` where there can be no engine, which is said then.
    pub fn for_test() -> Option<Host> {
        let engine = Engine::for_test().expect("an engine starts")?;
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for one call");
        runtime.block_on(engine.load_demo_image()).expect("the engine takes the image");
        Some(Host { engine, home: home(), agent_home: home() })
    }

    /// Everything in one process.
    pub fn up(&self) -> Process {
        self.with_engine(self.home.serving("up")).start()
    }

    /// Everything in one process, with these flags.
    pub fn up_with(&self, arguments: &[&str]) -> Process {
        self.with_engine(self.home.serving("up").args(arguments)).start()
    }

    /// Everything in one process, with these in its environment.
    pub fn up_with_variables(&self, variables: &[(&str, &str)]) -> Process {
        let launch = self.with_engine(self.home.serving("up"));
        variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value)).start()
    }

    /// The agent alone; there must be a server.
    pub fn agent(&self) -> Process {
        self.with_engine(self.agent_home.agent_of(&self.home)).start()
    }

    /// The agent alone, joining a cluster of this name.
    pub fn agent_of_cluster(&self, cluster: &str) -> Process {
        let launch = self.agent_home.agent_of(&self.home).args(&["--cluster", cluster]);
        self.with_engine(launch).start()
    }

    /// The agent alone, as a host of its own.
    pub fn agent_by_token(&self, token: &str) -> Process {
        let launch = self.agent_home.joining(&self.home).args(&["--token", token]);
        self.with_engine(launch).start()
    }

    /// Gives it this host's engine.
    pub fn with_engine<'a>(&self, launch: Launch<'a>) -> Launch<'a> {
        launch.env("DOCKER_HOST", &docker_host(&self.engine))
    }

    /// What `docker …` prints.
    pub fn docker(&self, arguments: &[&str]) -> String {
        docker(&self.engine, arguments)
    }

    /// What the engine says of the first container of a task as DescribeTasks shows it.
    pub fn inspect(&self, task: &Value) -> Value {
        let printed = self.docker(&["inspect", runtime_id(task)]);
        let mut list: Value = serde_json::from_str(&printed).expect("docker prints JSON");
        list[0].take()
    }

    /// The ids of the containers that run.
    pub fn running(&self) -> Vec<String> {
        let printed = self.docker(&["ps", "--quiet", "--no-trunc"]);
        printed.lines().map(str::to_owned).collect()
    }
}

fn docker_host(engine: &Engine) -> String {
    format!("unix://{}", engine.socket().display())
}

/// What `docker …` prints, asked of this engine.
pub fn docker(engine: &Engine, arguments: &[&str]) -> String {
    let mut docker = Command::new("docker");
    let output = docker.env("DOCKER_HOST", docker_host(engine)).args(arguments).output();
    let Output { status, stdout, stderr } = output.expect("docker is installed with dockerd");
    assert!(status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("docker prints text").trim_end().to_owned()
}

/// Docker's id of a task's first container.
pub fn runtime_id(task: &Value) -> &str {
    task["containers"][0]["runtimeId"].as_str().expect("a container that was made has a runtimeId")
}
