use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs::{
    FromAgent, HeartbeatAckRequest, HeartbeatMessage, IAMRoleCredentials,
    IAMRoleCredentialsAckRequest, PayloadMessage, StageUpdateMessage, TaskIdentifier,
    TaskManifestMessage, TaskStopVerificationAck, TaskStopVerificationMessage,
};
use berth_agent_protocol::{Exception, ExceptionKind, acs};
use berth_runtime::{ErrorKind, Verb};
use tokio::time::Instant;

use crate::testing::{
    CLUSTER, CLUSTER_ARN, INSTANCE, ServerSocket, World, ack, arn, container, payload, stop, task,
};
use crate::{AcsSession, Handle, VolatileMemory};

fn manifest(message_id: &str, timeline: i64, tasks: &[&str]) -> TaskManifestMessage {
    let listed = |name: &&str| TaskIdentifier {
        task_arn: arn(name),
        task_cluster_arn: Some(CLUSTER_ARN.to_owned()),
        desired_status: Some(acs::DesiredStatus::Running),
    };
    TaskManifestMessage {
        message_id: message_id.to_owned(),
        cluster_arn: CLUSTER_ARN.to_owned(),
        container_instance_arn: INSTANCE.to_owned(),
        tasks: tasks.iter().map(listed).collect(),
        generated_at: None,
        timeline,
    }
}

