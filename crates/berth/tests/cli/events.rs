//! `berth events`, of a server that is killed meanwhile.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use berth_test_server::{Api, Home, Value, json, until};

use crate::home;

/// `berth events --follow`, ended when dropped.
struct Follower {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Follower {
    fn of(home: &Home, arguments: &[&str]) -> Follower {
        let arguments = [&["events", "--follow"], arguments].concat();
        let mut command = home.command(&arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Follower { child, lines }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("its output can be read");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{line}` is no event"))
    }

    /// Every event up to the one of a task in this state.
    fn until(&mut self, status: &str) -> Vec<Value> {
        let mut events = vec![self.next()];
        while events.last().expect("there is one")["detail"]["lastStatus"] != status {
            events.push(self.next());
        }
        events
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // It may have ended by itself, which the test then says.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn printed(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.command(&[&["events"], arguments].concat()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("an event a line")).collect()
}

/// Runs a task once there is a host for it.
fn run(api: &Api) -> Value {
    let task = until("a task is placed", || {
        let answer = api.try_call("RunTask", &json!({ "taskDefinition": "web" }));
        match answer {
            Ok(answer) if answer["failures"] == json!([]) => Ok(answer["tasks"][0].clone()),
            other => Err(format!("{other:?}")),
        }
    });
    task["taskArn"].clone()
}

#[test]
fn every_event_is_told_once_and_in_order() {
    let home = home();
    let up = home.up("fake");
    let api = home.api();
    let container = json!({ "name": "web", "image": "web", "memory": 64 });
    let definition = json!({ "family": "web", "containerDefinitions": [container] });
    api.call("RegisterTaskDefinition", definition);
    let mut follower =
        Follower::of(&home, &["--since", "1h", "--type", "task", "--cluster", "default"]);
    let first = run(&api);
    let mut events = follower.until("RUNNING");
    assert!(events.iter().all(|event| event["resources"][0] == first), "{events:?}");
    up.kill();
    let up = home.up("fake");
    let second = run(&api);
    events.extend(follower.until("RUNNING"));
    api.call("StopTask", json!({ "task": second }));
    events.extend(follower.until("STOPPED"));

    let versions = events.iter().filter(|event| event["resources"][0] == second);
    let versions: Vec<_> = versions.map(|event| event["detail"]["version"].clone()).collect();
    let counted: Vec<Value> = (1..=versions.len()).map(Value::from).collect();
    assert_eq!(versions, counted, "none is missing");
    assert_eq!(printed(&home, &["--type", "task"]), events, "and all are kept");

    let hosts = printed(&home, &["--type", "container-instance", "--source", "aws.ecs"]);
    let is_host = |event: &Value| event["detail-type"] == "ECS Container Instance State Change";
    assert!(!hosts.is_empty() && hosts.iter().all(is_host), "{hosts:?}");
    assert_eq!(printed(&home, &["--cluster", "other"]), Vec::<Value>::new());
    assert_eq!(up.terminate().code(), Some(0), "who waits does not hold the server up");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let home = home();
    let _up = home.up("none");
    for (arguments, part) in [
        (["events", "--type", "tasks"], "container-instance"),
        (["events", "--since", "yesterday"], "10m"),
        (["events", "--source", "aws.ec2"], "aws.ecs"),
    ] {
        let output = home.command(&arguments).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
    }
}
