//! Containers learn from their agent who they are: from inside, by the address that their environment names.
//!
//! The containers here pass on what they are asked to the agent's address, so that a test asks from where
//! they are.

use std::io::{Read, Write};

use berth_test_server::{Process, Value, json};

use crate::ecs::{Ecs, host_port, one_container};
use crate::host::{Host, runtime_id};

const AGENT: &str = "169.254.170.2:80";

fn relay(family: &str) -> Value {
    let ports = json!([{ "containerPort": 80 }]);
    one_container(family, json!({ "command": ["relay", AGENT], "portMappings": ports }))
}

fn joined(host: &Host) -> (Process, Ecs) {
    let up = host.up();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    (up, ecs)
}

/// The path that a variable of the task's first container names.
#[track_caller]
fn path(host: &Host, task: &Value, variable: &str) -> String {
    let inspected = host.inspect(task);
    let environment = inspected["Config"]["Env"].as_array().expect("a container has variables");
    let prefix = format!("{variable}=");
    let mut values = environment
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|variable| variable.strip_prefix(&prefix));
    let value = values.next().unwrap_or_else(|| panic!("no {variable} in {environment:?}"));
    value.strip_prefix("http://169.254.170.2").expect("the agent's address").to_owned()
}

/// What the agent answers when asked through a relay that listens on this port of the host.
#[track_caller]
fn ask(host: &Host, port: u16, path: &str) -> (u16, Value) {
    let answer = host.engine.http_get(port, path).expect("the agent answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), serde_json::from_str(body).expect("JSON"))
}

#[test]
fn a_bridged_container_reads_its_own_metadata_also_after_its_agent_was_killed() {
    let Some(host) = Host::for_test() else { return };
    let (up, ecs) = joined(&host);
    let task = ecs.launch(relay("relay"));
    let port = host_port(&task);
    let v4 = path(&host, &task, "ECS_CONTAINER_METADATA_URI_V4");
    let v3 = path(&host, &task, "ECS_CONTAINER_METADATA_URI");

    let (status, document) = ask(&host, port, &format!("{v4}/task"));
    assert_eq!(status, 200, "{document}");
    assert_eq!(document["TaskARN"], task["taskArn"]);
    assert_eq!(document["Cluster"], "default");
    assert_eq!(document["Family"], "relay");
    assert_eq!(document["KnownStatus"], "RUNNING");
    assert_eq!(document["LaunchType"], "EC2");
    let container = &document["Containers"][0];
    assert_eq!(container["DockerId"], runtime_id(&task));
    assert_eq!(container["ContainerARN"], task["containers"][0]["containerArn"]);
    assert_eq!(container["Ports"][0]["HostPort"], port);
    let address = &host.inspect(&task)["NetworkSettings"]["IPAddress"];
    assert_eq!(container["Networks"][0]["IPv4Addresses"], json!([address]));
    assert_eq!(container["Labels"]["com.amazonaws.ecs.container-name"], container["Name"]);
    assert!(!document.to_string().contains("berth.metadata-id"), "ids are for their owners alone");

    assert_eq!(ask(&host, port, &v3).1["DockerId"], runtime_id(&task));
    // By its address alone.
    assert_eq!(ask(&host, port, "/v2/metadata").1["TaskARN"], task["taskArn"]);
    let (status, stats) = ask(&host, port, &format!("{v4}/stats"));
    assert_eq!(status, 200, "{stats}");
    assert!(stats["memory_stats"]["usage"].as_u64() > Some(0), "{stats}");
    assert!(stats["networks"]["eth0"]["rx_bytes"].as_u64() > Some(0), "{stats}");
    assert!(stats["cpu_stats"]["system_cpu_usage"].as_u64() > Some(0), "{stats}");

    // People on the host find it, too.
    let (status, found) = ask(&host, 51678, &format!("/v1/tasks?dockerid={}", runtime_id(&task)));
    assert_eq!((status, &found["Arn"]), (200, &task["taskArn"]));
    let (_, agent) = ask(&host, 51678, "/v1/metadata");
    assert_eq!(agent["ContainerInstanceArn"], task["containerInstanceArn"]);

    // Only tasks of services can be protected; the agent asks for this one.
    let api = path(&host, &task, "ECS_AGENT_URI");
    let (status, told) = ask(&host, port, &format!("{api}/task-protection/v1/state"));
    assert_eq!((status, &told["failure"]["Reason"]), (200, &json!("TASK_NOT_VALID")), "{told}");

    up.kill();
    let (_up, ecs) = joined(&host);
    let (status, document) = ask(&host, port, &format!("{v4}/task"));
    assert_eq!((status, &document["TaskARN"]), (200, &task["taskArn"]));
    drop(ecs);
}

#[test]
fn a_container_in_host_networking_reads_its_own_metadata() {
    let Some(host) = Host::for_test() else { return };
    let (_up, ecs) = joined(&host);
    let mut shared = one_container(
        "shared",
        json!({
            "command": ["relay", AGENT],
            "environment": [{ "name": "PORT", "value": "8091" }],
            "portMappings": [{ "containerPort": 8091 }],
        }),
    );
    shared["networkMode"] = json!("host");
    let task = ecs.launch(shared);
    let v4 = path(&host, &task, "ECS_CONTAINER_METADATA_URI_V4");
    let (status, document) = ask(&host, 8091, &format!("{v4}/task"));
    assert_eq!((status, &document["TaskARN"]), (200, &task["taskArn"]));
    assert_eq!(document["Containers"][0]["Networks"][0]["NetworkMode"], "host");
    // Its address is the host's, which says nothing of whose it is.
    assert_eq!(ask(&host, 8091, "/v2/metadata").0, 400);
}

#[test]
fn guesses_find_nothing_and_too_many_questions_get_no_answer() {
    let Some(host) = Host::for_test() else { return };
    let (_up, ecs) = joined(&host);
    let (one, other) = (ecs.launch(relay("one")), ecs.launch(relay("other")));
    let port = host_port(&one);
    let theirs = path(&host, &other, "ECS_CONTAINER_METADATA_URI_V4");
    let id = theirs.rsplit('/').next().expect("an id");
    for guess in ["00000000000000000000000000000000", &id[1..], runtime_id(&other)] {
        assert_eq!(ask(&host, port, &format!("/v4/{guess}/task")).0, 404, "{guess}");
    }
    let foreign = format!("/v2/metadata/{}", runtime_id(&other));
    assert_eq!(ask(&host, port, &foreign).0, 404);

    // More than a second's worth, and a burst's, at any speed that a machine might have.
    let mine = path(&host, &one, "ECS_CONTAINER_METADATA_URI_V4");
    let mut connection = host.engine.connect(port).expect("the relay listens");
    let question = format!("GET {mine} HTTP/1.1\r\nHost: x\r\n\r\n");
    let last = format!("GET {mine} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let questions = question.repeat(400) + &last;
    connection.write_all(questions.as_bytes()).expect("the relay takes it");
    let mut answers = String::new();
    connection.read_to_string(&mut answers).expect("the relay answers");
    assert!(answers.matches("HTTP/1.1 200 ").count() >= 60);
    assert!(answers.contains("HTTP/1.1 429 "));
    let (status, _) = ask(&host, host_port(&other), &theirs);
    assert_eq!(status, 200, "the other task is not made to wait");
}

#[test]
fn two_hosts_answer_each_its_own() {
    let (Some(first), Some(second)) = (Host::for_test(), Host::for_test()) else { return };
    let hosts = [&first, &second];
    let ups = hosts.map(joined);
    let tasks = ups.each_ref().map(|(_, ecs)| ecs.launch(relay("relay")));
    for (here, there) in [(0, 1), (1, 0)] {
        let port = host_port(&tasks[here]);
        let v4 = path(hosts[here], &tasks[here], "ECS_CONTAINER_METADATA_URI_V4");
        let (status, document) = ask(hosts[here], port, &format!("{v4}/task"));
        assert_eq!((status, &document["TaskARN"]), (200, &tasks[here]["taskArn"]));
        assert_eq!(ask(hosts[there], host_port(&tasks[there]), &v4).0, 404);
    }
    drop(ups);
}
