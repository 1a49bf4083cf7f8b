//! AWS's own clients, as they come: the CLI through a task's whole life, the SDK for Python through what programs rely on.

mod balancing;
mod certificates;
mod deploy;
mod every_parameter;
mod iam;
mod identity;
mod keys;
mod rates;
mod secrets;
mod terraform;

use std::process::{Command, Output};

use berth_test_server::{Home, Value, json};

use crate::ecs::{Ecs, text};
use crate::host::{Host, IMAGE, home};

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/sdk.py");

/// Whether a client is installed. Where all must be (`BERTH_REQUIRE_CLIENTS=1`), one that is not is a failure; elsewhere
/// that is said, and the test does nothing.
pub fn is_installed(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    if output.is_ok_and(|output| output.status.success()) {
        return true;
    }
    let required = std::env::var_os("BERTH_REQUIRE_CLIENTS").is_some_and(|value| value != "0");
    assert!(!required, "`{program} {}` does not work", arguments.join(" "));
    eprintln!("SKIPPED: `{program} {}` does not work", arguments.join(" "));
    false
}

pub fn has_cli() -> bool {
    is_installed("aws", &["--version"])
}

pub fn has_sdk() -> bool {
    is_installed("python3", &["-c", "import boto3"])
}

/// A program with what `berth env` exports, and no other setting of AWS's.
pub fn exported_to(home: &Home, program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    let printed = home.command(&["env"]).output().expect("the binary runs");
    let printed = String::from_utf8(printed.stdout).expect("it prints text");
    for line in printed.lines() {
        if let Some((name, value)) =
            line.strip_prefix("export ").and_then(|line| line.split_once('='))
        {
            command.env(name, value.trim_matches('\''));
        }
    }
    // Whoever runs this may have profiles, and output that pages.
    let nothing = home.path().join("nothing");
    command.env("AWS_CONFIG_FILE", &nothing).env("AWS_SHARED_CREDENTIALS_FILE", &nothing);
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
    command
}

/// `aws ecs …`.
struct Cli<'a>(&'a Home);

impl Cli<'_> {
    fn output(&self, arguments: &[&str]) -> Output {
        let mut aws = exported_to(self.0, "aws");
        aws.arg("ecs").args(arguments).output().expect("it is installed")
    }

    #[track_caller]
    fn prints(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.output(arguments);
        let told = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "aws ecs {}: {told}", arguments.join(" "));
        String::from_utf8(stdout).expect("it prints text")
    }

    #[track_caller]
    fn answers(&self, arguments: &[&str]) -> Value {
        let printed = self.prints(arguments);
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// What it says of a call that the server refuses.
    #[track_caller]
    fn is_refused(&self, arguments: &[&str]) -> String {
        let Output { status, stderr, .. } = self.output(arguments);
        let told = String::from_utf8_lossy(&stderr).trim().to_owned();
        assert!(!status.success(), "aws ecs {} is refused, expected", arguments.join(" "));
        assert!(told.contains("An error occurred ("), "{told}");
        told
    }
}

/// The times of a task, which this CLI prints as they are on the wire: seconds since 1970.
#[track_caller]
fn assert_in_order(task: &Value, names: &[&str]) {
    let seconds = |name: &&str| task[*name].as_f64().unwrap_or_else(|| panic!("no {name}: {task}"));
    let times: Vec<f64> = names.iter().map(seconds).collect();
    assert!(times.is_sorted(), "{names:?}: {times:?}");
}

