//! What the containers of a task share, and the container that holds it.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_runtime::Verb;
use serde_json::Value;

use super::of_container;
use crate::testing::{World, arn, container, stop, task};

fn sharing(name: &str) -> acs::Task {
    let containers = vec![container("web", &[]), container("side", &[])];
    acs::Task {
        pid_mode: Some("task".into()),
        ipc_mode: Some("task".into()),
        ..task(name, containers)
    }
}

const PAUSE: &str = "ecs-family-1-internal.ecs.pause-t";

#[tokio::test(start_paused = true)]
async fn containers_join_what_the_pause_container_holds() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![sharing("t")]).await;
    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    let containers = world.engine.running();
    let started_at = |name: &str| {
        let found = containers.iter().find(|container| container.spec.name == name).unwrap();
        (found.state.started_at().unwrap(), &found.spec.engine.host_config)
    };
    let (held_since, of_pause) = started_at(PAUSE);
    assert_eq!(of_pause["IpcMode"], "shareable");
    for name in ["ecs-family-1-web-t", "ecs-family-1-side-t"] {
        let (since, host_config) = started_at(name);
        assert!(since >= held_since);
        assert_eq!(host_config["PidMode"], format!("container:{PAUSE}"));
        assert_eq!(host_config["IpcMode"], format!("container:{PAUSE}"));
    }
    let told = report["containers"].as_array().unwrap();
    assert_eq!(told.len(), 2, "nobody is told of it");
    assert_eq!(world.engine.calls(Verb::Pull), 0, "and it comes from no registry");
    assert_eq!(report["pullStartedAt"].as_f64(), report["pullStoppedAt"].as_f64());
}

#[tokio::test(start_paused = true)]
async fn it_goes_last_also_under_another_agent() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::from_secs(60);
    let (agent, session) = world.connected().await;
    session.assign("m1", vec![sharing("t")]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    drop(agent);
    let (_agent, session) = world.connected().await;
    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    let ended_at = |name: &str| {
        let all = world.engine.containers();
        let found = all.iter().find(|container| container.spec.name == name).unwrap();
        found.state.exit().unwrap().ended_at
    };
    assert!(ended_at(PAUSE) >= ended_at("ecs-family-1-web-t"));
    assert!(ended_at(PAUSE) >= ended_at("ecs-family-1-side-t"));
    world.until(|engine| engine.containers().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn its_end_takes_the_task_along() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![sharing("t")]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert!(world.engine.kill(PAUSE, 137, false));
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["reason"], "Essential container in task exited");
    assert_ne!(of_container(&report, "web")["exitCode"], Value::Null);
    assert_eq!(report["containers"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn modes_of_the_host_need_no_container_of_their_own() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let of_host = acs::Task {
        pid_mode: Some("host".into()),
        ipc_mode: Some("none".into()),
        ..task("t", vec![container("web", &[])])
    };
    session.assign("m", vec![of_host]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let running = world.engine.running();
    assert_eq!(running.len(), 1);
    let host_config = &running[0].spec.engine.host_config;
    assert_eq!(
        (&host_config["PidMode"], &host_config["IpcMode"]),
        (&"host".into(), &"none".into())
    );
}
