//! A real engine pulls from it, and is refused by it.

use std::time::Duration;

use berth_runtime::{ErrorKind, RegistryAuth, Runtime};
use berth_test_engine::{Engine, demo_image_archive};
use berth_test_registry::{Access, Image, Registry};
use http::StatusCode;

fn site() -> Option<(Engine, Registry, Image)> {
    let engine = Engine::for_test().unwrap()?;
    let registry = Registry::start(engine.listen().unwrap()).unwrap();
    let image = Image::from_archive(&demo_image_archive().unwrap()).unwrap();
    Some((engine, registry, image))
}

#[tokio::test]
async fn what_is_pushed_is_pulled() {
    let Some((engine, registry, image)) = site() else { return };
    let runtime = engine.runtime("a");
    let first = registry.push("team/web", "1", &image);
    let tag = registry.name("team/web:1");
    let pulled = runtime.pull(&tag, None).await.unwrap();
    assert_eq!(pulled.digest.as_deref(), Some(first.as_str()));
    assert!(registry.requests().iter().any(|request| request.is_for_blob_of("team/web")));

    let changed = image.labelled("version", "2").with_file("etc/more", b"more").unwrap();
    let second = registry.push("team/web", "1", &changed);
    assert_ne!(first, second);
    assert_eq!(runtime.pull(&tag, None).await.unwrap().digest, Some(second));
    let by_digest = registry.name(&format!("team/web@{first}"));
    assert_eq!(runtime.pull(&by_digest, None).await.unwrap().digest, Some(first));

    let absent = runtime.pull(&registry.name("team/web:9"), None).await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::NotFound, "{absent}");
    registry.fail_next(9, StatusCode::TOO_MANY_REQUESTS);
    let busy = runtime.pull(&tag, None).await.unwrap_err();
    assert!(busy.is_transient(), "{busy}");
}

#[tokio::test]
async fn who_may_pull_is_asked_for_a_login() {
    let Some((engine, registry, image)) = site() else { return };
    let runtime = engine.runtime("a");
    registry.push("private", "1", &image);
    let name = registry.name("private:1");
    let login = |password: &str| RegistryAuth {
        username: "robot".to_owned(),
        password: password.to_owned(),
        identity_token: None,
        server: None,
    };
    for access in [Access::basic("robot", "right?>"), Access::token("robot", "right?>")] {
        registry.admit(access);
        for wrong in [None, Some(login("wrong"))] {
            let error = runtime.pull(&name, wrong).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        }
        runtime.pull(&name, Some(login("right?>"))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_held_and_let_go() {
    let Some((engine, registry, image)) = site() else { return };
    registry.push("web", "1", &image);
    registry.slow_down(Duration::from_millis(1));
    registry.hold();
    let (runtime, name) = (engine.runtime("a"), registry.name("web:1"));
    let pull = tokio::spawn(async move { runtime.pull(&name, None).await });
    registry.wait_held(|held| held.len() == 1);
    assert!(!pull.is_finished());
    registry.release();
    pull.await.unwrap().unwrap();
}
