//! When a registry is asked, and what becomes of its answers.

use std::sync::Mutex;

use async_trait::async_trait;
use berth_agent_protocol::acs;
use berth_runtime::fake::FakeImage;
use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::sources::{SecretVersion, SourceError, Sources};
use crate::testing::{IMAGE, ServerSocket, World, arn, container, task};
use crate::{AcsSession, Options};

fn of(image: &str) -> acs::Container {
    acs::Container { image: image.to_owned(), ..container("web", &[]) }
}

async fn run(world: &World, session: &ServerSocket<AcsSession>, name: &str, image: &str) -> Value {
    session.assign(name, vec![task(name, vec![of(image)])]).await;
    world.control_plane.report(&arn(name), "RUNNING").await
}

fn pulls(world: &World) -> u64 {
    world.engine.calls(Verb::Pull)
}

fn world(pull: PullBehavior) -> World {
    let mut world = World::new();
    world.engine.publish("web:1", FakeImage::demo());
    world.options = Options { pull, ..world.options };
    world
}

#[tokio::test(start_paused = true)]
async fn default_asks_every_time_and_makes_do_with_what_is_here() {
    let world = world(PullBehavior::Default);
    let (_agent, session) = world.connected().await;
    let first = run(&world, &session, "t1", "web:1").await;
    world.engine.publish("web:1", FakeImage::demo());
    let second = run(&world, &session, "t2", "web:1").await;
    assert_ne!(first["containers"][0]["imageDigest"], second["containers"][0]["imageDigest"]);
    assert_eq!(pulls(&world), 2);
    world.engine.unpublish("web:1");
    let third = run(&world, &session, "t3", "web:1").await;
    assert_eq!(third["containers"][0]["imageDigest"], second["containers"][0]["imageDigest"]);
    assert_eq!(pulls(&world), 3);

    let digest = second["containers"][0]["imageDigest"].as_str().unwrap().to_owned();
    for (task, name) in [("t4", format!("web@{digest}")), ("t5", format!("web:1@{digest}"))] {
        let pinned = run(&world, &session, task, &name).await;
        assert_eq!(pinned["containers"][0]["imageDigest"], digest.as_str());
        assert_eq!(pulls(&world), 3, "what a digest names needs no registry");
    }
}

#[tokio::test(start_paused = true)]
async fn always_wants_the_registrys_word() {
    let world = world(PullBehavior::Always);
    let (_agent, session) = world.connected().await;
    run(&world, &session, "t1", "web:1").await;
    world.engine.unpublish("web:1");
    session.assign("t2", vec![task("t2", vec![of("web:1")])]).await;
    let report = world.control_plane.report(&arn("t2"), "STOPPED").await;
    assert!(report["reason"].as_str().unwrap().starts_with("CannotPullContainerError: "));
}

