use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_runtime::{ErrorKind, Verb};
use serde_json::{Value, json};

use crate::testing::{CLUSTER, INSTANCE, World, ack, arn, container, payload, stop, task};
use crate::{Memory, Options, VolatileMemory};

fn attribute<'a>(request: &'a Value, name: &str) -> Option<&'a Value> {
    request["attributes"].as_array()?.iter().find(|attribute| attribute["name"] == name)
}

#[tokio::test(start_paused = true)]
async fn a_registration_tells_what_the_host_is_and_has() {
    let mut world = World::new();
    world.options = Options {
        instance_type: Some("metal".into()),
        availability_zone: Some("zone-1".into()),
        attributes: [("rack".to_owned(), "7".to_owned())].into(),
        tags: [("team".to_owned(), "a".to_owned())].into(),
        reserved_memory_mib: 192,
        ..world.options
    };
    let agent = world.start();
    assert_eq!(agent.wait_registered().await.unwrap(), INSTANCE);

    let request = &world.control_plane.calls("RegisterContainerInstance")[0];
    assert_eq!(request["cluster"], CLUSTER);
    assert_eq!(request["containerInstanceArn"], Value::Null);
    assert_eq!(request["instanceIdentityDocument"], "");
    assert_eq!(request["tags"], json!([{"key": "team", "value": "a"}]));
    for (name, value) in [
        ("ecs.os-type", "linux"),
        ("ecs.cpu-architecture", "x86_64"),
        ("ecs.instance-type", "metal"),
        ("ecs.availability-zone", "zone-1"),
        ("rack", "7"),
    ] {
        assert_eq!(attribute(request, name).unwrap()["value"], value, "{name}");
    }
    let capability = attribute(request, "com.amazonaws.ecs.capability.logging-driver.json-file");
    assert!(capability.unwrap().get("value").is_none());
    assert!(attribute(request, "ecs.capability.task-eni").is_none(), "not a promise it can keep");
    assert_eq!(
        request["totalResources"],
        json!([
            {"name": "CPU", "type": "INTEGER", "integerValue": 4096},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 8000},
            {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22", "2375", "2376", "51678", "51679"]},
            {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn gpus_are_told_as_a_resource_and_as_devices() {
    let mut world = World::new();
    world.options.gpus = vec!["GPU-a".into(), "GPU-b".into()];
    world.options.gpu_driver = Some("535.104".into());
    world.start().wait_registered().await.unwrap();
    let request = &world.control_plane.calls("RegisterContainerInstance")[0];
    assert_eq!(
        request["totalResources"][4],
        json!({"name": "GPU", "type": "STRINGSET", "stringSetValue": ["GPU-a", "GPU-b"]})
    );
    assert_eq!(
        request["platformDevices"],
        json!([{"id": "GPU-a", "type": "GPU"}, {"id": "GPU-b", "type": "GPU"}])
    );
    let version = attribute(request, "ecs.capability.gpu-driver-version").unwrap();
    assert_eq!(version["value"], "535.104");
    assert!(attribute(request, "ecs.capability.nvidia-driver-version.535.104").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_tried_again_with_the_same_token() {
    let world = World::new();
    world.control_plane.fail_next("RegisterContainerInstance", "ServerException");
    world.control_plane.fail_next("RegisterContainerInstance", "ThrottlingException");
    let agent = world.start();
    agent.wait_registered().await.unwrap();
    let calls = world.control_plane.calls("RegisterContainerInstance");
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call["clientToken"] == calls[0]["clientToken"]));
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_can_never_succeed_is_given_up() {
    let world = World::new();
    world.control_plane.fail_next("RegisterContainerInstance", "ClientException");
    let error = world.start().wait_registered().await.unwrap_err();
    assert!(error.to_string().contains("ClientException"), "{error}");
    assert_eq!(world.control_plane.calls("RegisterContainerInstance").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_agent_is_the_same_instance() {
    let mut world = World::new();
    world.options.attributes = [("rack".to_owned(), "7".to_owned())].into();
    let agent = world.start();
    agent.wait_registered().await.unwrap();
    drop(agent);
    world.start().wait_registered().await.unwrap();
    let again = &world.control_plane.calls("RegisterContainerInstance")[1];
    assert_eq!(again["containerInstanceArn"], INSTANCE);
    assert!(attribute(again, "rack").is_none(), "custom attributes belong to a new instance");
}

#[tokio::test(start_paused = true)]
async fn a_killed_agent_takes_up_what_runs() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    let before = world.control_plane.report(&arn("t"), "RUNNING").await;
    drop(agent);

    let (_agent, mut session) = world.connected().await;
    world.until(|_| world.control_plane.reports(&arn("t")).len() == 2).await;
    let after = world.control_plane.reports(&arn("t")).pop().unwrap();
    assert_eq!(after["status"], "RUNNING");
    assert_eq!(after["containers"][0]["runtimeId"], before["containers"][0]["runtimeId"]);
    assert_eq!(world.engine.calls(Verb::Create), 1);

    // It is as good as its own: it can be stopped, and its end is heard.
    session.assign("s", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(session.next().await, ack("s"));
}

#[tokio::test(start_paused = true)]
async fn what_ended_while_nobody_looked_is_told() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("job", &["sleep", "60"])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    drop(agent);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(world.engine.running().is_empty());

    let _agent = world.start();
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["containers"][0]["exitCode"], 0);
    assert_eq!(report["reason"], "Essential container in task exited");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_has_no_container_yet_is_not_forgotten() {
    let world = World::new();
    world.engine.delay(Verb::InspectImage, Duration::from_secs(60)..=Duration::from_secs(60));
    let (agent, mut session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    assert_eq!(session.next().await, ack("m"));
    drop(agent);
    assert!(world.engine.containers().is_empty());

    let _agent = world.start();
    world.control_plane.report(&arn("t"), "RUNNING").await;
}

#[tokio::test(start_paused = true)]
async fn a_half_made_task_is_completed() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    let later = berth_agent_protocol::acs::Container {
        depends_on: vec![berth_agent_protocol::acs::ContainerDependency {
            container_name: "first".into(),
            condition: berth_agent_protocol::acs::ContainerCondition::Complete,
        }],
        ..container("later", &[])
    };
    let first = berth_agent_protocol::acs::Container {
        essential: false,
        ..container("first", &["sleep", "30"])
    };
    session.assign("m", vec![task("t", vec![later, first])]).await;
    world.control_plane.report(&arn("t"), "PENDING").await;
    drop(agent);
    tokio::time::sleep(Duration::from_secs(60)).await;

    let _agent = world.start();
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(world.engine.calls(Verb::Create), 2, "nothing was made twice");
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_was_acknowledged_survives_a_crash() {
    let world = World::new();
    let (agent, mut session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &["ignore-term"])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    assert_eq!(session.next().await, ack("m"));
    session.assign("s", vec![stop("t")]).await;
    assert_eq!(session.next().await, ack("s"));
    drop(agent);
    tokio::time::sleep(Duration::from_secs(1)).await;

    let _agent = world.start();
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert!(world.engine.running().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_nobody_heard_of_is_told_by_the_next_agent_and_not_undone() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::ZERO;
    let (agent, mut session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("job", &["sleep", "5"])])]).await;
    assert_eq!(session.next().await, ack("m"));
    world.control_plane.report(&arn("t"), "RUNNING").await;
    world.control_plane.cut_off(true);
    world.until(|engine| engine.containers().is_empty()).await;
    drop(agent);
    world.control_plane.cut_off(false);

    let (_agent, mut session) = world.connected().await;
    // A server that has not heard of it yet sends the task again.
    session
        .send(payload("again", None, vec![task("t", vec![container("job", &["sleep", "5"])])]))
        .await;
    assert_eq!(session.next().await, ack("again"));
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(world.engine.calls(Verb::Create), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_remembers_is_ended_and_told() {
    let mut world = World::new();
    let (agent, session) = world.connected().await;
    let second = berth_agent_protocol::acs::Container { essential: true, ..container("b", &[]) };
    session.assign("m", vec![task("t", vec![container("a", &[]), second])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    drop(agent);
    // The container that carries the task is lost, and the memory too.
    let runtime = world.engine.runtime("agent");
    let anchor =
        world.engine.containers().into_iter().find(|container| container.spec.name.contains("-a-"));
    berth_runtime::Runtime::remove(&runtime, &anchor.unwrap().state.id).await.unwrap();
    world.options.memory = Arc::new(VolatileMemory::default());

    let _agent = world.start();
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["reason"], "the agent lost what it knew of the task");
    world.until(|engine| engine.containers().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_when_no_start_is_under_way_any_more() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    // Docker starts what it was told to, whoever told it and is gone.
    world.engine.delay(Verb::Start, Duration::from_secs(3)..=Duration::from_secs(3));
    session.assign("m", vec![task("t", vec![container("job", &["exit", "3"])])]).await;
    world.until(|engine| engine.calls(Verb::Start) == 1).await;
    drop(agent);
    tokio::time::sleep(Duration::from_secs(1)).await;

    let (_agent, _session) = world.connected().await;
    world.until(|engine| engine.calls(Verb::Start) == 2).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    let told = world.engine.containers();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.engine.containers()[0].state, told[0].state, "it ran once more");
}

#[tokio::test(start_paused = true)]
async fn containers_outlive_a_control_plane_that_is_away_and_changes_are_told_when_it_is_back() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let job = task("job", vec![container("job", &["sleep", "300"])]);
    session.assign("m", vec![job, task("web", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("job"), "RUNNING").await;
    world.control_plane.report(&arn("web"), "RUNNING").await;
    world.control_plane.cut_off(true);
    session.hang_up(1006).await;
    tokio::time::sleep(Duration::from_secs(3000)).await;
    assert_eq!(world.running(), 1);
    world.control_plane.cut_off(false);
    world.control_plane.next_acs().await;
    let back = tokio::time::Instant::now();
    world.control_plane.report(&arn("job"), "STOPPED").await;
    assert!(
        back.elapsed() < Duration::from_secs(1),
        "not only after the back-off: {:?}",
        back.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_not_taken_is_sent_again_and_one_that_is_wrong_is_not() {
    let world = World::new();
    world.control_plane.fail_next("SubmitTaskStateChange", "ServerException");
    let (_agent, session) = world.connected().await;
    session.assign("m1", vec![task("t", vec![container("web", &[])])]).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.control_plane.reports(&arn("t")).len(), 2);

    world.control_plane.fail_next("SubmitTaskStateChange", "InvalidParameterException");
    session.assign("m2", vec![task("u", vec![container("web", &[])])]).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(world.control_plane.reports(&arn("u")).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_not_up_yet_is_waited_for() {
    let world = World::new();
    world.engine.go_down();
    let agent = world.start();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(world.control_plane.calls("RegisterContainerInstance").is_empty());
    world.engine.come_up();
    agent.wait_registered().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_died_before_it_was_answered_asks_with_the_same_token() {
    let world = World::new();
    world.control_plane.fail_next("RegisterContainerInstance", "ServerException");
    let agent = world.start();
    world.control_plane.call_where("RegisterContainerInstance", |_| true).await;
    drop(agent);
    world.start().wait_registered().await.unwrap();
    let calls = world.control_plane.calls("RegisterContainerInstance");
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["clientToken"], calls[1]["clientToken"]);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_failed_after_it_was_done_is_undone_before_the_end_is_told() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    world.engine.lose_next_answer(Verb::Start);
    world.engine.fail_next(Verb::Inspect, ErrorKind::Failed, "out of sorts");
    world.engine.delay(Verb::Stop, Duration::from_secs(5)..=Duration::from_secs(5));
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(world.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ended_before_its_lost_start_is_tried_again_stays_the_only_one() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    world.engine.lose_next_answer(Verb::Start);
    session.assign("m", vec![task("t", vec![container("web", &["exit", "3"])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(report["containers"][0]["exitCode"], 3, "{report}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((world.engine.calls(Verb::Start), world.running()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_container_of_an_ended_task_is_not_started_by_the_next_agent() {
    let mut world = World::new();
    world.options.cleanup_after = Duration::from_secs(60);
    world.engine.fail_next(Verb::Start, ErrorKind::Failed, "out of sorts");
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert!(report["reason"].as_str().unwrap().contains("out of sorts"), "{report}");
    drop((agent, session));

    let _agent = world.connected().await;
    world.until(|engine| engine.containers().is_empty()).await;
    assert_eq!(world.engine.calls(Verb::Start), 1, "only the start that failed");
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_containers_were_removed_meanwhile_is_told_as_stopped() {
    for is_told_to_stop in [false, true] {
        let world = World::new();
        let (agent, mut session) = world.connected().await;
        session.assign("m", vec![task("t", vec![container("web", &["ignore-term"])])]).await;
        world.control_plane.report(&arn("t"), "RUNNING").await;
        assert_eq!(session.next().await, ack("m"));
        if is_told_to_stop {
            session.assign("s", vec![stop("t")]).await;
            assert_eq!(session.next().await, ack("s"));
        }
        // In good order: what is remembered is on disk.
        agent.stop().await;
        let runtime = world.engine.runtime("agent");
        let id = world.engine.containers()[0].state.id.clone();
        berth_runtime::Runtime::remove(&runtime, &id).await.unwrap();

        let _agent = world.start();
        let report = world.control_plane.report(&arn("t"), "STOPPED").await;
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains("removed while the agent was away"), "{reason}");
        assert_eq!(world.engine.calls(Verb::Create), 1, "it is not run a second time");
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_died_while_noting_an_end_does_not_undo_it() {
    let world = World::new();
    let (agent, mut session) = world.connected().await;
    world.engine.fail_next(Verb::Create, ErrorKind::Failed, "out of sorts");
    let mut tasks = vec![task("t", vec![container("web", &[])])];
    session.assign("m", tasks.clone()).await;
    assert_eq!(session.next().await, ack("m"));
    world.control_plane.report(&arn("t"), "STOPPED").await;
    drop(agent);
    // The first of the two notes that an end leaves was written, the second was not.
    let memory = &world.options.memory;
    let bytes = memory.load().await.unwrap().unwrap();
    let mut state: Value = serde_json::from_slice(&bytes).unwrap();
    state["ended"] = json!({ arn("t"): world.control_plane.reports(&arn("t"))[0] });
    state["accepted"] = json!({ arn("t"): tasks.remove(0) });
    state["stopping"] = json!([]);
    memory.save(serde_json::to_vec(&state).unwrap()).await.unwrap();

    let _agent = world.start();
    world.until(|_| world.control_plane.reports(&arn("t")).len() == 2).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let reports = world.control_plane.reports(&arn("t"));
    assert!(reports.iter().all(|report| report["status"] == "STOPPED"), "{reports:?}");
    assert_eq!(world.engine.calls(Verb::Create), 1, "only the one that failed");
}

/// How often an engine is asked in an hour that fails each time: with waits that grow to half a minute.
const AT_MOST_AN_HOUR: u64 = 150;

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_remove_a_stray_is_not_asked_ever_more_often() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let mut spec = world.engine.containers()[0].spec.clone();
    spec.name = "stray".to_owned();
    spec.labels.insert("com.amazonaws.ecs.task-arn".to_owned(), arn("nobody's"));
    for _ in 0..10 * AT_MOST_AN_HOUR {
        world.engine.fail_next(Verb::Remove, ErrorKind::Failed, "device or resource busy");
    }
    let runtime = world.engine.runtime("agent");
    berth_runtime::Runtime::create(&runtime, &spec).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let asked = world.engine.calls(Verb::Remove);
    assert!((10..AT_MOST_AN_HOUR).contains(&asked), "{asked}");

    world.engine.heal();
    world.until(|engine| engine.containers().len() == 1).await;
    drop(agent);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_stop_what_has_ended_is_not_asked_ever_more_often() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("job", &["sleep", "5"])])]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    // Somebody starts the container again that is kept for whoever wants to look at it.
    let id = world.engine.containers()[0].state.id.clone();
    world.engine.fail_at_random(Verb::Stop, 1.0);
    let runtime = world.engine.runtime("agent");
    let until = tokio::time::Instant::now() + Duration::from_secs(3600);
    while tokio::time::Instant::now() < until {
        let _ = berth_runtime::Runtime::start(&runtime, &id).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let asked = world.engine.calls(Verb::Stop);
    assert!((10..AT_MOST_AN_HOUR).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_however_long_nobody_listens() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![container("job", &["sleep", "5"])])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    world.control_plane.cut_off(true);
    tokio::time::sleep(Duration::from_secs(3 * 24 * 60 * 60)).await;
    assert_eq!(world.control_plane.reports(&arn("t")).len(), 1);
    world.control_plane.cut_off(false);
    world.control_plane.report(&arn("t"), "STOPPED").await;
}

/// Remembers what it has, and takes nothing more.
struct FullDisk(Arc<dyn Memory>);

#[async_trait]
impl Memory for FullDisk {
    async fn load(&self) -> anyhow::Result<Option<Vec<u8>>> {
        self.0.load().await
    }

    async fn save(&self, _: Vec<u8>) -> anyhow::Result<()> {
        Err(anyhow::anyhow!("no space left on device"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_keeps_a_known_agent_from_nothing_but_acknowledging() {
    let mut world = World::new();
    let (agent, mut session) = world.connected().await;
    session.assign("m", vec![task("kept", vec![container("web", &[])])]).await;
    assert_eq!(session.next().await, ack("m"));
    world.control_plane.report(&arn("kept"), "RUNNING").await;
    drop(agent);
    world.options.memory = Arc::new(FullDisk(world.options.memory.clone()));

    let (_agent, mut session) = world.connected().await;
    session.assign("n", vec![task("new", vec![container("job", &["exit", "3"])])]).await;
    world.control_plane.report(&arn("new"), "STOPPED").await;
    session.expect_nothing().await;
    assert_eq!(world.running(), 1, "what ran runs on");
}
