//! Hosts that join by a token or an activation, and what their credentials are good for.

mod agents;
mod roles;

use std::collections::BTreeSet;

use berth_test_server::{Home, Process, Value, json, until};

use crate::ecs::{Ecs, one_container, text};
use crate::host::{Host, home};
use crate::stock_clients::{exported_to, has_cli};

/// A server with a cluster, and a client of it.
fn serve(home: &Home, arguments: &[&str]) -> (Process, Ecs) {
    let server = home.serving("server").args(arguments).start();
    let ecs = Ecs::of(home);
    ecs.api.call("CreateCluster", json!({}));
    (server, ecs)
}

fn instance(ecs: &Ecs) -> Value {
    let listed = ecs.api.call("ListContainerInstances", json!({}));
    let input = json!({ "containerInstances": listed["containerInstanceArns"] });
    ecs.api.call("DescribeContainerInstances", input)["containerInstances"][0].clone()
}

fn attribute(instance: &Value, name: &str) -> Option<String> {
    let attributes = instance["attributes"].as_array().expect("a list");
    let found = attributes.iter().find(|attribute| attribute["name"] == name)?;
    Some(found["value"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_token_lets_in_one_host_which_stays_who_it_is() {
    let (control_plane, host, late) = (home(), home(), home());
    let (_server, ecs) = serve(&control_plane, &[]);
    let token = control_plane.token(&[]);
    let fake = ["--runtime", "fake", "--instance-type", "rack.large", "--attribute", "disk=ssd"];
    let agent = host.joining(&control_plane).args(&fake).args(&["--token", &token]).start();
    ecs.wait_for_hosts(1);
    let joined = instance(&ecs);
    let id = text(&joined["ec2InstanceId"]);
    assert!(id.starts_with("i-") && id.len() == 19, "{id}");
    assert_eq!(attribute(&joined, "ecs.instance-type").as_deref(), Some("rack.large"));
    assert_eq!(attribute(&joined, "disk").as_deref(), Some("ssd"));
    assert_eq!(attribute(&joined, "ecs.os-type").as_deref(), Some("linux"));
    assert!(attribute(&joined, "ecs.availability-zone").is_some());

    let endpoint = control_plane.endpoint();
    let arguments = ["agent", "--endpoint", &endpoint, "--runtime", "fake", "--token", &token];
    let refused = late.command(&arguments).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.contains("is used up"), "{told}");

    // Without its memory and without a token, it is the same host and the same instance.
    agent.kill();
    std::fs::remove_file(host.path().join("agent/agent.json")).expect("there is one");
    let _agent = host.joining(&control_plane).args(&["--runtime", "fake"]).start();
    ecs.wait_for_hosts(1);
    let again = instance(&ecs);
    assert_eq!(again["containerInstanceArn"], joined["containerInstanceArn"]);
    assert_eq!(text(&again["ec2InstanceId"]), id);
}

#[test]
fn credentials_rotate_under_an_agent_that_notices_nothing() {
    let (control_plane, host) = (home(), home());
    let (server, ecs) = serve(&control_plane, &["--host-credentials", "2s"]);
    let token = control_plane.token(&["--expires", "5m"]);
    let agent = host.joining(&control_plane).args(&["--runtime", "fake", "--token", &token]);
    let agent = agent.args(&["--log", "berth_agent=debug"]).start();
    ecs.wait_for_hosts(1);
    let connected = instance(&ecs);
    let keys = || {
        let log = agent.log();
        let given = log.lines().filter(|line| line.contains("new credentials"));
        let keys = given.filter_map(|line| line.split("ASIA").nth(1)?.split('"').next());
        keys.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    until("the credentials have changed four times", || match keys() {
        keys if keys.len() >= 5 => Ok(()),
        keys => Err(format!("{keys:?}")),
    });
    let now = instance(&ecs);
    assert_eq!(now["version"], connected["version"], "it never was away: {now}");
    let task = ecs.launch(one_container("web", json!({})));

    // Away for longer than credentials live, and back with all that it knew.
    server.kill();
    let known = keys().len();
    until("the agent misses its server", || {
        let log = agent.log();
        if log.contains("no new credentials") { Ok(()) } else { Err(log) }
    });
    let _server = control_plane.serving("server").args(&["--host-credentials", "2s"]).start();
    until("the agent has new credentials", || match keys().len() {
        count if count > known => Ok(()),
        count => Err(format!("{count}")),
    });
    ecs.wait_for_hosts(1);
    ecs.stop(&text(&task["taskArn"]));
    ecs.wait(&text(&task["taskArn"]), "STOPPED");
}

#[test]
fn a_deregistered_host_is_told_so_and_comes_back_by_another_token() {
    let (control_plane, host) = (home(), home());
    let (_server, ecs) = serve(&control_plane, &["--host-credentials", "2s"]);
    let start = |token: &str| {
        host.joining(&control_plane).args(&["--runtime", "fake", "--token", token]).start()
    };
    let first = control_plane.token(&[]);
    let agent = start(&first);
    ecs.wait_for_hosts(1);
    // A host that has registered is shown as connected before it is: one that is killed in between stays so for minutes.
    until("its session begins", || {
        let log = agent.log();
        if log.contains("berth_agent::session: connected") { Ok(()) } else { Err(log) }
    });
    let id = text(&instance(&ecs)["ec2InstanceId"]);
    agents::deregister(&control_plane, &id);
    until("the host is told", || {
        let log = agent.log();
        if log.contains("it was deregistered") { Ok(()) } else { Err(log) }
    });
    agent.kill();

    let _agent = start(&control_plane.token(&[]));
    // The first may still be shown as connected.
    until("it is there as another instance", || {
        let listed = ecs.api.call("ListContainerInstances", json!({}));
        let count = listed["containerInstanceArns"].as_array().map(Vec::len);
        if count == Some(2) { Ok(()) } else { Err(listed.to_string()) }
    });
    ecs.wait_for_hosts(1);
}

#[test]
fn a_host_with_docker_joins_by_token_and_runs_tasks() {
    let Some(host) = Host::for_test() else { return };
    let (_server, ecs) = serve(&host.home, &[]);
    let _agent = host.agent_by_token(&host.home.token(&["--uses", "3", "--name", "rack-7"]));
    ecs.wait_for_hosts(1);
    let task = ecs.launch(one_container("web", json!({})));
    assert_eq!(host.running().len(), 1);
    ecs.stop(&text(&task["taskArn"]));
    ecs.wait(&text(&task["taskArn"]), "STOPPED");
}

#[test]
fn an_external_host_joins_by_what_the_stock_client_made() {
    if !has_cli() {
        return;
    }
    let (control_plane, host) = (home(), home());
    let (_server, ecs) = serve(&control_plane, &[]);
    let aws = |arguments: &[&str]| -> Value {
        let mut aws = exported_to(&control_plane, "aws");
        let output = aws.arg("ssm").args(arguments).output().expect("it is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws ssm {}: {told}", arguments.join(" "));
        if output.stdout.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&output.stdout).expect("JSON")
        }
    };
    ecs.make_role_for("ssm.amazonaws.com", "ecsAnywhereRole", &json!([]));
    let made = aws(&[
        "create-activation",
        "--iam-role",
        "ecsAnywhereRole",
        "--registration-limit",
        "1",
        "--default-instance-name",
        "garage",
    ]);
    let (id, code) = (text(&made["ActivationId"]), text(&made["ActivationCode"]));
    let agent = host.joining(&control_plane).args(&["--runtime", "fake"]);
    let _agent = agent.args(&["--activation-id", &id, "--activation-code", &code]).start();
    ecs.wait_for_hosts(1);
    let joined = instance(&ecs);
    let host_id = text(&joined["ec2InstanceId"]);
    assert!(host_id.starts_with("mi-") && host_id.len() == 20, "{host_id}");
    assert!(attribute(&joined, "ecs.capability.external").is_some());
    let shown = aws(&["describe-instance-information"])["InstanceInformationList"][0].clone();
    assert_eq!((&shown["InstanceId"], &shown["Name"]), (&json!(host_id), &json!("garage")));
    assert_eq!(aws(&["describe-activations"])["ActivationList"][0]["RegistrationsCount"], 1);

    let definition = ecs.register(one_container("web", json!({})));
    let run =
        |launch_type: &str| json!({ "taskDefinition": definition, "launchType": launch_type });
    let ran = ecs.api.call("RunTask", run("EXTERNAL"));
    let task = text(&ran["tasks"][0]["taskArn"]);
    assert_eq!(ecs.wait(&task, "RUNNING")["launchType"], "EXTERNAL");
    match ecs.api.try_call("RunTask", &run("EC2")) {
        Ok(answer) => assert_eq!(answer["tasks"], json!([]), "{answer}"),
        Err(error) => assert!(error.to_string().contains("No Container Instances"), "{error}"),
    }

    aws(&["deregister-managed-instance", "--instance-id", &host_id]);
    until("the host is out", || match &instance(&ecs)["agentConnected"] {
        Value::Bool(false) => Ok(()),
        connected => Err(connected.to_string()),
    });
}
