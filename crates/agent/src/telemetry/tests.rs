use std::time::Duration;

use berth_agent_protocol::acs;
use berth_agent_protocol::tcs::{
    FromAgent, HealthStatus, InstanceHealth, PublishHealthRequest, PublishMetricsRequest,
    TaskHealth,
};
use berth_runtime::fake::{FakeImage, Script};
use berth_runtime::{MemoryBytes, Verb};

use crate::TcsSession;
use crate::testing::{CLUSTER, INSTANCE, ServerSocket, World, arn, container, task};

async fn next_metrics(socket: &mut ServerSocket<TcsSession>) -> PublishMetricsRequest {
    loop {
        if let FromAgent::Metrics(metrics) = socket.next().await {
            return metrics;
        }
    }
}

async fn next_health(socket: &mut ServerSocket<TcsSession>) -> PublishHealthRequest {
    loop {
        if let FromAgent::Health(health) = socket.next().await {
            return health;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_host_says_so_every_twenty_seconds_and_that_its_engine_is_well() {
    let world = World::new();
    let _agent = world.start();
    let mut socket = world.control_plane.next_tcs().await;
    assert_eq!(socket.session.container_instance, INSTANCE);
    let opened_at = tokio::time::Instant::now();
    for round in 0..=2 {
        let metrics = next_metrics(&mut socket).await;
        assert_eq!(metrics.metadata.cluster, CLUSTER);
        assert!(metrics.metadata.idle && metrics.metadata.fin);
        assert_eq!(opened_at.elapsed().as_secs(), round * 20);
        socket.text(r#"{"type":"AckPublishMetric","message":{}}"#).await;
        if round > 0 {
            let told = socket.next().await;
            let FromAgent::InstanceStatus(status) = told else { panic!("not a status: {told:?}") };
            assert_eq!(status.statuses[0].status, InstanceHealth::Ok);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn how_full_the_hosts_file_systems_are_is_told() {
    let world = World::new();
    let _agent = world.start();
    let mut socket = world.control_plane.next_tcs().await;
    let mut told = async || {
        let metrics = next_metrics(&mut socket).await.instance_metrics.expect("it is told");
        let storage = metrics.storage.expect("of the file systems");
        assert_eq!(storage.root_filesystem, storage.data_filesystem, "the fake has one");
        storage.data_filesystem.expect("it can be seen")
    };
    assert!(told().await < 10.0);
    let half = world.engine.options().disk.as_bytes() / 2;
    world.engine.fill_disk(MemoryBytes::from_bytes(half));
    assert!((50.0..60.0).contains(&told().await));
}

#[tokio::test(start_paused = true)]
async fn usage_is_summed_up_per_container() {
    let world = World::new();
    let busy = Script { load: 0.5, memory: MemoryBytes::from_mib(32), ..Script::serve() };
    world.engine.load("busy:1", FakeImage::scripted(busy));
    let (_agent, session) = world.connected().await;
    let mut socket = world.control_plane.next_tcs().await;
    let web = acs::Container { image: "busy:1".into(), ..container("web", &[]) };
    let tasks = (0..12).map(|name| task(&format!("t{name}"), vec![web.clone()])).collect();
    session.assign("m", tasks).await;
    world.control_plane.report(&arn("t11"), "RUNNING").await;

    let mut metrics = next_metrics(&mut socket).await;
    while metrics.task_metrics.is_empty() {
        metrics = next_metrics(&mut socket).await;
    }
    assert_eq!((metrics.task_metrics.len(), metrics.metadata.fin), (10, false));
    let rest = next_metrics(&mut socket).await;
    assert_eq!((rest.task_metrics.len(), rest.metadata.fin), (2, true));
    assert_eq!(rest.metadata.message_id, metrics.metadata.message_id);

    let told = &metrics.task_metrics[0];
    assert_eq!(
        (told.task_definition_family.as_str(), told.task_definition_version.as_str()),
        ("family", "1")
    );
    let container = &told.container_metrics[0];
    assert_eq!(container.container_name, "web");
    let cpu = container.cpu_stats_set.unwrap();
    assert!((45.0..=55.0).contains(&cpu.max), "{cpu:?}");
    assert_eq!(container.memory_stats_set.unwrap().max, 32.0);
    assert!(container.network_stats_set.is_some() && container.storage_stats_set.is_some());
}

#[tokio::test(start_paused = true)]
async fn health_is_told_when_it_changes() {
    let world = World::new();
    world.engine.load("well:1", FakeImage::scripted(Script::serve()));
    let (_agent, session) = world.connected().await;
    let mut socket = world.control_plane.next_tcs().await;
    let check =
        r#"{"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":3000000000,"Retries":1}}"#;
    let web = acs::Container {
        image: "well:1".into(),
        health_check_type: Some(acs::HealthCheckType::Docker),
        docker_config: Some(acs::DockerConfig {
            config: Some(check.into()),
            ..acs::DockerConfig::default()
        }),
        ..container("web", &[])
    };
    session.assign("m", vec![task("t", vec![web, container("unchecked", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;

    let status = |tasks: &[TaskHealth]| {
        assert_eq!(tasks[0].containers.len(), 1, "only what is checked is told");
        tasks[0].containers[0].health_status.clone()
    };
    let since = tokio::time::Instant::now();
    let mut health = next_health(&mut socket).await;
    while status(&health.tasks) != HealthStatus::Healthy {
        health = next_health(&mut socket).await;
    }
    assert!(health.metadata.fin);
    assert!(since.elapsed() < Duration::from_secs(10), "not only at the next round");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_away_is_told_as_impaired() {
    let world = World::new();
    let _agent = world.start();
    let mut socket = world.control_plane.next_tcs().await;
    let mut until_told = async |wanted: InstanceHealth| {
        loop {
            if let FromAgent::InstanceStatus(status) = socket.next().await
                && status.statuses[0].status == wanted
            {
                return;
            }
            socket.text(r#"{"type":"HeartbeatMessage","message":{"healthy":true}}"#).await;
        }
    };
    until_told(InstanceHealth::Ok).await;
    world.engine.go_down();
    until_told(InstanceHealth::Impaired).await;
    world.engine.come_up();
    until_told(InstanceHealth::Ok).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_telemetry_session_is_opened_again() {
    let world = World::new();
    let _agent = world.start();
    let socket = world.control_plane.next_tcs().await;
    let since = tokio::time::Instant::now();
    socket.hang_up(1000).await;
    world.control_plane.next_tcs().await;
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_takes_its_time_does_not_make_the_control_plane_silent() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let mut telemetry = world.control_plane.next_tcs().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    // Longer than any silence that is borne.
    world.engine.delay(Verb::Stats, Duration::from_secs(150)..=Duration::from_secs(150));
    for _ in 0..20 {
        telemetry.text(r#"{"type":"HeartbeatMessage","message":{"healthy":true}}"#).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    world.engine.heal();
    let again = tokio::time::timeout(Duration::from_secs(1), world.control_plane.next_tcs()).await;
    assert!(again.is_err(), "it is still the first session");
    while next_metrics(&mut telemetry).await.metadata.idle {}
}
