mod environment_files;
mod firelens;
mod groups;
mod pause;
mod ranges;
mod restart;
mod secrets;

use std::time::Duration;

use berth_agent_protocol::acs::{self, ContainerCondition, ContainerDependency, TransportProtocol};
use berth_model::Timestamp;
use berth_runtime::fake::{Demise, FakeImage, Script, TermReaction};
use berth_runtime::{ErrorKind, MountSource, Transport, Verb};
use serde_json::{Value, json};

use crate::testing::{IMAGE, World, ack, arn, container, stop, task};
use crate::{Options, PullBehavior};

fn with_ports(ports: &[(i64, i64, TransportProtocol)]) -> acs::Container {
    let mapping =
        |(container_port, host_port, protocol): &(i64, i64, TransportProtocol)| acs::PortMapping {
            container_port: Some(*container_port),
            host_port: Some(*host_port),
            protocol: Some(protocol.clone()),
            ..acs::PortMapping::default()
        };
    acs::Container { port_mappings: ports.iter().map(mapping).collect(), ..container("web", &[]) }
}

fn of_container<'a>(report: &'a Value, name: &str) -> &'a Value {
    let containers = report["containers"].as_array().unwrap();
    containers.iter().find(|container| container["containerName"] == name).unwrap()
}

fn needs(container: &str, condition: ContainerCondition) -> Vec<ContainerDependency> {
    vec![ContainerDependency { container_name: container.to_owned(), condition }]
}

#[tokio::test(start_paused = true)]
async fn a_payload_becomes_a_running_container_and_one_report() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let web = with_ports(&[(80, 8080, TransportProtocol::Tcp), (53, 0, TransportProtocol::Udp)]);
    session.assign("m1", vec![task("t", vec![web])]).await;

    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    let told = of_container(&report, "web");
    assert_eq!(told["status"], "RUNNING");
    let running = world.engine.running();
    assert_eq!(told["runtimeId"], running[0].state.id.as_str());
    assert_eq!(running[0].spec.name, "ecs-family-1-web-t");
    let bindings = told["networkBindings"].as_array().unwrap();
    let fixed =
        json!({"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 8080, "protocol": "tcp"});
    assert!(bindings.contains(&fixed), "{bindings:?}");
    let dynamic = bindings.iter().find(|binding| binding["containerPort"] == 53).unwrap();
    assert_eq!(dynamic["protocol"], "udp");
    assert!(dynamic["hostPort"].as_u64().unwrap() > 0);
    assert!(report["pullStartedAt"].as_f64() <= report["pullStoppedAt"].as_f64());
    assert_eq!(session.next().await, ack("m1"));
    assert_eq!(world.control_plane.reports(&arn("t")).len(), 1, "one container, one report");
}

#[tokio::test(start_paused = true)]
async fn a_warm_image_costs_one_look_and_no_pull() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    for name in ["t1", "t2", "t3"] {
        session.assign(name, vec![task(name, vec![container("web", &[])])]).await;
        world.control_plane.report(&arn(name), "RUNNING").await;
    }
    assert_eq!(world.engine.calls(Verb::Pull), 0);
    assert_eq!(world.engine.calls(Verb::InspectImage), 1);
    assert_eq!(world.engine.calls(Verb::Inspect), 0);
    assert_eq!(world.engine.calls(Verb::Create), 3);
}

#[tokio::test(start_paused = true)]
async fn a_cold_image_is_pulled_once_for_all_who_need_it() {
    let world = World::new();
    world.engine.publish("cold:1", FakeImage::demo());
    let (_agent, session) = world.connected().await;
    let cold = |name: &str| {
        task(name, vec![acs::Container { image: "cold:1".into(), ..container("web", &[]) }])
    };
    session.assign("m", vec![cold("t1"), cold("t2")]).await;
    let report = world.control_plane.report(&arn("t1"), "RUNNING").await;
    world.control_plane.report(&arn("t2"), "RUNNING").await;
    assert_eq!(world.engine.calls(Verb::Pull), 1);
    assert!(report["pullStartedAt"].as_f64() < report["pullStoppedAt"].as_f64());
    let digest = &of_container(&report, "web")["imageDigest"];
    assert!(digest.as_str().unwrap().starts_with("sha256:"));
}

