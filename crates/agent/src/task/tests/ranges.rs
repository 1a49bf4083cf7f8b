//! Ranges of ports: found on the host, looked for again when they are taken, told as one.

use berth_agent_protocol::acs;
use berth_runtime::{Transport, Verb};
use serde_json::{Value, json};

use super::of_container;
use crate::testing::{World, arn, container, stop, task};

fn with_range(range: &str) -> acs::Container {
    let mappings = vec![
        acs::PortMapping { container_port_range: Some(range.into()), ..Default::default() },
        acs::PortMapping { container_port: Some(80), host_port: Some(8080), ..Default::default() },
    ];
    acs::Container { port_mappings: mappings, ..container("web", &[]) }
}

fn range_of(report: &Value) -> Value {
    let bindings = of_container(report, "web")["networkBindings"].as_array().unwrap();
    assert_eq!(bindings.len(), 2, "the range is one binding: {bindings:?}");
    let range = bindings.iter().find(|binding| binding["containerPort"].is_null());
    range.unwrap().clone()
}

fn range(host: &str) -> Value {
    json!({
        "bindIP": "0.0.0.0", "containerPortRange": "9000-9009", "hostPortRange": host, "protocol": "tcp",
    })
}

#[tokio::test(start_paused = true)]
async fn a_range_is_found_from_the_top_and_told_as_one_binding() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![with_range("9000-9009")])]).await;
    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(range_of(&report), range("65526-65535"));
    assert_eq!(world.engine.calls(Verb::Create), 1);
}

#[tokio::test(start_paused = true)]
async fn a_range_that_is_taken_is_looked_for_again() {
    let world = World::new();
    world.engine.occupy_port(Transport::Tcp, 65530);
    world.engine.occupy_port(Transport::Tcp, 65516);
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![with_range("9000-9009")])]).await;
    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(range_of(&report), range("65506-65515"));
    let running = world.engine.containers();
    assert_eq!(running.len(), 1, "what was made for the others is gone");
    assert_eq!(of_container(&report, "web")["runtimeId"], running[0].state.id.as_str());

    // It can be stopped like any other: the agent knows which container it is now.
    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert!(world.engine.running().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_port_that_stays_taken_fails_the_task_in_the_end() {
    let world = World::new();
    world.engine.occupy_port(Transport::Tcp, 8080);
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![with_range("9000-9009")])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = of_container(&report, "web")["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("CannotStartContainerError") && reason.contains("8080"), "{reason}");
    assert!(world.engine.running().is_empty());
}
