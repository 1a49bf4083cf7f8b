//! What the fake can do beyond the conformance suite: fail on command, the same way each time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::*;
use crate::{MemoryBytes, Network, PortSpec, RuntimeEvent, Transport};

const IMAGE: &str = "web";

fn engine() -> FakeEngine {
    let engine = FakeEngine::new(FakeOptions::default());
    engine.load(IMAGE, FakeImage::demo());
    engine
}

fn spec(name: &str, words: &[&str]) -> ContainerSpec {
    ContainerSpec {
        command: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        ..ContainerSpec::new(name, IMAGE)
    }
}

async fn run(runtime: &FakeRuntime, spec: &ContainerSpec) -> RuntimeId {
    let id = runtime.create(spec).await.unwrap();
    runtime.start(&id).await.unwrap();
    id
}

#[tokio::test(start_paused = true)]
async fn a_script_ends_when_it_says() {
    let engine = engine();
    let image = FakeImage::scripted(Script::exit_after(Duration::from_secs(90), 3));
    engine.load("job", image);
    let runtime = engine.runtime("a");
    let mut events = runtime.events();
    let begun = Instant::now();
    let id = run(&runtime, &ContainerSpec::new("job", "job")).await;
    assert!(matches!(events.next().await, Some(RuntimeEvent::Started { .. })));
    assert!(matches!(events.next().await, Some(RuntimeEvent::Ended { exit_code: Some(3), .. })));
    assert_eq!(begun.elapsed(), Duration::from_secs(90));
    let state = runtime.inspect(&id).await.unwrap().unwrap();
    let exit = state.exit().unwrap();
    assert_eq!(exit.ended_at.since(exit.started_at.unwrap()), Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_takes_nothing_new_and_lets_be_what_there_is() {
    let engine = engine();
    engine.publish("cold", FakeImage::demo());
    let runtime = engine.runtime("a");
    let there = runtime.create(&spec("there", &[])).await.unwrap();
    engine.refuse_writes(true);
    let pulled = runtime.pull("cold", None).await.unwrap_err();
    let made = runtime.create(&spec("new", &[])).await.unwrap_err();
    for error in [pulled, made] {
        assert!(error.reason().ends_with("no space left on device"), "{error}");
    }
    runtime.start(&there).await.unwrap();
    engine.refuse_writes(false);
    runtime.pull("cold", None).await.unwrap();
    runtime.create(&spec("new", &[])).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pull_needs_the_registry_and_the_login() {
    let engine = engine();
    let image = FakeImage { login: Some(("u".to_owned(), "p".to_owned())), ..FakeImage::demo() };
    engine.publish("private", FakeImage { pull_time: Duration::from_secs(7), ..image });
    let runtime = engine.runtime("a");
    assert_eq!(runtime.pull("absent", None).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(runtime.pull("private", None).await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(runtime.image("private").await.unwrap(), None);
    let begun = Instant::now();
    let login = RegistryAuth {
        username: "u".to_owned(),
        password: "p".to_owned(),
        identity_token: None,
        server: None,
    };
    let pulled = runtime.pull("private", Some(login)).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
    assert!(pulled.digest.is_some());
    assert_eq!(runtime.image("private:latest").await.unwrap(), Some(pulled));
}

#[tokio::test(start_paused = true)]
async fn a_registry_may_have_every_image() {
    let engine = engine();
    engine.publish("job", FakeImage::scripted(Script::exit_after(Duration::ZERO, 3)));
    engine.publish_any(FakeImage::scripted(Script::serve()));
    let runtime = engine.runtime("a");
    for (image, running) in [("anything:1", true), ("job", false)] {
        runtime.pull(image, None).await.unwrap();
        let id = run(&runtime, &ContainerSpec::new(image.replace(':', "-"), image)).await;
        tokio::time::advance(Duration::from_secs(1)).await;
        let state = runtime.inspect(&id).await.unwrap().unwrap();
        assert_eq!(state.exit().is_none(), running, "{image}");
    }
}

#[tokio::test(start_paused = true)]
async fn containers_outlive_their_agent_and_their_engine() {
    let engine = engine();
    let first = engine.runtime("a");
    let id = run(&first, &spec("c-1", &[])).await;
    drop(first);
    engine.go_down();
    let second = engine.runtime("a");
    assert_eq!(second.list().await.unwrap_err().kind(), ErrorKind::Unreachable);
    let mut events = second.events();
    assert!(engine.kill("c-1", 9, false));
    assert!(events.next().now_or_never().is_none(), "an engine that is down tells nothing");
    engine.come_up();
    assert_eq!(events.next().await, Some(RuntimeEvent::Lost));
    let state = second.inspect(&id).await.unwrap().unwrap();
    assert_eq!(state.exit().unwrap().code, 9);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_engine_times_out_and_then_does_the_work_after_all() {
    let engine = engine();
    let runtime = engine.runtime("a");
    engine.hang();
    let error = runtime.create(&spec("c-1", &[])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(engine.options().call_timeout));
    assert!(engine.containers().is_empty());
    engine.come_up();
    let error = runtime.create(&spec("c-1", &[])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "the first call was still in the engine's queue");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_not_undone_work() {
    let engine = engine();
    let runtime = engine.runtime("a");
    engine.lose_next_answer(Verb::Create);
    assert_eq!(runtime.create(&spec("c-1", &[])).await.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(runtime.list().await.unwrap().len(), 1);
    engine.fail_next(Verb::List, ErrorKind::Failed, "out of paper");
    assert_eq!(
        runtime.list().await.unwrap_err().reason(),
        "CannotListContainersError: out of paper"
    );
    assert_eq!(runtime.list().await.unwrap().len(), 1);
    assert_eq!(engine.calls(Verb::List), 3);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_dies_leaves_the_engine_to_finish() {
    let engine = engine();
    engine.delay(Verb::Create, Duration::from_secs(5)..=Duration::from_secs(5));
    let runtime = engine.runtime("a");
    let impatient =
        tokio::time::timeout(Duration::from_secs(1), runtime.create(&spec("c-1", &[]))).await;
    assert!(impatient.is_err());
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(runtime.list().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn lost_events_are_told_as_lost() {
    let engine = engine();
    let runtime = engine.runtime("a");
    let mut events = runtime.events();
    engine.lose_events(1.0);
    let id = run(&runtime, &spec("c-1", &[])).await;
    runtime.stop(&id, Duration::ZERO).await.unwrap();
    assert_eq!(events.next().await, Some(RuntimeEvent::Lost));
    engine.heal();
    runtime.remove(&id).await.unwrap();
    assert!(
        matches!(events.next().await, Some(RuntimeEvent::Removed { .. })),
        "two losses in a row are one"
    );
}

#[tokio::test(start_paused = true)]
async fn strangers_and_containers_hold_ports() {
    let engine = engine();
    let runtime = engine.runtime("a");
    engine.occupy_port(Transport::Tcp, 8080);
    let port = |host_port| PortSpec {
        container_port: 80,
        host_port,
        transport: Transport::Tcp,
        host_ip: None,
    };
    let fixed = ContainerSpec { ports: vec![port(None), port(Some(8080))], ..spec("fixed", &[]) };
    let id = runtime.create(&fixed).await.unwrap();
    let error = runtime.start(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortInUse);
    assert_eq!(
        error.reason(),
        "CannotStartContainerError: Bind for 0.0.0.0:8080 failed: port is already allocated"
    );
    engine.vacate_port(Transport::Tcp, 8080);
    let started = runtime.start(&id).await.unwrap();
    assert_eq!(started.ports.len(), 2);
    assert!(started.ports.iter().any(|binding| binding.host_port == 8080));
}

#[tokio::test(start_paused = true)]
async fn promised_memory_counts_what_runs() {
    let engine = engine();
    let runtime = engine.runtime("a");
    let sized = |name, mib| ContainerSpec {
        memory_limit: Some(MemoryBytes::from_mib(mib)),
        ..spec(name, &[])
    };
    let id = run(&runtime, &sized("c-1", 128)).await;
    run(&runtime, &sized("c-2", 64)).await;
    runtime.create(&sized("c-3", 32)).await.unwrap();
    assert_eq!(engine.memory_promised(), MemoryBytes::from_mib(192));
    runtime.remove(&id).await.unwrap();
    assert_eq!(engine.memory_promised(), MemoryBytes::from_mib(64));
}

#[tokio::test(start_paused = true)]
async fn a_shared_network_needs_its_owner_to_run() {
    let engine = engine();
    let runtime = engine.runtime("a");
    let pause = runtime.create(&spec("pause", &[])).await.unwrap();
    let sharing = ContainerSpec { network: Network::Container(pause.clone()), ..spec("c-1", &[]) };
    let id = runtime.create(&sharing).await.unwrap();
    assert_eq!(runtime.start(&id).await.unwrap_err().kind(), ErrorKind::Failed);
    runtime.start(&pause).await.unwrap();
    assert!(runtime.start(&id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_reboot_kills_all_and_events_say_lost() {
    let engine = engine();
    let runtime: Arc<dyn Runtime> = Arc::new(engine.runtime("a"));
    let id = run(&engine.runtime("a"), &spec("c-1", &[])).await;
    let mut events = runtime.events();
    engine.reboot();
    assert_eq!(events.next().await, Some(RuntimeEvent::Lost));
    assert!(engine.running().is_empty());
    assert_eq!(runtime.inspect(&id).await.unwrap().unwrap().exit().unwrap().code, 137);
}

/// Docker says the same, after looking for such a plugin for ten seconds.
#[tokio::test(start_paused = true)]
async fn an_unknown_volume_driver_is_named() {
    let foreign = VolumeSpec { driver: Some("no-such-driver".to_owned()), ..VolumeSpec::new("v") };
    let error = engine().runtime("a").create_volume(&foreign).await.unwrap_err();
    assert!(error.reason().starts_with("CannotCreateVolumeError: "), "{}", error.reason());
    assert!(error.message().contains("no-such-driver"), "{error}");
}

/// One history per seed, and different ones for different seeds.
#[test]
fn a_seed_means_one_history() {
    let history = |seed| {
        let clock = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        clock.block_on(async move {
            let engine = FakeEngine::new(FakeOptions { seed, ..FakeOptions::default() });
            engine.load(IMAGE, FakeImage::demo());
            engine.fail_at_random(Verb::Create, 0.3);
            engine.fail_at_random(Verb::Start, 0.3);
            engine.delay(Verb::Start, Duration::ZERO..=Duration::from_secs(3));
            engine.lose_events(0.2);
            let runtime = engine.runtime("a");
            let mut events = runtime.events();
            let mut log = Vec::new();
            for turn in 0..30 {
                let created = runtime.create(&spec(&format!("c{turn}"), &["exit", "1"])).await;
                if let Ok(id) = &created {
                    log.push(format!(
                        "{:?}",
                        runtime.start(id).await.map_err(|error| error.reason())
                    ));
                }
                log.push(format!("{:?}", created.map_err(|error| error.reason())));
                while let Some(Some(event)) = events.next().now_or_never() {
                    log.push(format!("{event:?}"));
                }
            }
            log
        })
    };
    assert_eq!(history(1), history(1));
    assert_ne!(history(1), history(2));
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_moves_leaves_its_old_image_without_a_name() {
    let engine = FakeEngine::new(FakeOptions::default());
    let runtime = engine.runtime("a");
    engine.publish("web:1", FakeImage::demo());
    let old = runtime.pull("web:1", None).await.unwrap();
    engine.publish("docker.io/library/web:1", FakeImage::demo());
    let new = runtime.pull("web:1", None).await.unwrap();
    assert_ne!((&old.id, &old.digest), (&new.id, &new.digest));
    let held = runtime.images().await.unwrap();
    let tags = |id: &str| held.iter().find(|image| image.id == id).unwrap().tags.clone();
    assert_eq!((tags(&old.id), tags(&new.id)), (vec![], vec!["web:1".to_owned()]));
    let pinned = format!("web@{}", new.digest.clone().unwrap());
    assert_eq!(runtime.image(&pinned).await.unwrap().as_ref(), Some(&new));
    assert_eq!(runtime.pull(&pinned, None).await.unwrap(), new);
    let other = FakeEngine::new(FakeOptions::default());
    other.publish_edition("web:1", FakeImage::demo(), 2);
    let both = format!("web:1@{}", old.digest.clone().unwrap());
    assert_eq!(other.runtime("a").pull(&both, None).await.unwrap(), old, "the tag says nothing");

    let before = runtime.disks().await.unwrap().data.unwrap().free;
    runtime.remove_image(&old.id).await.unwrap();
    let after = runtime.disks().await.unwrap().data.unwrap().free;
    assert_eq!(after.as_bytes() - before.as_bytes(), old.size.as_bytes());
    engine.tag("web:1", "mine:1");
    assert_eq!(runtime.remove_image(&new.id).await.unwrap_err().kind(), ErrorKind::Conflict);
    runtime.remove_image("web:1").await.unwrap();
    assert_eq!(engine.images(), ["mine:1"]);
}