#[tokio::test(start_paused = true)]
async fn which_images_a_task_runs_is_told_once_before_it_runs() {
    let world = World::new();
    for (name, seconds) in [("quick:1", 1), ("slow:1", 5)] {
        let pull_time = Duration::from_secs(seconds);
        world.engine.publish(name, FakeImage { pull_time, ..FakeImage::demo() });
    }
    world.engine.delay(Verb::Start, Duration::from_secs(2)..=Duration::from_secs(2));
    let (_agent, session) = world.connected().await;
    let of = |name: &str, image: &str| acs::Container {
        image: image.into(),
        depends_on: match name {
            "web" => needs("side", ContainerCondition::Start),
            _ => Vec::new(),
        },
        ..container(name, &[])
    };
    // The one that is needed has the slow image, so that nothing runs before both are here.
    session.assign("m", vec![task("t", vec![of("web", "quick:1"), of("side", "slow:1")])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let reports = world.control_plane.reports(&arn("t"));
    let first = &reports[0];
    assert_eq!(first["status"], "PENDING");
    for name in ["web", "side"] {
        let told = of_container(first, name);
        assert_eq!(told["status"], "PENDING");
        assert!(told["imageDigest"].as_str().unwrap().starts_with("sha256:"));
        assert_eq!(told["runtimeId"], Value::Null);
    }
    let of_images = reports.iter().filter(|report| {
        of_container_status(report, "web") == Some("PENDING")
            && of_container_status(report, "side") == Some("PENDING")
    });
    assert_eq!(of_images.count(), 1, "{reports:?}");
}

#[tokio::test(start_paused = true)]
async fn always_pulling_pulls_at_every_start() {
    let mut world = World::new();
    world.engine.publish(IMAGE, FakeImage::demo());
    world.options = Options { pull: PullBehavior::Always, ..world.options };
    let (_agent, session) = world.connected().await;
    for name in ["t1", "t2"] {
        session.assign(name, vec![task(name, vec![container("web", &[])])]).await;
        world.control_plane.report(&arn(name), "RUNNING").await;
    }
    assert_eq!(world.engine.calls(Verb::Pull), 2);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_vanished_is_brought_again() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m1", vec![task("t1", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t1"), "RUNNING").await;
    world.engine.fail_next(Verb::Create, ErrorKind::NotFound, "No such image: demo:1");
    session.assign("m2", vec![task("t2", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t2"), "RUNNING").await;
    assert_eq!(world.engine.calls(Verb::InspectImage), 2);
}

#[tokio::test(start_paused = true)]
async fn a_pull_that_fails_ends_the_task_with_its_reason() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let absent = acs::Container { image: "absent:1".into(), ..container("web", &[]) };
    session.assign("m", vec![task("t", vec![absent])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.starts_with("CannotPullContainerError: "), "{reason}");
    let told = of_container(&report, "web");
    assert_eq!(told["reason"], reason);
    assert_eq!(told["exitCode"], Value::Null, "it never ran");
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_obeyed_with_the_containers_own_grace() {
    let world = World::new();
    let stubborn = Script { on_term: TermReaction::Ignore, ..Script::serve() };
    world.engine.load("stubborn:1", FakeImage::scripted(stubborn));
    let (_agent, mut session) = world.connected().await;
    let web = acs::Container {
        image: "stubborn:1".into(),
        stop_timeout: Some(7),
        ..container("web", &[])
    };
    session.assign("m1", vec![task("t", vec![web])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(session.next().await, ack("m1"));

    let asked_at = tokio::time::Instant::now();
    session.assign("m2", vec![stop("t")]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(asked_at.elapsed().as_secs(), 7);
    assert_eq!(of_container(&report, "web")["exitCode"], 137);
    assert_eq!(report["reason"], Value::Null, "whoever asked for it knows why");
    assert!(report["executionStoppedAt"].as_f64().is_some());
    assert_eq!(session.next().await, ack("m2"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_the_middle_of_a_pull_does_not_wait_for_it() {
    let world = World::new();
    let slow = FakeImage { pull_time: Duration::from_secs(600), ..FakeImage::demo() };
    world.engine.publish("slow:1", slow);
    let (_agent, session) = world.connected().await;
    let web = acs::Container { image: "slow:1".into(), ..container("web", &[]) };
    session.assign("m1", vec![task("t", vec![web])]).await;
    world.until(|engine| engine.calls(Verb::Pull) == 1).await;
    let asked_at = tokio::time::Instant::now();
    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert!(asked_at.elapsed() < Duration::from_secs(1));
    assert!(world.engine.containers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_essential_exit_takes_the_others_along() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let job = container("job", &["exit", "3"]);
    session.assign("m", vec![task("t", vec![job, container("web", &[])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["reason"], "Essential container in task exited");
    assert_eq!(of_container(&report, "job")["exitCode"], 3);
    assert_eq!(of_container(&report, "web")["status"], "STOPPED");
    assert_eq!(world.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_does_not_matter_is_told_at_once() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let side = acs::Container { essential: false, ..container("side", &["sleep", "5"]) };
    session.assign("m", vec![task("t", vec![container("web", &[]), side])]).await;
    let told = world
        .control_plane
        .call_where("SubmitTaskStateChange", |report| {
            report["status"] == "RUNNING" && of_container_status(report, "side") == Some("STOPPED")
        })
        .await;
    assert_eq!(of_container(&told, "side")["exitCode"], 0);
    assert_eq!(of_container(&told, "web")["status"], "RUNNING");
    assert_eq!(told["executionStoppedAt"], Value::Null);
}

fn of_container_status<'a>(report: &'a Value, name: &str) -> Option<&'a str> {
    let containers = report["containers"].as_array()?;
    let found = containers.iter().find(|container| container["containerName"] == name)?;
    found["status"].as_str()
}

#[tokio::test(start_paused = true)]
async fn want_of_memory_is_named() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &["eat-memory", "128"])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let told = of_container(&report, "web");
    assert_eq!(told["reason"], "OutOfMemoryError: Container killed due to memory usage");
    assert_eq!(told["exitCode"], 137);
}

#[tokio::test(start_paused = true)]
async fn needs_are_met_before_a_container_starts() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let init = acs::Container { essential: false, ..container("init", &["sleep", "5"]) };
    let web = acs::Container {
        depends_on: needs("init", ContainerCondition::Success),
        ..container("web", &[])
    };
    session.assign("m", vec![task("t", vec![web, init])]).await;
    world.control_plane.report(&arn("t"), "PENDING").await;
    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(of_container(&report, "init")["exitCode"], 0);
    assert_eq!(world.running(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_need_that_fails_ends_the_task_and_says_which() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let init = acs::Container { essential: false, ..container("init", &["exit", "4"]) };
    let web = acs::Container {
        depends_on: needs("init", ContainerCondition::Success),
        ..container("web", &[])
    };
    session.assign("m", vec![task("t", vec![web, init])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("init") && reason.contains("SUCCESS"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn the_same_payload_again_changes_nothing() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let job = || task("t", vec![container("job", &["sleep", "5"])]);
    session.assign("m1", vec![job()]).await;
    session.assign("m1", vec![job()]).await;
    assert_eq!(session.next().await, ack("m1"));
    assert_eq!(session.next().await, ack("m1"));
    world.control_plane.report(&arn("t"), "STOPPED").await;
    // Not even after its end.
    session.assign("m2", vec![job()]).await;
    assert_eq!(session.next().await, ack("m2"));
    session.expect_nothing().await;
    assert_eq!(world.engine.calls(Verb::Create), 1);
}

#[tokio::test(start_paused = true)]
async fn in_one_payload_stops_go_before_starts() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let web = || with_ports(&[(80, 8080, TransportProtocol::Tcp)]);
    session.assign("m1", vec![task("old", vec![web()])]).await;
    world.control_plane.report(&arn("old"), "RUNNING").await;
    // The new task wants the old one's port, and is named first.
    session.assign("m2", vec![task("new", vec![web()]), stop("old")]).await;
    world.control_plane.report(&arn("new"), "RUNNING").await;
    assert_eq!(world.control_plane.reports(&arn("old")).last().unwrap()["status"], "STOPPED");
    assert_eq!(world.engine.calls(Verb::Start), 2, "the port was waited for, not tried");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_blocks_nobody() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let sized = |name: &str, memory| {
        task(name, vec![acs::Container { memory: Some(memory), ..container("web", &[]) }])
    };
    session.assign("m1", vec![sized("holder", 6000)]).await;
    world.control_plane.report(&arn("holder"), "RUNNING").await;
    session
        .assign("m2", vec![sized("large", 6000), sized("small", 100), sized("huge", 9000)])
        .await;
    world.control_plane.report(&arn("small"), "RUNNING").await;
    let refused = world.control_plane.report(&arn("huge"), "STOPPED").await;
    assert_eq!(
        refused["reason"],
        "ResourceInitializationError: the task needs 9000 MiB of memory and this host has 8192"
    );
    assert!(world.control_plane.reports(&arn("large")).is_empty());
    session.assign("m3", vec![stop("holder")]).await;
    world.control_plane.report(&arn("large"), "RUNNING").await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_task_that_was_never_here_is_told() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    session.assign("m", vec![stop("stranger")]).await;
    world.control_plane.report(&arn("stranger"), "STOPPED").await;
    assert_eq!(session.next().await, ack("m"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_supported_is_refused_by_name_and_acknowledged_when_it_comes_again() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let web = acs::Container {
        credential_specs: vec!["credentialspec:file://x".into()],
        ..container("web", &[])
    };
    session.assign("m", vec![task("t", vec![web.clone()])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(
        report["reason"],
        "ResourceInitializationError: this agent does not support credentialSpecs (container `web`)"
    );
    session.expect_nothing().await;
    session.assign("m", vec![task("t", vec![web])]).await;
    assert_eq!(session.next().await, ack("m"));
}

#[tokio::test(start_paused = true)]
async fn volumes_are_made_mounted_and_removed_with_their_task() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::from_secs(60);
    let (_agent, session) = world.connected().await;
    let volume = |name: &str, scope, autoprovision| acs::Volume {
        name: name.to_owned(),
        kind: Some(acs::VolumeType::Docker),
        docker_volume_configuration: Some(acs::DockerVolumeConfiguration {
            scope: Some(scope),
            autoprovision,
            ..acs::DockerVolumeConfiguration::default()
        }),
        ..acs::Volume::default()
    };
    let host = |name: &str, path: Option<&str>| acs::Volume {
        name: name.to_owned(),
        host: Some(acs::HostVolumeProperties { source_path: path.map(str::to_owned) }),
        ..acs::Volume::default()
    };
    let mount = |name: &str| acs::MountPoint {
        source_volume: name.to_owned(),
        container_path: format!("/{name}"),
        read_only: Some(name == "etc"),
    };
    let names = ["own", "common", "scratch", "etc"];
    let web = acs::Container { mount_points: names.map(mount).to_vec(), ..container("web", &[]) };
    let task = acs::Task {
        volumes: vec![
            volume("own", acs::VolumeScope::Task, None),
            volume("common", acs::VolumeScope::Shared, Some(true)),
            host("scratch", None),
            host("etc", Some("/etc")),
        ],
        ..task("t", vec![web])
    };
    session.assign("m1", vec![task]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;

    let made: Vec<_> = world.engine.volumes().into_iter().map(|volume| volume.name).collect();
    assert_eq!(made, ["common", "ecs-family-1-own-t", "ecs-family-1-scratch-t"]);
    let mounts = world.engine.running()[0].spec.mounts.clone();
    assert_eq!(mounts[1].source, MountSource::Volume("common".into()));
    assert_eq!(mounts[3].source, MountSource::Host("/etc".into()));
    assert!(mounts[3].read_only && !mounts[0].read_only);

    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    world.until(|engine| engine.containers().is_empty() && engine.volumes().len() == 1).await;
    assert_eq!(world.engine.volumes()[0].name, "common");
}

#[tokio::test(start_paused = true)]
async fn ended_containers_stay_for_a_while_and_then_go() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::from_secs(600);
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("job", &["exit", "0"])])]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    let ended_at = tokio::time::Instant::now();
    assert_eq!(world.engine.containers().len(), 1);
    world.until(|engine| engine.containers().is_empty()).await;
    assert!((600..602).contains(&ended_at.elapsed().as_secs()), "{:?}", ended_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn host_networking_tells_its_ports_without_mapping_them() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let task = acs::Task {
        network_mode: Some("host".into()),
        ..task("t", vec![with_ports(&[(8080, 8080, TransportProtocol::Tcp)])])
    };
    session.assign("m", vec![task]).await;
    let report = world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(
        of_container(&report, "web")["networkBindings"],
        json!([{"bindIP": "0.0.0.0", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}])
    );
}

#[tokio::test(start_paused = true)]
async fn a_port_that_somebody_else_holds_is_named() {
    let world = World::new();
    world.engine.occupy_port(Transport::Tcp, 8080);
    let (_agent, session) = world.connected().await;
    let web = with_ports(&[(80, 8080, TransportProtocol::Tcp)]);
    session.assign("m", vec![task("t", vec![web])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let reason = report["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("CannotStartContainerError: ") && reason.contains("8080"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_makes_no_second_container() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    for verb in [Verb::Create, Verb::Start] {
        world.engine.lose_next_answer(verb);
    }
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(world.engine.containers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_restarts_costs_no_task() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    world.engine.go_down();
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(world.control_plane.reports(&arn("t")).is_empty());
    world.engine.come_up();
    world.control_plane.report(&arn("t"), "RUNNING").await;
}

#[tokio::test(start_paused = true)]
async fn an_end_that_no_event_told_is_found() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    world.engine.go_down();
    assert!(world.engine.kill("ecs-family-1-web-t", 9, false));
    world.engine.come_up();
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(of_container(&report, "web")["exitCode"], 9);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_ends_late_is_killed_before_its_task_has_ended() {
    let world = World::new();
    let slow = Script {
        on_term: TermReaction::Exit(Demise { after: Duration::from_secs(3), code: 0 }),
        ..Script::serve()
    };
    world.engine.load("slow:1", FakeImage::scripted(slow));
    let (_agent, session) = world.connected().await;
    let slow = acs::Container { image: "slow:1".into(), ..container("slow", &[]) };
    session.assign("m1", vec![task("t", vec![slow, container("quick", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let asked_at: Timestamp = world.engine.now();
    session.assign("m2", vec![stop("t")]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(of_container(&report, "slow")["exitCode"], 0);
    assert_eq!(world.running(), 0);
    assert_eq!(world.engine.now().since(asked_at).as_secs(), 3);
}