fn to_stop(name: &str) -> TaskIdentifier {
    TaskIdentifier {
        task_arn: arn(name),
        task_cluster_arn: Some(CLUSTER_ARN.to_owned()),
        desired_status: Some(acs::DesiredStatus::Stopped),
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_says_who_connects_and_asks_for_credentials_once() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let query = session.session.query();
    let value = |name: &str| {
        query.iter().find(|(held, _)| *held == name).map(|(_, value)| value.as_str()).unwrap()
    };
    assert_eq!(value("clusterArn"), CLUSTER);
    assert_eq!(value("containerInstanceArn"), INSTANCE);
    assert_eq!((value("seqNum"), value("protocolVersion")), ("1", "2"));
    assert_eq!(value("sendCredentials"), "true");
    assert!(value("dockerVersion").starts_with("DockerVersion: "));

    session.hang_up(1000).await;
    let again = world.control_plane.next_acs().await;
    assert!(!again.session.send_credentials);
    assert_eq!(world.control_plane.calls("DiscoverPollEndpoint").len(), 1, "remembered");
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_is_answered_and_silence_is_not_borne() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    for beat in 0..8 {
        tokio::time::sleep(Duration::from_secs(25)).await;
        let message_id = format!("h{beat}");
        session.send(HeartbeatMessage { healthy: true, message_id: message_id.clone() }).await;
        assert_eq!(session.next().await, FromAgent::from(HeartbeatAckRequest { message_id }));
    }
    let silent_since = Instant::now();
    assert_eq!(session.next_text().await, None, "it hangs up");
    let borne = silent_since.elapsed().as_secs();
    assert!((60..=120).contains(&borne), "{borne}");
    world.control_plane.next_acs().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_after_half_an_hour_and_the_next_begins_at_once() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let since = Instant::now();
    let ended = loop {
        tokio::select! {
            text = session.next_text() => match text {
                Some(_) => {}
                None => break Instant::now(),
            },
            () = tokio::time::sleep(Duration::from_secs(25)) => {
                session.send(HeartbeatMessage { healthy: true, message_id: "h".into() }).await;
            }
        }
    };
    let minutes = ended.duration_since(since).as_secs() / 60;
    assert!((30..=35).contains(&minutes), "{minutes}");
    world.control_plane.next_acs().await;
    assert!(ended.elapsed() < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn close_codes_decide_how_soon_it_is_back() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    for code in [1000, 1001, 1006, 1011] {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let since = Instant::now();
        session.hang_up(code).await;
        session = world.control_plane.next_acs().await;
        assert!(since.elapsed() < Duration::from_millis(50), "{code}: {:?}", since.elapsed());
    }
    let mut waits = Vec::new();
    for _ in 0..6 {
        let since = Instant::now();
        session.hang_up(1008).await;
        session = world.control_plane.next_acs().await;
        waits.push(since.elapsed());
    }
    assert!(waits[0] >= Duration::from_millis(250), "{waits:?}");
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(waits[5] > Duration::from_secs(1), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_hanging_up_is_not_stormed() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let since = Instant::now();
    for _ in 0..20 {
        session.hang_up(1000).await;
        session = world.control_plane.next_acs().await;
    }
    assert!(since.elapsed() > Duration::from_secs(60), "{:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_host_waits_an_hour_and_does_not_register_again() {
    let world = World::new();
    let gone = || Exception::new(ExceptionKind::InactiveInstance, "deregistered");
    world.control_plane.refuse_next_session(gone());
    let since = Instant::now();
    let (_agent, session) = world.connected().await;
    assert!((3600..3610).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
    // Within a session it means the same.
    session.send(gone()).await;
    world.control_plane.next_acs().await;
    assert!(since.elapsed().as_secs() >= 7200);
    assert_eq!(world.control_plane.calls("RegisterContainerInstance").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_turned_away_asks_again_where_to_go() {
    let world = World::new();
    world.control_plane.refuse_next_session(Exception::new(ExceptionKind::Server, "it follows"));
    let (_agent, _session) = world.connected().await;
    assert_eq!(world.control_plane.calls("DiscoverPollEndpoint").len(), 2, "another may lead");
}

#[tokio::test(start_paused = true)]
async fn what_a_server_says_amiss_is_passed_over() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    session.text("not a frame").await;
    session.text(r#"{"type":"NovelMessage","message":{}}"#).await;
    let web = task("t", vec![container("web", &[])]);
    let nameless = PayloadMessage { message_id: String::new(), ..payload("", None, vec![web]) };
    session.send(nameless).await;
    session.send(HeartbeatMessage { healthy: true, message_id: "h".into() }).await;
    assert!(matches!(session.next().await, FromAgent::HeartbeatAck(_)));
    assert_eq!(world.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_manifest_lacks_is_stopped_when_the_server_is_sure() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let tasks = ["kept", "lost", "ending"].map(|name| task(name, vec![container("web", &[])]));
    session.send(payload("p", Some(5), tasks.to_vec())).await;
    assert_eq!(session.next().await, ack("p"));
    for name in ["kept", "lost", "ending"] {
        world.control_plane.report(&arn(name), "RUNNING").await;
    }
    session.assign("s", vec![stop("ending")]).await;
    assert_eq!(session.next().await, ack("s"));

    session.send(manifest("m", 6, &["kept"])).await;
    assert_eq!(session.next().await, ack("m"));
    let expected = TaskStopVerificationMessage {
        message_id: "m".into(),
        stop_candidates: vec![to_stop("lost")],
    };
    assert_eq!(session.next().await, FromAgent::from(expected));
    world.control_plane.report(&arn("ending"), "STOPPED").await;
    assert_eq!(world.running(), 2, "nothing is stopped before the server is sure");

    let verified = |message_id: &str, name: &str| TaskStopVerificationAck {
        message_id: message_id.to_owned(),
        generated_at: None,
        stop_tasks: vec![to_stop(name)],
    };
    session.send(verified("another", "kept")).await;
    session.send(verified("m", "lost")).await;
    world.control_plane.report(&arn("lost"), "STOPPED").await;
    // Good for once.
    session.send(verified("m", "kept")).await;
    session.expect_nothing().await;
    assert_eq!(world.running(), 1);
}

/// A manifest without the task has the agent ask whether to stop it.
async fn doubts(session: &mut ServerSocket<AcsSession>) {
    session.send(manifest("m", 1, &[])).await;
    assert_eq!(session.next().await, ack("m"));
    let expected =
        TaskStopVerificationMessage { message_id: "m".into(), stop_candidates: vec![to_stop("t")] };
    assert_eq!(session.next().await, FromAgent::from(expected));
}

/// An agent that has lost its memory finds a container that was made and never started.
async fn found_unstarted() -> (World, Handle, ServerSocket<AcsSession>) {
    let mut world = World::new();
    let (agent, session) = world.connected().await;
    world.engine.fail_next(Verb::Start, ErrorKind::Failed, "out of sorts");
    session.assign("m", vec![task("t", vec![container("web", &[])])]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    drop(agent);
    world.options.memory = Arc::new(VolatileMemory::default());
    let (agent, session) = world.connected().await;
    (world, agent, session)
}

#[tokio::test(start_paused = true)]
async fn what_nobody_remembers_goes_on_only_if_the_control_plane_wants_it() {
    let (world, _agent, mut session) = found_unstarted().await;
    let starts = world.engine.calls(Verb::Start);
    doubts(&mut session).await;
    assert_eq!(world.engine.calls(Verb::Start), starts, "nothing of it is started");
    let verified = TaskStopVerificationAck {
        message_id: "m".to_owned(),
        generated_at: None,
        stop_tasks: vec![to_stop("t")],
    };
    session.send(verified).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(world.engine.calls(Verb::Start), starts);

    let (world, _agent, mut session) = found_unstarted().await;
    session.send(manifest("m", 1, &["t"])).await;
    assert_eq!(session.next().await, ack("m"));
    world.control_plane.report(&arn("t"), "RUNNING").await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_remembered_is_as_doubtful_to_the_next_agent() {
    let (world, agent, session) = found_unstarted().await;
    agent.stop().await;
    drop(session);
    let starts = world.engine.calls(Verb::Start);
    let (_agent, mut session) = world.connected().await;
    doubts(&mut session).await;
    assert_eq!(world.engine.calls(Verb::Start), starts, "nothing of it is started");
    session.send(manifest("n", 2, &["t"])).await;
    assert_eq!(session.next().await, ack("n"));
    world.control_plane.report(&arn("t"), "RUNNING").await;
}

#[tokio::test(start_paused = true)]
async fn a_manifest_that_agrees_is_only_acknowledged() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    session.send(manifest("m", 0, &[])).await;
    assert_eq!(session.next().await, ack("m"));
    session.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_stale_manifest_is_dropped_without_a_word_also_after_a_restart() {
    let world = World::new();
    let (agent, mut session) = world.connected().await;
    session.send(payload("p", Some(5), vec![task("t", vec![container("web", &[])])])).await;
    assert_eq!(session.next().await, ack("p"));
    for timeline in [4, 5] {
        session.send(manifest("m", timeline, &[])).await;
    }
    session.expect_nothing().await;
    // A payload is obeyed whatever its number, and does not turn the counter back.
    session.send(payload("q", Some(2), vec![task("u", vec![container("web", &[])])])).await;
    assert_eq!(session.next().await, ack("q"));
    session.send(manifest("m", 5, &[])).await;
    session.expect_nothing().await;

    agent.stop().await;
    let (_agent, mut session) = world.connected().await;
    session.send(manifest("m", 5, &[])).await;
    session.expect_nothing().await;
    session.send(manifest("n", 6, &["t", "u"])).await;
    assert_eq!(session.next().await, ack("n"));
}

#[tokio::test(start_paused = true)]
async fn each_role_of_a_payload_is_acknowledged_by_itself() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let credentials = IAMRoleCredentials {
        credentials_id: "id".into(),
        expiration: "2026-01-01T00:00:00Z".into(),
        ..IAMRoleCredentials::default()
    };
    let web = acs::Task {
        execution_role_credentials: Some(credentials),
        ..task("t", vec![container("web", &[])])
    };
    session.assign("m", vec![web]).await;
    assert_eq!(session.next().await, ack("m"));
    let expected = IAMRoleCredentialsAckRequest {
        message_id: "m".into(),
        credentials_id: "id".into(),
        expiration: "2026-01-01T00:00:00Z".into(),
    };
    assert_eq!(session.next().await, FromAgent::from(expected));
}

#[tokio::test(start_paused = true)]
async fn an_update_is_declined_with_a_reason() {
    let world = World::new();
    let (_agent, mut session) = world.connected().await;
    let update = StageUpdateMessage { message_id: "m".into(), ..StageUpdateMessage::default() };
    session.send(update).await;
    let FromAgent::Nack(nack) = session.next().await else { panic!("not declined") };
    assert_eq!(nack.message_id, "m");
    assert!(nack.reason.contains("package"), "{}", nack.reason);
}
