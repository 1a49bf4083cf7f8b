//! Engines start side by side, work, and leave nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use berth_runtime::{ContainerSpec, ErrorKind, PortSpec, Runtime, RuntimeId, Transport};
use berth_test_engine::Engine;

use crate::traces::Traces;

const PORT: u16 = 8080;

async fn serve(engine: &Engine, greeting: &str) -> RuntimeId {
    let image = engine.load_demo_image().await.unwrap();
    let mut spec = ContainerSpec::new("web", image);
    spec.environment.insert("DEMO_GREETING".to_owned(), greeting.to_owned());
    spec.ports.push(PortSpec {
        container_port: 80,
        host_port: Some(PORT),
        transport: Transport::Tcp,
        host_ip: None,
    });
    let runtime = engine.runtime("test");
    let id = runtime.create(&spec).await.unwrap();
    runtime.start(&id).await.unwrap();
    id
}

fn get(engine: &Engine) -> String {
    let page = engine.http_get(PORT, "/").unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    page
}

#[tokio::test]
async fn two_engines_share_a_machine_and_leave_nothing() {
    let (Some(one), Some(two)) = (Engine::for_test().unwrap(), Engine::for_test().unwrap()) else {
        return;
    };
    serve(&one, "one").await;
    serve(&two, "two").await;
    assert!(get(&one).contains("<dd>one</dd>"));
    assert!(get(&two).contains("<dd>two</dd>"));
    let network = |engine: &Engine| {
        let output = engine.command("readlink").arg("/proc/self/ns/net").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_ne!(network(&one), network(&two));
    let traces = [Traces::of(one.directory()), Traces::of(two.directory())];
    assert!(
        traces.iter().all(|traces| traces.found().len() > 3),
        "the search for traces finds them while they are"
    );
    drop(one);
    assert_eq!(traces[0].found(), Vec::<String>::new());
    assert!(get(&two).contains("<dd>two</dd>"), "the other one lives on");
    drop(two);
    assert_eq!(traces[1].found(), Vec::<String>::new());
}

#[tokio::test]
async fn containers_outlive_their_engine() {
    let Some(mut engine) = Engine::for_test().unwrap() else { return };
    let id = serve(&engine, "still here").await;
    let before = get(&engine);
    engine.kill().unwrap();
    let runtime = engine.runtime("test");
    assert_eq!(runtime.inspect(&id).await.unwrap_err().kind(), ErrorKind::Unreachable);
    engine.restart().unwrap();
    let state = runtime.inspect(&id).await.unwrap().unwrap();
    assert!(state.is_running());
    assert_eq!(get(&engine), before);
}

#[tokio::test]
async fn an_engine_can_hang_and_go_on() {
    let Some(engine) = Engine::for_test().unwrap() else { return };
    let runtime = engine.runtime("test");
    runtime.info().await.unwrap();
    engine.hang().unwrap();
    let question = runtime.info();
    let mut question = std::pin::pin!(question);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut question).await.is_err());
    engine.resume().unwrap();
    assert_eq!(question.await.unwrap().name, "docker");
}

#[test]
fn a_panicking_test_leaves_nothing_either() {
    if Engine::obstacle().is_some() {
        assert!(Engine::for_test().unwrap().is_none());
        return;
    }
    let mut traces = None;
    let failed = catch_unwind(AssertUnwindSafe(|| {
        let engine = Engine::start().unwrap();
        traces = Some(Traces::of(engine.directory()));
        panic!("as a failing test does");
    }));
    assert!(failed.is_err());
    assert_eq!(traces.unwrap().found(), Vec::<String>::new());
}
