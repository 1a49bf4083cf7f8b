//! Instance metadata: who finds it, from where they are, and that AWS's own clients take a host's role from it.

use std::io::{Read, Write};
use std::process::Command;

use berth_test_server::{Process, Value, json, until};

use crate::ecs::{Ecs, host_port, one_container, text};
use crate::host::{Host, home, runtime_id};
use crate::stock_clients::{exported_to, has_cli, has_sdk};

const ADDRESS: &str = "169.254.169.254";
const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials/";

/// Passes on what it is asked to the metadata's address.
fn relay(family: &str, port: u16) -> Value {
    one_container(
        family,
        json!({
            "command": ["relay", format!("{ADDRESS}:80")],
            "environment": [{ "name": "PORT", "value": port.to_string() }],
            "portMappings": [{ "containerPort": port }],
        }),
    )
}

/// The body of what is answered by way of a relay; `None` if nobody answers.
fn exchange(host: &Host, port: u16, head: &str) -> Option<String> {
    let mut connection = host.engine.connect(port).ok()?;
    let request = format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    Some(body.to_owned())
}

fn token(host: &Host, port: u16) -> Option<String> {
    let put = "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60";
    exchange(host, port, put)
}

#[track_caller]
fn get(host: &Host, port: u16, token: &str, path: &str) -> String {
    let get = format!("GET {path} HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}");
    exchange(host, port, &get).expect("it is answered")
}

/// A relay that listens.
#[track_caller]
fn launch(host: &Host, ecs: &Ecs, definition: Value) -> Value {
    let task = ecs.launch(definition);
    until("the relay listens", || match host.docker(&["logs", runtime_id(&task)]) {
        printed if printed.contains("passing") => Ok(()),
        printed => Err(printed),
    });
    task
}

#[track_caller]
fn wait_until_told(agent: &Process) {
    until("metadata is told", || match agent.log() {
        log if log.contains("instance metadata is told") => Ok(()),
        log => Err(log),
    });
}

#[test]
fn processes_of_the_host_have_its_role_and_bridged_containers_have_not() {
    let Some(host) = Host::for_test() else { return };
    let up = host.up_with(&["--instance-metadata"]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    wait_until_told(&up);
    let mut shared = relay("shared", 8092);
    shared["networkMode"] = json!("host");
    let (shared, bridged) =
        (launch(&host, &ecs, shared), launch(&host, &ecs, relay("bridged", 80)));
    let (here, away) = (8092, host_port(&bridged));

    let session = token(&host, here).expect("the host's own network is near enough");
    let id = get(&host, here, &session, "/latest/meta-data/instance-id");
    let role = get(&host, here, &session, CREDENTIALS);
    assert_eq!(role, "ecsInstanceRole");
    let found = get(&host, here, &session, &format!("{CREDENTIALS}{role}"));
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let mut api = ecs.api.clone();
    api.credentials.access_key_id = text(&found["AccessKeyId"]);
    api.credentials.secret_access_key = text(&found["SecretAccessKey"]);
    api.credentials.session_token = Some(text(&found["Token"]));
    let refusal = api.refused("ListClusters", json!({}));
    let who = format!("arn:aws:sts::000000000000:assumed-role/ecsInstanceRole/{id}");
    assert!(refusal.message.contains(&who), "{refusal:?}");
    assert!(!up.log().contains(&text(&found["SecretAccessKey"])), "a secret is in the log");

    assert_eq!(token(&host, away), None, "a container is a hop further away");

    // An agent that is killed leaves the address; the next one goes on with it, as it is told.
    up.kill();
    let up = host.up_with(&["--instance-metadata", "--instance-metadata-hop-limit", "2"]);
    ecs.wait_for_hosts(1);
    wait_until_told(&up);
    let session = token(&host, away).expect("it may go two hops");
    assert_eq!(get(&host, away, &session, "/latest/meta-data/instance-id"), id);
    assert!(has_address(&host, &shared));
    up.terminate();
    assert!(has_address(&host, &shared), "it was there before this agent");
}

#[test]
fn an_address_that_was_added_is_taken_away() {
    let Some(host) = Host::for_test() else { return };
    let up = host.up_with(&["--instance-metadata"]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    wait_until_told(&up);
    let mut shared = relay("shared", 8092);
    shared["networkMode"] = json!("host");
    let shared = launch(&host, &ecs, shared);
    assert!(has_address(&host, &shared));
    up.terminate();
    assert!(!has_address(&host, &shared));
}

/// Whether the host's network has the metadata's address, as a container in host networking sees it.
fn has_address(host: &Host, task: &Value) -> bool {
    let pid = host.docker(&["inspect", "--format", "{{.State.Pid}}", runtime_id(task)]);
    let addresses = std::fs::read_to_string(format!("/proc/{pid}/net/fib_trie"));
    addresses.expect("the container runs").contains(ADDRESS)
}

#[test]
fn stock_clients_find_the_host_s_role_by_themselves() {
    if !has_cli() || !has_sdk() {
        return;
    }
    let (control_plane, host) = (home(), home());
    let _server = control_plane.server();
    let ecs = Ecs::of(&control_plane);
    ecs.api.call("CreateCluster", json!({}));
    let agent = host.joining(&control_plane).args(&[
        "--runtime",
        "fake",
        "--token",
        &control_plane.token(&[]),
        "--instance-metadata",
        "--instance-metadata-address",
        "127.0.0.1:0",
    ]);
    let agent = agent.start();
    ecs.wait_for_hosts(1);
    wait_until_told(&agent);
    let log = agent.log();
    let told = log.lines().find(|line| line.contains("instance metadata is told"));
    let told = told.and_then(|line| line.split_once("127.0.0.1:")).expect("it says where").1;
    let port: String = told.chars().take_while(char::is_ascii_digit).collect();

    let program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])";
    for (program, arguments) in [
        ("python3", vec!["-c", program]),
        ("aws", vec!["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]),
    ] {
        let mut client = without_keys(exported_to(&control_plane, program));
        client.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("http://127.0.0.1:{port}/"));
        let output = client.args(arguments).output().expect("it is installed");
        let (printed, told) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let listed = ecs.api.call("ListContainerInstances", json!({}));
        let input = json!({ "containerInstances": listed["containerInstanceArns"] });
        let instance = ecs.api.call("DescribeContainerInstances", input);
        let id = text(&instance["containerInstances"][0]["ec2InstanceId"]);
        let who = format!("arn:aws:sts::000000000000:assumed-role/ecsInstanceRole/{id}");
        assert_eq!(printed.trim(), who, "{program}: {told}");
    }
}

/// What a client on a host has: no key, and nothing that keeps it from asking.
fn without_keys(mut client: Command) -> Command {
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"] {
        client.env_remove(name);
    }
    client
}
