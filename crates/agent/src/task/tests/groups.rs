//! The group that a task's containers are in, from its making to its removal.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_runtime::MemoryBytes;
use berth_runtime::fake::{FakeEngine, FakeOptions};

use super::of_container;
use crate::testing::{World, arn, container, stop, task};

fn limited(name: &str, containers: Vec<acs::Container>) -> acs::Task {
    let unlimited =
        containers.into_iter().map(|container| acs::Container { memory: None, ..container });
    acs::Task { cpu: Some(0.5), memory: Some(100), ..task(name, unlimited.collect()) }
}

fn has_no_groups(engine: &FakeEngine) -> bool {
    engine.groups().is_empty()
}

#[tokio::test(start_paused = true)]
async fn containers_share_what_their_task_may_have() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let eater = |name: &str| container(name, &["eat-memory", "64"]);
    let late = acs::Container {
        depends_on: super::needs("a", acs::ContainerCondition::Start),
        ..eater("b")
    };
    session.assign("m", vec![limited("t", vec![eater("a"), late])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let told = of_container(&report, "b");
    assert_eq!(told["exitCode"], 137);
    assert_eq!(told["reason"], "OutOfMemoryError: Container killed due to memory usage");
    let left = world.engine.containers();
    let parents: Vec<_> = left.iter().map(|left| left.spec.cgroup_parent.as_deref()).collect();
    assert_eq!(parents, [Some("/ecs/agent/t"), Some("/ecs/agent/t")]);
    world.until(has_no_groups).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_with_its_task_whoever_the_agent_is_by_then() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    session.assign("m1", vec![limited("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let limit = MemoryBytes::from_mib(100);
    assert_eq!(world.engine.groups()["/ecs/agent/t"].memory_limit, Some(limit));
    assert_eq!(world.engine.running()[0].spec.memory_limit, None, "the group binds it");
    drop(agent);
    let (_agent, session) = world.connected().await;
    assert_eq!(world.engine.groups().len(), 1);
    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    world.until(has_no_groups).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_outlived_its_task_is_removed_at_the_start() {
    let world = World::new();
    let runtime = world.engine.runtime("agent");
    let neighbour = world.engine.runtime("neighbour");
    for runtime in [&runtime, &neighbour] {
        let spec = berth_runtime::GroupSpec::new("gone");
        berth_runtime::Runtime::ensure_group(runtime, &spec).await.unwrap();
    }
    let (_agent, _session) = world.connected().await;
    world.until(|engine| engine.groups().len() == 1).await;
    let left = berth_runtime::Runtime::groups(&neighbour).await.unwrap();
    assert_eq!(left, ["gone"], "another's is none of our business");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_task_whose_containers_could_not_be_made() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::from_secs(60);
    let (_agent, session) = world.connected().await;
    let message = "no space left on device";
    world.engine.fail_next(berth_runtime::Verb::Create, berth_runtime::ErrorKind::Invalid, message);
    session.assign("m", vec![limited("t", vec![container("web", &[])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["reason"], format!("CannotCreateContainerError: {message}"));
    world.until(has_no_groups).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_makes_no_groups_limits_each_container() {
    let mut world = World::new();
    let options = FakeOptions { has_groups: false, ..world.engine.options().clone() };
    world.engine = FakeEngine::new(options);
    world.engine.load(crate::testing::IMAGE, berth_runtime::fake::FakeImage::demo());
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![limited("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let spec = world.engine.running()[0].spec.clone();
    assert_eq!((spec.cgroup_parent, spec.memory_limit), (None, Some(MemoryBytes::from_mib(100))));
    let registered = world.control_plane.calls("RegisterContainerInstance");
    let attributes = registered[0]["attributes"].as_array().unwrap();
    let tells = |name: &str| attributes.iter().any(|attribute| attribute["name"] == name);
    assert!(!tells("ecs.capability.task-cpu-mem-limit"));
    assert!(tells("ecs.capability.container-ordering"));
}
