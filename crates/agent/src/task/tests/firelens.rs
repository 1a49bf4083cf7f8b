//! A log router and a container that logs through it, from a payload to the engine.

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs;
use berth_runtime::Verb;
use serde_json::{Value, json};

use crate::router_files::VolatileRouterFiles;
use crate::testing::sources::ScriptedSources;
use crate::testing::{World, arn, container, stop, task};

fn routed(options: &[(&str, &str)]) -> Vec<acs::Container> {
    let options = options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let firelens = acs::FirelensConfiguration { kind: "fluentbit".into(), options };
    let router =
        acs::Container { firelens_configuration: Some(firelens), ..container("router", &[]) };
    let log = json!({ "LogConfig": { "Type": "awsfirelens", "Config": { "Name": "stdout" } } });
    let docker_config =
        acs::DockerConfig { host_config: Some(log.to_string()), ..acs::DockerConfig::default() };
    let app = acs::Container { docker_config: Some(docker_config), ..container("app", &[]) };
    vec![app, router]
}

fn world() -> (World, Arc<VolatileRouterFiles>) {
    let mut world = World::new();
    let files = Arc::new(VolatileRouterFiles::default());
    world.options.router_files = files.clone();
    (world, files)
}

#[tokio::test(start_paused = true)]
async fn the_router_is_there_before_and_after_those_that_log_through_it() {
    let (mut world, files) = world();
    world.options.cleanup_after = Duration::from_secs(60);
    // Otherwise nobody could tell what comes first.
    let moment = Duration::from_millis(50);
    world.engine.delay(Verb::Start, moment..=moment);
    let (_agent, session) = world.connected().await;
    session.assign("m1", vec![task("t", routed(&[]))]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;

    let running = world.engine.running();
    let of = |name: &str| running.iter().find(|held| held.spec.name.contains(name)).unwrap();
    let (router, app) = (of("router"), of("app"));
    assert!(router.state.started_at() < app.state.started_at());
    let log = &app.spec.engine.host_config["LogConfig"];
    assert_eq!(log["Type"], "fluentd");
    assert_eq!(log["Config"]["fluentd-async"], "true");
    assert_eq!(app.spec.environment["FLUENT_HOST"], router.state.addresses[0].to_string());
    assert_eq!(app.spec.environment["FLUENT_PORT"], "24224");
    let held = files.folders();
    let config = std::str::from_utf8(&held["t"].0["fluent.conf"]).unwrap();
    assert!(config.contains("Match app-firelens*"), "{config}");

    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    world.until(|engine| engine.calls(Verb::Remove) == 2).await;
    world.until(|_| files.folders().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_configuration_of_s3_is_laid_out_or_fails_the_task() {
    let (mut world, files) = world();
    world.options.sources =
        Arc::new(ScriptedSources::default().hold("b/extra.conf", "[FILTER]\n    Name x\n"));
    let from = |object: &str| {
        let object = format!("arn:aws:s3:::b/{object}");
        routed(&[("config-file-type", "s3"), ("config-file-value", &object)])
    };
    let (_agent, session) = world.connected().await;
    let tasks = vec![task("t", from("extra.conf")), task("u", from("gone.conf"))];
    session.assign("m", tasks).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(&files.folders()["t"].0["external.conf"][..], b"[FILTER]\n    Name x\n");
    let report = world.control_plane.report(&arn("u"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("ResourceInitializationError: unable to download firelens s3 config file: S3 GetObject b/gone.conf"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_comes_back_clears_away_what_no_task_needs() {
    let (world, files) = world();
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", routed(&[]))]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    drop((agent, session));
    use crate::router_files::RouterFiles;
    files.place("gone", Vec::new(), None).await.unwrap();
    let _connected = world.connected().await;
    assert_eq!(files.folders().into_keys().collect::<Vec<_>>(), ["t"]);
}

#[tokio::test(start_paused = true)]
async fn routing_is_promised_by_name() {
    let (mut world, _) = world();
    world.options.sources = Arc::new(ScriptedSources::default());
    let _connected = world.connected().await;
    let registration = world.control_plane.calls("RegisterContainerInstance").remove(0);
    let told: Vec<&str> = registration["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|attribute: &Value| attribute["name"].as_str())
        .filter(|name| name.contains("firelens"))
        .collect();
    assert_eq!(
        told,
        [
            "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
            "ecs.capability.firelens.fluentbit",
            "ecs.capability.firelens.fluentd",
            "ecs.capability.firelens.non-root-user",
            "ecs.capability.firelens.options.config.file",
            "ecs.capability.firelens.options.config.s3",
            "ecs.capability.logging-driver.awsfirelens.log-driver-buffer-limit",
        ]
    );
}
