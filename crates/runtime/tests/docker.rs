//! Docker passes the suite, on an engine of the test's own; and what only a real engine can show.

use std::sync::Arc;
use std::time::Duration;

use berth_runtime::conformance::{self, Site};
use berth_runtime::{
    ContainerSpec, DockerOptions, DockerRuntime, ErrorKind, Runtime, RuntimeEvent, Timeouts,
};
use berth_test_engine::Engine;
use futures_util::StreamExt;

#[tokio::test]
async fn conforms() {
    let Some(engine) = Engine::for_test().unwrap() else { return };
    let image = engine.load_demo_image().await.unwrap().to_owned();
    let site = Site {
        runtime: Arc::new(engine.runtime("suite")),
        neighbour: Arc::new(engine.runtime("neighbour")),
        image,
    };
    conformance::run(&site).await;
}

#[tokio::test]
async fn an_engine_that_hangs_costs_a_time_limit_and_one_that_dies_is_told() {
    let Some(mut engine) = Engine::for_test().unwrap() else { return };
    let patient = engine.runtime("a");
    assert!(patient.list().await.unwrap().is_empty());
    let limit = Duration::from_millis(200);
    let timeouts = Timeouts { question: limit, ..Timeouts::default() };
    let options = DockerOptions { timeouts, ..DockerOptions::new(engine.socket(), "a") };
    let impatient = DockerRuntime::new(options);
    engine.hang().unwrap();
    assert_eq!(impatient.list().await.unwrap_err().kind(), ErrorKind::Timeout(limit));
    engine.resume().unwrap();
    assert!(patient.list().await.unwrap().is_empty());
    engine.kill().unwrap();
    assert_eq!(patient.list().await.unwrap_err().kind(), ErrorKind::Unreachable);
}

#[tokio::test]
async fn events_go_on_after_the_engine_was_gone() {
    let Some(mut engine) = Engine::for_test().unwrap() else { return };
    let image = engine.load_demo_image().await.unwrap();
    let runtime = engine.runtime("a");
    let mut events = runtime.events();
    let id = runtime.create(&ContainerSpec::new("web", image)).await.unwrap();
    runtime.start(&id).await.unwrap();
    assert!(matches!(events.next().await, Some(RuntimeEvent::Started { .. })));
    engine.restart().unwrap();
    assert_eq!(events.next().await, Some(RuntimeEvent::Lost));
    assert!(runtime.inspect(&id).await.unwrap().unwrap().is_running());
    runtime.stop(&id, Duration::from_secs(30)).await.unwrap();
    let end =
        events.filter(|event| std::future::ready(matches!(event, RuntimeEvent::Ended { .. })));
    let end = std::pin::pin!(end).next().await.unwrap();
    assert_eq!(end.id(), Some(&id));
}

#[tokio::test]
async fn a_pull_without_a_registry_says_so_in_ecs_words() {
    let Some(engine) = Engine::for_test().unwrap() else { return };
    let error = engine.runtime("a").pull("127.0.0.1:1/team/web", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.is_transient());
    let reason = error.reason();
    assert!(
        reason.starts_with("CannotPullContainerError: ") && reason.contains("127.0.0.1:1"),
        "{reason}"
    );
}
