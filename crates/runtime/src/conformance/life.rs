//! Beginning, running and ending.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};

use super::{Case, GRACE, Site, tcp};
use crate::{ContainerSpec, MemoryBytes, Run, RuntimeEvent};

pub(super) fn cases(site: &Site) -> Vec<Case<'_>> {
    vec![
        ("a container runs until it is stopped", runs_until_stopped(site).boxed()),
        ("a program's exit code is told", exit_code(site).boxed()),
        ("what ignores its signal is killed", ignored_signal(site).boxed()),
        ("want of memory is told from other ends", out_of_memory(site).boxed()),
        ("an ended container can run again", again(site).boxed()),
        ("events tell a life in its order", events(site).boxed()),
        ("what is done already is no error", idempotent(site).boxed()),
    ]
}

async fn runs_until_stopped(site: &Site) {
    let spec = ContainerSpec { ports: vec![tcp(80, None)], ..site.spec("runs", &[]) };
    let id = site.runtime.create(&spec).await.unwrap();
    let created = site.state(&id).await;
    assert_eq!(created.run, Run::Created);
    assert!(created.ports.is_empty());
    let started = site.runtime.start(&id).await.unwrap();
    assert_eq!(started.ports.len(), 1);
    assert_ne!(started.ports[0].host_port, 0, "a dynamic port is a real one");
    let running = site.state(&id).await;
    assert!(running.is_running());
    assert_eq!(running.ports, started.ports);
    assert!(!running.addresses.is_empty());
    site.runtime.stop(&id, GRACE).await.unwrap();
    let ended = site.state(&id).await;
    let exit = ended.exit().unwrap();
    assert_eq!((exit.code, exit.oom_killed, exit.reason()), (0, false, None));
    assert!(ended.created_at <= exit.started_at.unwrap());
    assert!(exit.started_at.unwrap() <= exit.ended_at);
    assert!(ended.ports.is_empty() && ended.addresses.is_empty());
    site.runtime.remove(&id).await.unwrap();
    assert_eq!(site.runtime.inspect(&id).await.unwrap(), None);
}

async fn exit_code(site: &Site) {
    let (id, exit) = site.exit_of(&site.spec("exits", &["exit", "7"])).await;
    assert_eq!((exit.code, exit.oom_killed), (7, false));
    site.remove_all([id]).await;
}

async fn ignored_signal(site: &Site) {
    let id = site.run(&site.spec("ignores", &["ignore-term"])).await;
    site.runtime.stop(&id, Duration::from_secs(1)).await.unwrap();
    let state = site.state(&id).await;
    assert_eq!(state.exit().unwrap().code, 137);
    site.remove_all([id]).await;
}

async fn out_of_memory(site: &Site) {
    let spec = ContainerSpec {
        memory_limit: Some(MemoryBytes::from_mib(16)),
        ..site.spec("eats", &["eat-memory", "64"])
    };
    // Docker begins to listen for the kernel's verdict after the start, and never hears of one that came before.
    let (id, exit) = loop {
        let (id, exit) = site.exit_of(&spec).await;
        assert_eq!(exit.code, 137);
        if exit.oom_killed {
            break (id, exit);
        }
        site.remove_all([id]).await;
    };
    assert_eq!(exit.reason().unwrap(), "OutOfMemoryError: Container killed due to memory usage");
    site.remove_all([id]).await;
}

async fn again(site: &Site) {
    let (id, first) = site.exit_of(&site.spec("again", &["exit", "1"])).await;
    let events = site.runtime.events();
    site.runtime.start(&id).await.unwrap();
    let second = site.ended(events, &id).await;
    assert_eq!(second.code, 1);
    assert!(second.started_at.unwrap() >= first.ended_at);
    site.remove_all([id]).await;
}

async fn events(site: &Site) {
    let neighbours = site.neighbour.events();
    let events = site.runtime.events();
    let id = site.run(&site.spec("tells", &[])).await;
    site.runtime.stop(&id, GRACE).await.unwrap();
    site.runtime.remove(&id).await.unwrap();
    let mut ours = events.filter(|event| std::future::ready(event.id() == Some(&id)));
    assert!(matches!(ours.next().await, Some(RuntimeEvent::Started { .. })));
    assert!(matches!(ours.next().await, Some(RuntimeEvent::Ended { exit_code: Some(0), .. })));
    assert!(matches!(ours.next().await, Some(RuntimeEvent::Removed { .. })));
    // What the neighbour does comes to its ears after all that it could have heard of ours.
    let theirs = site.neighbour.create(&site.spec("tells-too", &["exit", "0"])).await.unwrap();
    site.neighbour.start(&theirs).await.unwrap();
    let mut neighbours = std::pin::pin!(neighbours);
    loop {
        let event = neighbours.next().await.unwrap();
        assert_ne!(event.id(), Some(&id), "one owner's events are none of another's business");
        if event.id() == Some(&theirs) {
            break;
        }
    }
    site.neighbour.remove(&theirs).await.unwrap();
}

async fn idempotent(site: &Site) {
    let id = site.run(&site.spec("twice", &[])).await;
    site.runtime.start(&id).await.unwrap();
    site.runtime.stop(&id, GRACE).await.unwrap();
    site.runtime.stop(&id, GRACE).await.unwrap();
    site.runtime.remove(&id).await.unwrap();
    site.runtime.remove(&id).await.unwrap();
    let running = site.run(&site.spec("twice", &[])).await;
    site.runtime.remove(&running).await.unwrap();
    assert_eq!(
        site.runtime.inspect(&running).await.unwrap(),
        None,
        "what runs can be removed, too"
    );
}
