//! `kill -9` of the server, of the agent, of both: containers serve on, and are told truly afterwards.

use berth_test_server::{Process, Value, json, until};

use crate::ecs::{Ecs, host_port, one_container};
use crate::host::{Host, runtime_id};

/// Server and agent as two processes, and a host that has joined.
fn start(host: &Host) -> (Process, Process, Ecs) {
    let server = host.home.server();
    let ecs = Ecs::of(&host.home);
    ecs.api.call("CreateCluster", json!({}));
    let agent = host.agent();
    ecs.wait_for_hosts(1);
    (server, agent, ecs)
}

fn web() -> Value {
    one_container("web", json!({ "portMappings": [{ "containerPort": 80, "hostPort": 0 }] }))
}

fn lasting(family: &str) -> Value {
    one_container(family, json!({ "command": ["sleep", "3600"] }))
}

#[track_caller]
fn assert_serves(host: &Host, task: &Value) {
    let page = host.engine.http_get(host_port(task), "/").expect("the container answers");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
}

/// The same task, and the same container, as before.
#[track_caller]
fn assert_same(before: &Value, after: &Value) {
    assert_eq!(after["lastStatus"], "RUNNING");
    assert_eq!(after["desiredStatus"], "RUNNING");
    for member in ["taskArn", "containerInstanceArn", "createdAt", "startedAt", "containers"] {
        assert_eq!(after[member], before[member], "{member}");
    }
}

#[test]
fn a_killed_server_comes_back_to_the_same_tasks() {
    let Some(host) = Host::for_test() else { return };
    let (server, agent, ecs) = start(&host);
    let serving = ecs.launch(web());
    let ending = ecs.launch(lasting("ending"));
    let id = |task: &Value| task["taskArn"].as_str().expect("an ARN").to_owned();

    server.kill();
    assert_serves(&host, &serving);
    host.docker(&["kill", runtime_id(&ending)]);

    let _server = host.home.server();
    assert_same(&serving, &ecs.task(&id(&serving)));
    ecs.wait_for_hosts(1);
    let ended = ecs.wait(&id(&ending), "STOPPED");
    assert_eq!(ended["containers"][0]["exitCode"], 137);
    assert_eq!(ended["stopCode"], "EssentialContainerExited");
    assert_same(&serving, &ecs.task(&id(&serving)));
    assert_serves(&host, &serving);
    // It is in charge, not only well informed.
    ecs.stop(&id(&serving));
    ecs.wait(&id(&serving), "STOPPED");
    drop(agent);
}

#[test]
fn a_killed_agent_adopts_what_runs_and_tells_what_ended() {
    let Some(host) = Host::for_test() else { return };
    let (_server, agent, ecs) = start(&host);
    let serving = ecs.launch(web());
    let killed = ecs.launch(lasting("killed"));
    let finished = ecs.launch(lasting("finished"));
    let unwanted = ecs.launch(lasting("unwanted"));
    let id = |task: &Value| task["taskArn"].as_str().expect("an ARN").to_owned();

    agent.kill();
    assert_serves(&host, &serving);
    host.docker(&["kill", runtime_id(&killed)]);
    host.docker(&["stop", runtime_id(&finished)]);
    ecs.stop(&id(&unwanted));
    assert_eq!(ecs.task(&id(&unwanted))["lastStatus"], "STOPPING", "nobody is there to stop it");

    let _agent = host.agent();
    for (task, code, stop_code) in [
        (&killed, 137, "EssentialContainerExited"),
        (&finished, 0, "EssentialContainerExited"),
        (&unwanted, 0, "UserInitiated"),
    ] {
        let ended = ecs.wait(&id(task), "STOPPED");
        assert_eq!(ended["containers"][0]["exitCode"], code, "{ended}");
        assert_eq!(ended["stopCode"], stop_code, "{ended}");
    }
    ecs.wait_for_hosts(1);
    assert_same(&serving, &ecs.task(&id(&serving)));
    assert_serves(&host, &serving);
    assert_eq!(host.running(), [runtime_id(&serving)]);
    let instances = ecs.api.call("ListContainerInstances", json!({}));
    assert_eq!(instances["containerInstanceArns"], json!([serving["containerInstanceArn"]]));
}

#[test]
fn everything_killed_at_once_comes_back() {
    let Some(host) = Host::for_test() else { return };
    let mut up = host.up();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    let serving = ecs.launch(web());
    let task = serving["taskArn"].as_str().expect("an ARN").to_owned();
    for _ in 0..2 {
        up.kill();
        assert_serves(&host, &serving);
        up = host.up();
        assert_same(&serving, &ecs.task(&task));
        ecs.wait_for_hosts(1);
    }
    ecs.stop(&task);
    assert_eq!(ecs.wait(&task, "STOPPED")["stopCode"], "UserInitiated");
}

/// Wherever the launch was when the agent died: every task ends up with one container, and none is left over.
#[test]
fn tasks_that_were_being_launched_run_once() {
    let Some(host) = Host::for_test() else { return };
    let (server, mut agent, ecs) = start(&host);
    let definition = ecs.register(web());
    let containers =
        |which: &[&str]| host.docker(&[&["ps", "--quiet"], which].concat()).lines().count();
    let moments: [&dyn Fn(usize) -> bool; 3] =
        [&|_| true, &|before| containers(&["--all"]) > before, &|before| containers(&[]) > before];
    let mut tasks = Vec::new();
    for (before, has_come) in moments.into_iter().enumerate() {
        tasks.push(ecs.run_once_possible(&definition));
        until("the moment comes", || has_come(before).then_some(()).ok_or_else(String::new));
        agent.kill();
        agent = host.agent();
        for task in &tasks {
            ecs.wait(task, "RUNNING");
        }
    }
    let running: Vec<Value> = tasks.iter().map(|task| ecs.task(task)).collect();
    let mut containers: Vec<&str> = running.iter().map(runtime_id).collect();
    let mut found = host.running();
    containers.sort_unstable();
    found.sort_unstable();
    assert_eq!(containers, found);
    for task in &running {
        assert_serves(&host, task);
    }
    drop((agent, server));
}
