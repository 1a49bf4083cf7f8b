//! Engines start side by side, work, and leave nothing.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use berth_runtime::{ContainerSpec, ErrorKind, PortSpec, Runtime, RuntimeId, Transport};
use berth_test_engine::Engine;

const PORT: u16 = 8080;

async fn serve(engine: &Engine, greeting: &str) -> RuntimeId {
    let image = engine.load_demo_image().await.unwrap();
    let mut spec = ContainerSpec::new("web", image);
    spec.environment.insert("DEMO_GREETING".to_owned(), greeting.to_owned());
    spec.ports.push(PortSpec {
        container_port: 80,
        host_port: Some(PORT),
        transport: Transport::Tcp,
        host_ip: None,
    });
    let runtime = engine.runtime("test");
    let id = runtime.create(&spec).await.unwrap();
    runtime.start(&id).await.unwrap();
    id
}

fn get(engine: &Engine) -> String {
    let page = engine.http_get(PORT, "/").unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    page
}

/// What could be left of an engine.
struct Traces {
    directory: PathBuf,
    cgroup: String,
}

impl Traces {
    fn of(engine: &Engine) -> Self {
        Self { directory: engine.directory().to_owned(), cgroup: engine.cgroup().to_owned() }
    }

    fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        let directory = self.directory.to_str().unwrap();
        if self.directory.exists() {
            found.push(format!("directory {directory}"));
        }
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        found.extend(mounts.lines().filter(|line| line.contains(directory)).map(str::to_owned));
        for entry in fs::read_dir("/sys/fs/cgroup").unwrap() {
            let group = entry.unwrap().path().join(&self.cgroup);
            if group.exists() {
                found.push(format!("control group {}", group.display()));
            }
        }
        for entry in fs::read_dir("/proc").unwrap() {
            let process = entry.unwrap().path();
            let read = |name: &str| fs::read_to_string(process.join(name)).unwrap_or_default();
            // A dead process keeps its place until its parent takes notice, which is none of the engine's doing.
            let dead =
                read("stat").rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']));
            if !dead
                && (read("cmdline").contains(directory) || read("cgroup").contains(&self.cgroup))
            {
                found.push(format!(
                    "process {}: {}",
                    process.display(),
                    read("cmdline").replace('\0', " ")
                ));
            }
        }
        found
    }
}

#[tokio::test]
async fn two_engines_share_a_machine_and_leave_nothing() {
    let (Some(one), Some(two)) = (Engine::for_test().unwrap(), Engine::for_test().unwrap()) else {
        return;
    };
    serve(&one, "one").await;
    serve(&two, "two").await;
    assert!(get(&one).contains("<dd>one</dd>"));
    assert!(get(&two).contains("<dd>two</dd>"));
    let network = |engine: &Engine| {
        let output = engine.command("readlink").arg("/proc/self/ns/net").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_ne!(network(&one), network(&two));
    let traces = [Traces::of(&one), Traces::of(&two)];
    assert!(
        traces.iter().all(|traces| traces.found().len() > 3),
        "the search for traces finds them while they are"
    );
    drop(one);
    assert_eq!(traces[0].found(), Vec::<String>::new());
    assert!(get(&two).contains("<dd>two</dd>"), "the other one lives on");
    drop(two);
    assert_eq!(traces[1].found(), Vec::<String>::new());
}

#[tokio::test]
async fn containers_outlive_their_engine() {
    let Some(mut engine) = Engine::for_test().unwrap() else { return };
    let id = serve(&engine, "still here").await;
    let before = get(&engine);
    engine.kill().unwrap();
    let runtime = engine.runtime("test");
    assert_eq!(runtime.inspect(&id).await.unwrap_err().kind(), ErrorKind::Unreachable);
    engine.restart().unwrap();
    let state = runtime.inspect(&id).await.unwrap().unwrap();
    assert!(state.is_running());
    assert_eq!(get(&engine), before);
}

#[tokio::test]
async fn an_engine_can_hang_and_go_on() {
    let Some(engine) = Engine::for_test().unwrap() else { return };
    let runtime = engine.runtime("test");
    runtime.info().await.unwrap();
    engine.hang().unwrap();
    let question = runtime.info();
    let mut question = std::pin::pin!(question);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut question).await.is_err());
    engine.resume().unwrap();
    assert_eq!(question.await.unwrap().name, "docker");
}

#[test]
fn a_panicking_test_leaves_nothing_either() {
    if Engine::obstacle().is_some() {
        assert!(Engine::for_test().unwrap().is_none());
        return;
    }
    let mut traces = None;
    let failed = catch_unwind(AssertUnwindSafe(|| {
        let engine = Engine::start().unwrap();
        traces = Some(Traces::of(&engine));
        panic!("as a failing test does");
    }));
    assert!(failed.is_err());
    assert_eq!(traces.unwrap().found(), Vec::<String>::new());
}

/// Not a test of its own: what the next one starts, and kills.
#[test]
#[ignore = "run by a_killed_test_is_swept_up"]
fn a_test_that_will_be_killed() {
    let engine = Engine::start().unwrap();
    fs::write(std::env::var_os("ENGINE_DIRECTORY").unwrap(), engine.directory().to_str().unwrap())
        .unwrap();
    // The standard library's own way to be killed: nothing is dropped.
    std::process::abort();
}

#[test]
fn a_killed_test_is_swept_up() {
    if let Some(obstacle) = Engine::obstacle() {
        eprintln!("SKIPPED: {obstacle}");
        return;
    }
    let note = std::env::temp_dir().join(format!("berth-swept-{}", std::process::id()));
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_test_that_will_be_killed", "--ignored"])
        .env("ENGINE_DIRECTORY", &note)
        .status()
        .unwrap();
    assert!(!status.success());
    let directory = fs::read_to_string(&note).unwrap();
    fs::remove_file(&note).unwrap();
    let cgroup = Path::new(&directory).file_name().unwrap().to_str().unwrap().to_owned();
    let traces = Traces { directory: PathBuf::from(directory), cgroup };
    // Whichever engine starts next sweeps it: this one, or one of another test, which may not be done yet.
    drop(Engine::start().unwrap());
    let begun = Instant::now();
    while !traces.found().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", traces.found());
        std::thread::yield_now();
    }
}