#[test]
fn the_command_line_takes_a_task_through_its_life() {
    if !has_cli() {
        return;
    }
    let Some(host) = Host::for_test() else { return };
    let _server = host.home.server();
    let aws = Cli(&host.home);

    let cluster = aws.answers(&[
        "create-cluster",
        "--cluster-name",
        "shop",
        "--tags",
        "key=stage,value=test",
    ]);
    assert_eq!(cluster["cluster"]["status"], "ACTIVE");
    let agent = host.agent_of_cluster("shop");
    let containers = json!([{
        "name": "web", "image": IMAGE, "memory": 16,
        "portMappings": [{ "containerPort": 80, "hostPort": 0 }],
        "environment": [{ "name": "DEMO_GREETING", "value": "from the CLI" }],
    }]);
    let definition = aws.answers(&[
        "register-task-definition",
        "--family",
        "web",
        "--network-mode",
        "bridge",
        "--container-definitions",
        &containers.to_string(),
    ]);
    assert_eq!(definition["taskDefinition"]["revision"], 1);
    Ecs::of(&host.home).wait_for_hosts_of("shop", 1);

    let run = aws.answers(&[
        "run-task",
        "--cluster",
        "shop",
        "--task-definition",
        "web",
        "--count",
        "2",
        "--started-by",
        "me",
    ]);
    assert_eq!(run["failures"], json!([]));
    let tasks: Vec<String> = run["tasks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|task| text(&task["taskArn"]))
        .collect();
    let [first, second] = &tasks[..] else { panic!("two tasks, expected: {run}") };
    aws.prints(&["wait", "tasks-running", "--cluster", "shop", "--tasks", first, second]);

    let port = aws.prints(&[
        "describe-tasks",
        "--cluster",
        "shop",
        "--tasks",
        first,
        "--output",
        "text",
        "--query",
        "tasks[0].containers[0].networkBindings[0].hostPort",
    ]);
    let page = host.engine.http_get(port.trim().parse().expect("a port"), "/").expect("a page");
    assert!(page.contains("<dd>from the CLI</dd>"), "{page}");
    let described = aws.answers(&["describe-tasks", "--cluster", "shop", "--tasks", first, second]);
    for task in described["tasks"].as_array().expect("a list") {
        assert_eq!((&task["lastStatus"], &task["startedBy"]), (&json!("RUNNING"), &json!("me")));
        assert_in_order(task, &["createdAt", "pullStartedAt", "pullStoppedAt", "startedAt"]);
        let binding = &task["containers"][0]["networkBindings"][0];
        assert_eq!((&binding["containerPort"], &binding["protocol"]), (&json!(80), &json!("tcp")));
    }

    let pages = aws.answers(&["list-tasks", "--cluster", "shop", "--page-size", "1"]);
    assert_eq!(pages["taskArns"].as_array().map(Vec::len), Some(2), "two pages make one list");
    let one = aws.answers(&["list-tasks", "--cluster", "shop", "--max-items", "1"]);
    let token = text(&one["NextToken"]);
    let other = aws.answers(&["list-tasks", "--cluster", "shop", "--starting-token", &token]);
    let mut both = [text(&one["taskArns"][0]), text(&other["taskArns"][0])];
    both.sort_unstable();
    let mut sorted = tasks.clone();
    sorted.sort_unstable();
    assert_eq!(both[..], sorted[..]);

    for task in &tasks {
        aws.answers(&[
            "stop-task",
            "--cluster",
            "shop",
            "--task",
            task,
            "--reason",
            "closing time",
        ]);
    }
    aws.prints(&["wait", "tasks-stopped", "--cluster", "shop", "--tasks", first, second]);
    let stopped = aws.answers(&["describe-tasks", "--cluster", "shop", "--tasks", first]);
    let task = &stopped["tasks"][0];
    assert_eq!(task["stopCode"], "UserInitiated");
    assert_eq!(task["stoppedReason"], "closing time");
    assert_eq!(task["containers"][0]["exitCode"], 0);
    assert_in_order(task, &["startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt"]);

    let refused = aws.is_refused(&["delete-cluster", "--cluster", "shop"]);
    assert!(refused.contains("(ClusterContainsContainerInstancesException)"), "{refused}");
    let instance = text(&task["containerInstanceArn"]);
    drop(agent);
    aws.answers(&[
        "deregister-container-instance",
        "--cluster",
        "shop",
        "--container-instance",
        &instance,
    ]);
    let gone = aws.answers(&["deregister-task-definition", "--task-definition", "web:1"]);
    assert_eq!(gone["taskDefinition"]["status"], "INACTIVE");
    let deleted = aws.answers(&["delete-task-definitions", "--task-definitions", "web:1"]);
    assert_eq!(deleted["failures"], json!([]));
    let families = aws.answers(&["list-task-definition-families", "--status", "ACTIVE"]);
    assert_eq!(families["families"], json!([]));
    assert_eq!(
        aws.answers(&["delete-cluster", "--cluster", "shop"])["cluster"]["status"],
        "INACTIVE"
    );
    assert_eq!(aws.answers(&["list-clusters"])["clusterArns"], json!([]));
}

#[test]
fn the_command_line_shows_what_the_server_says() {
    if !has_cli() {
        return;
    }
    let home = home();
    let _server = home.server();
    let aws = Cli(&home);
    let told = aws.is_refused(&["list-tasks", "--cluster", "nowhere"]);
    let expected = "An error occurred (ClusterNotFoundException) when calling the ListTasks operation: Cluster not found.";
    assert_eq!(told, expected);
    let told = aws.is_refused(&["describe-task-definition", "--task-definition", "nothing"]);
    assert!(told.contains("(ClientException)"), "{told}");
    let told = aws.is_refused(&["list-daemons"]);
    assert!(
        told.contains("(UnsupportedOperationException)") && told.contains("ListDaemons"),
        "{told}"
    );
}

#[test]
fn programs_get_what_the_sdk_promises() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let quickly = ["--runtime", "fake", "--task-warm-up", "1s"];
    let _up = home.serving("up").args(&quickly).start();
    Ecs::of(&home).wait_for_hosts(1);
    let mut python = exported_to(&home, "python3");
    let output = python.arg(SDK_SCRIPT).output().expect("it is installed");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all is well\n", "{told}");
}
