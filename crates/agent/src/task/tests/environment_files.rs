//! Files of variables, from a payload to the container.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_agent_protocol::acs::{self, EnvironmentFile, IAMRoleCredentials};
use serde_json::Value;

use crate::sources::SourceError;
use crate::testing::sources::ScriptedSources;
use crate::testing::{World, arn, container, task};

fn files(names: &[&str]) -> Vec<EnvironmentFile> {
    let file = |name: &&str| EnvironmentFile {
        value: format!("arn:aws:s3:::bucket/{name}"),
        kind: "s3".into(),
    };
    names.iter().map(file).collect()
}

fn with_files(name: &str, names: &[&str]) -> acs::Container {
    acs::Container { environment_files: files(names), ..container(name, &[]) }
}

fn world(sources: ScriptedSources) -> (World, Arc<ScriptedSources>) {
    let mut world = World::new();
    let sources = Arc::new(sources);
    world.options.sources = sources.clone();
    (world, sources)
}

#[tokio::test(start_paused = true)]
async fn files_fill_in_what_the_definition_does_not_say() {
    let (world, sources) = world(
        ScriptedSources::default()
            .hold("bucket/a.env", "FIRST=a\nBOTH=a\nSAID=a\n")
            .hold("bucket/b.env", "BOTH=b\nSECOND=hidden\n"),
    );
    let (_agent, session) = world.connected().await;
    let environment = BTreeMap::from([("SAID".to_owned(), "definition".to_owned())]);
    let web = acs::Container { environment, ..with_files("web", &["a.env", "b.env"]) };
    let role = IAMRoleCredentials { access_key_id: "ROLE".into(), ..Default::default() };
    let task = acs::Task { execution_role_credentials: Some(role), ..task("t", vec![web]) };
    session.assign("m", vec![task]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;

    let running = world.engine.running();
    let spec = &running[0].spec;
    for (name, value) in
        [("FIRST", "a"), ("BOTH", "a"), ("SAID", "definition"), ("SECOND", "hidden")]
    {
        assert_eq!(spec.environment[name], value);
    }
    assert!(!format!("{:?}", spec.labels).contains("hidden"), "{:?}", spec.labels);
    let role = Some("ROLE".to_owned());
    let expected = ["bucket/a.env", "bucket/b.env"].map(|name| (name.to_owned(), role.clone()));
    assert_eq!(sources.asked(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_to_be_had_fails_the_task_with_what_its_keeper_said() {
    let (world, _) = world(ScriptedSources::default().hold("bucket/a.env", "A=1"));
    let (_agent, session) = world.connected().await;
    let side = acs::Container { essential: false, ..with_files("side", &["a.env", "gone.env"]) };
    session.assign("m", vec![task("t", vec![container("web", &[]), side])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = "ResourceInitializationError: failed to download env files: \
                  S3 GetObject bucket/gone.env at test: NoSuchKey: no such key (status code: 404)";
    assert_eq!(report["reason"], reason);
    let told: Vec<&Value> = report["containers"].as_array().unwrap().iter().collect();
    let side = told.iter().find(|told| told["containerName"] == "side").unwrap();
    assert_eq!((side["status"].as_str(), side["reason"].as_str()), (Some("STOPPED"), Some(reason)));
    assert_eq!(world.running(), 0, "also what was essential and could run");
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_is_away_for_a_moment_is_asked_again() {
    let away = || SourceError::Unreachable { asked: "S3".into(), cause: "refused".into() };
    let (world, sources) = world(
        ScriptedSources::default()
            .answer("bucket/a.env", Err(away()))
            .answer("bucket/a.env", Err(away()))
            .hold("bucket/a.env", "A=1")
            .answer("bucket/never.env", Err(away())),
    );
    let (_agent, session) = world.connected().await;
    session.assign("m1", vec![task("t", vec![with_files("web", &["a.env"])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(world.engine.running()[0].spec.environment["A"], "1");
    session.assign("m2", vec![task("u", vec![with_files("web", &["never.env"])])]).await;
    world.control_plane.report(&arn("u"), "STOPPED").await;
    assert_eq!(sources.asked().len(), 6, "three times each");
}

#[tokio::test(start_paused = true)]
async fn a_host_promises_files_only_if_it_knows_whom_to_ask() {
    let promised = |registration: &Value| {
        let attributes = registration["attributes"].as_array().unwrap();
        attributes.iter().any(|attribute| attribute["name"] == "ecs.capability.env-files.s3")
    };
    for (world, expected) in [(World::new(), false), (world(ScriptedSources::default()).0, true)] {
        let _connected = world.connected().await;
        let registration = &world.control_plane.calls("RegisterContainerInstance")[0];
        assert_eq!(promised(registration), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_none_is_refused_by_name() {
    let (world, sources) = world(ScriptedSources::default());
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![with_files("web", &["a.txt"])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("`arn:aws:s3:::bucket/a.txt` does not end in .env"), "{reason}");
    assert_eq!(sources.asked(), []);
}