#[tokio::test(start_paused = true)]
async fn once_is_once_for_all_agents_of_this_host_and_until_it_is_gone() {
    let world = world(PullBehavior::Once);
    // Whatever is here already, it was not pulled.
    world.engine.load("web:1", FakeImage::demo());
    let (agent, session) = world.connected().await;
    run(&world, &session, "t1", "web:1").await;
    run(&world, &session, "t2", "web:1").await;
    assert_eq!(pulls(&world), 1);
    agent.stop().await;
    let (agent, session) = world.connected().await;
    let third = run(&world, &session, "t3", "web:1").await;
    assert_eq!(pulls(&world), 1);
    let digest = third["containers"][0]["imageDigest"].as_str().unwrap();
    run(&world, &session, "t-pinned", &format!("web:1@{digest}")).await;
    assert_eq!(pulls(&world), 1, "under whatever name it came");
    agent.stop().await;
    for container in world.engine.containers() {
        berth_runtime::Runtime::remove(&world.engine.runtime("agent"), &container.state.id)
            .await
            .unwrap();
    }
    berth_runtime::Runtime::remove_image(&world.engine.runtime("agent"), "web:1").await.unwrap();
    let (_agent, session) = world.connected().await;
    run(&world, &session, "t4", "web:1").await;
    assert_eq!(pulls(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cached_image_is_preferred_and_keeps_its_digest() {
    let world = world(PullBehavior::PreferCached);
    let (agent, session) = world.connected().await;
    let first = run(&world, &session, "t1", "web:1").await;
    world.engine.publish("web:1", FakeImage::demo());
    agent.stop().await;
    let (_agent, session) = world.connected().await;
    let second = run(&world, &session, "t2", "web:1").await;
    assert_eq!(first["containers"][0]["imageDigest"], second["containers"][0]["imageDigest"]);
    assert_eq!(pulls(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_five_times_and_what_may_not_once() {
    for (kind, attempts) in
        [(ErrorKind::Failed, 5), (ErrorKind::Denied, 1), (ErrorKind::NotFound, 1)]
    {
        let world = world(PullBehavior::PreferCached);
        for _ in 0..9 {
            world.engine.fail_next(Verb::Pull, kind, "no");
        }
        let (_agent, session) = world.connected().await;
        session.assign("t", vec![task("t", vec![of("web:1")])]).await;
        world.control_plane.report(&arn("t"), "STOPPED").await;
        assert_eq!(pulls(&world), attempts, "{kind:?}");
    }
    let world = world(PullBehavior::Always);
    for _ in 0..4 {
        world.engine.fail_next(Verb::Pull, ErrorKind::Failed, "i/o timeout");
    }
    let (_agent, session) = world.connected().await;
    run(&world, &session, "t", "web:1").await;
    assert_eq!(pulls(&world), 5);
}

#[tokio::test(start_paused = true)]
async fn a_pull_that_nobody_waits_for_is_given_up_and_begun_anew() {
    let world = world(PullBehavior::PreferCached);
    let slow = FakeImage { pull_time: Duration::from_secs(60), ..FakeImage::demo() };
    world.engine.publish("slow:1", slow);
    let host = crate::testing::host_on(&world);
    let recollection = Arc::new(Recollection::new(crate::memory::Remembered::new("c")));
    let images = Arc::new(Images::new(host, recollection));
    let wanted = Wanted { image: "slow:1".to_owned(), login: None };
    let impatient = tokio::time::timeout(Duration::from_secs(1), images.fetch(&wanted)).await;
    assert!(impatient.is_err());
    assert!(images.known().under_way.values().all(|fetch| fetch.upgrade().is_none()));
    let (one, other) = tokio::join!(images.fetch(&wanted), images.fetch(&wanted));
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(pulls(&world), 2);
}

/// Secrets by id, and who asked for them.
#[derive(Default)]
struct Secrets {
    values: BTreeMap<String, String>,
    asked: Mutex<Vec<(String, Option<String>)>>,
}

#[async_trait]
impl Sources for Secrets {
    async fn object(
        &self,
        bucket: &str,
        key: &str,
        _: Option<&acs::IAMRoleCredentials>,
    ) -> Result<Bytes, SourceError> {
        panic!("no test here asks for {bucket}/{key}")
    }

    async fn secret(
        &self,
        version: &SecretVersion,
        region: Option<&str>,
        _: Option<&acs::IAMRoleCredentials>,
    ) -> Result<String, SourceError> {
        let id = &version.secret;
        self.asked.lock().unwrap().push((id.to_owned(), region.map(str::to_owned)));
        let refused = || SourceError::Refused {
            asked: id.to_owned(),
            status: 400,
            code: "ResourceNotFoundException".to_owned(),
            message: "no such secret".to_owned(),
        };
        self.values.get(id).cloned().ok_or_else(refused)
    }

    async fn parameters(
        &self,
        names: &[String],
        _: Option<&str>,
        _: Option<&acs::IAMRoleCredentials>,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        panic!("no test here asks for {names:?}")
    }

    fn has_objects(&self) -> bool {
        false
    }

    fn has_secrets(&self) -> bool {
        true
    }
}

fn with_credentials(image: &str, secret: &str) -> acs::Container {
    let asm = acs::ASMAuthData {
        credentials_parameter: secret.to_owned(),
        region: "eu-west-1".to_owned(),
    };
    let authentication = acs::RegistryAuthentication {
        kind: "asm".to_owned(),
        asm_auth_data: Some(asm),
        ..acs::RegistryAuthentication::default()
    };
    acs::Container { registry_authentication: Some(authentication), ..of(image) }
}

#[tokio::test(start_paused = true)]
async fn repository_credentials_are_fetched_and_shown_to_the_registry() {
    let mut world = world(PullBehavior::PreferCached);
    let login = Some(("robot".to_owned(), "right".to_owned()));
    world.engine.publish("private:1", FakeImage { login, ..FakeImage::demo() });
    let values = [
        ("good", r#"{"username": "robot", "password": "right"}"#),
        ("bad", r#"{"username": "robot", "password": "wrong"}"#),
        ("odd", "robot:right"),
    ];
    let values = values.map(|(id, value)| (id.to_owned(), value.to_owned())).into();
    let secrets = Arc::new(Secrets { values, ..Secrets::default() });
    world.options.sources = secrets.clone();
    let (_agent, session) = world.connected().await;
    for (secret, reason) in [
        ("bad", "CannotPullContainerError: pull access denied"),
        ("odd", "CannotPullContainerAuthError: asm fetching authorization data: unable to"),
        ("none", "CannotPullContainerAuthError: asm fetching secret from the service for none: "),
    ] {
        session
            .assign(secret, vec![task(secret, vec![with_credentials("private:1", secret)])])
            .await;
        let report = world.control_plane.report(&arn(secret), "STOPPED").await;
        let told = report["reason"].as_str().unwrap();
        assert!(told.starts_with(reason) && !told.contains("right"), "{told}");
    }
    session.assign("good", vec![task("good", vec![with_credentials("private:1", "good")])]).await;
    world.control_plane.report(&arn("good"), "RUNNING").await;
    let asked = secrets.asked.lock().unwrap().clone();
    assert_eq!(asked.last(), Some(&("good".to_owned(), Some("eu-west-1".to_owned()))));
    assert_eq!(asked.iter().filter(|(id, _)| id == "none").count(), 1, "a refusal is final");
}

#[tokio::test(start_paused = true)]
async fn another_kind_of_login_is_refused_by_name() {
    let world = world(PullBehavior::PreferCached);
    let (_agent, session) = world.connected().await;
    let mut container = with_credentials(IMAGE, "s");
    container.registry_authentication.as_mut().unwrap().kind = "ecr".to_owned();
    session.assign("t", vec![task("t", vec![container])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert!(
        report["reason"].as_str().unwrap().contains("registryAuthentication `ecr`"),
        "{report}"
    );
}
