//! A host's images and stopped tasks over hours, in no time.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_runtime::MemoryBytes;
use berth_runtime::fake::{FakeEngine, FakeImage};

use super::*;
use crate::testing::{IMAGE, ServerSocket, World, arn, container, stop, task};
use crate::{AcsSession, Options};

const HOUR: Duration = Duration::from_secs(3600);

fn world(cleanup: CleanupRules) -> World {
    let mut world = World::new();
    for name in ["one:1", "two:1", "three:1"] {
        world.engine.publish(name, FakeImage::demo());
    }
    world.options = Options { cleanup, cleanup_after: HOUR, ..world.options };
    world
}

async fn run(world: &World, session: &ServerSocket<AcsSession>, name: &str, image: &str) {
    let container = acs::Container { image: image.to_owned(), ..container("web", &[]) };
    session.assign(name, vec![task(name, vec![container])]).await;
    world.control_plane.report(&arn(name), "RUNNING").await;
}

async fn run_and_stop(world: &World, session: &ServerSocket<AcsSession>, name: &str, image: &str) {
    run(world, session, name, image).await;
    session.assign(&format!("stop {name}"), vec![stop(name)]).await;
    world.control_plane.report(&arn(name), "STOPPED").await;
}

fn has(name: &'static str) -> impl Fn(&FakeEngine) -> bool {
    move |engine| engine.images().contains(&name.to_owned())
}

#[tokio::test(start_paused = true)]
async fn an_image_goes_when_its_containers_are_gone_and_it_is_old() {
    let world = world(CleanupRules::default());
    let (_agent, session) = world.connected().await;
    run_and_stop(&world, &session, "t1", "one:1").await;
    run(&world, &session, "t2", "two:1").await;
    tokio::time::sleep(HOUR - Duration::from_secs(60)).await;
    assert!(has("one:1")(&world.engine), "its container is still here");
    tokio::time::sleep(HOUR).await;
    assert_eq!(world.engine.images(), [IMAGE, "two:1"], "one is in use, the other nobody pulled");
}

#[tokio::test(start_paused = true)]
async fn no_more_go_at_once_than_asked_for() {
    let rules = CleanupRules { images_per_cycle: 1, ..CleanupRules::default() };
    let world = world(CleanupRules { exclude: ["three:1".to_owned()].into(), ..rules });
    let (_agent, session) = world.connected().await;
    for (task, image) in [("t1", "two:1"), ("t2", "one:1"), ("t3", "three:1")] {
        run_and_stop(&world, &session, task, image).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    world.until(|engine| engine.images().len() < 4).await;
    assert!(!has("two:1")(&world.engine), "the one that was of no use for longest");
    world.until(|engine| engine.images().len() < 3).await;
    tokio::time::sleep(10 * HOUR).await;
    assert_eq!(world.engine.images(), [IMAGE, "three:1"]);
}

#[tokio::test(start_paused = true)]
async fn whose_an_image_is_survives_a_restart() {
    let world = world(CleanupRules::default());
    let (agent, session) = world.connected().await;
    run_and_stop(&world, &session, "t1", "one:1").await;
    agent.stop().await;
    world.engine.tag("one:1", "mine:1");
    let (_agent, _session) = world.connected().await;
    tokio::time::sleep(10 * HOUR).await;
    assert!(has("one:1")(&world.engine), "somebody has a name for it");
    let runtime = world.engine.runtime("person");
    berth_runtime::Runtime::remove_image(&runtime, "mine:1").await.unwrap();
    world.until(|engine| !has("one:1")(engine)).await;
}

#[tokio::test(start_paused = true)]
async fn images_stay_if_the_host_wants_it_so() {
    let world = world(CleanupRules { images: false, ..CleanupRules::default() });
    let (_agent, session) = world.connected().await;
    run_and_stop(&world, &session, "t1", "one:1").await;
    tokio::time::sleep(10 * HOUR).await;
    assert!(has("one:1")(&world.engine));
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_costs_stopped_tasks_first_and_then_images_until_there_is_room() {
    let world = world(CleanupRules::default());
    let total = world.engine.options().disk.as_bytes();
    let (_agent, session) = world.connected().await;
    run_and_stop(&world, &session, "t1", "one:1").await;
    run_and_stop(&world, &session, "t2", "two:1").await;
    run(&world, &session, "t3", "three:1").await;
    tokio::time::sleep(Duration::from_secs(6 * 60)).await;
    assert_eq!(world.engine.containers().len(), 3, "there is room for all");
    // Below the limit as soon as two containers and one image are gone, and not before.
    let ours = 4 * MemoryBytes::from_mib(10).as_bytes() + 3 * MemoryBytes::from_mib(1).as_bytes();
    let excess = MemoryBytes::from_mib(10).as_bytes();
    world.engine.fill_disk(MemoryBytes::from_bytes(total * 85 / 100 - ours + excess));
    world.until(|engine| engine.images().len() < 4).await;
    assert_eq!(world.engine.containers().len(), 1, "what has stopped went first");
    tokio::time::sleep(Duration::from_secs(10 * 60)).await;
    assert_eq!(world.engine.images(), [IMAGE, "three:1", "two:1"]);

    world.engine.fill_disk(MemoryBytes::from_bytes(total));
    world.until(|engine| engine.images().len() < 3).await;
    tokio::time::sleep(HOUR).await;
    assert_eq!(world.engine.images(), [IMAGE, "three:1"], "in use, or not ours, whatever the disk");
    assert_eq!(world.running(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_others_use_is_given_up() {
    let world = world(CleanupRules::default());
    let (_agent, session) = world.connected().await;
    let mounted = acs::Container {
        mount_points: vec![acs::MountPoint {
            source_volume: "data".to_owned(),
            container_path: "/data".to_owned(),
            read_only: None,
        }],
        ..container("web", &[])
    };
    let volumes = vec![acs::Volume { name: "data".to_owned(), ..acs::Volume::default() }];
    session.assign("m", vec![acs::Task { volumes, ..task("t", vec![mounted]) }]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let volume = world.engine.volumes()[0].name.clone();
    let theirs = berth_runtime::ContainerSpec {
        mounts: vec![berth_runtime::Mount {
            source: berth_runtime::MountSource::Volume(volume),
            target: "/theirs".to_owned(),
            read_only: false,
        }],
        ..berth_runtime::ContainerSpec::new("theirs", IMAGE)
    };
    let person = world.engine.runtime("person");
    berth_runtime::Runtime::create(&person, &theirs).await.unwrap();
    session.assign("s", vec![stop("t")]).await;
    world.until(|engine| engine.containers().len() == 1).await;
    tokio::time::sleep(2 * HOUR).await;
    let calls = world.engine.calls(berth_runtime::Verb::RemoveVolume);
    tokio::time::sleep(10 * HOUR).await;
    assert_eq!(world.engine.calls(berth_runtime::Verb::RemoveVolume), calls, "not for ever");
    assert_eq!(world.engine.volumes().len(), 1);
}
