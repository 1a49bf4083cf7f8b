//! Containers that run again after an end: what is told meanwhile, and when it is over.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_model::Timestamp;
use berth_runtime::Verb;

use super::{of_container, of_container_status};
use crate::testing::{World, arn, container, stop, task};

/// A container that ends with code 0 after nine seconds, whenever it runs.
fn ending(policy: acs::RestartPolicy) -> acs::Container {
    acs::Container { restart_policy: Some(policy), ..container("web", &["sleep", "9"]) }
}

fn policy(period: i64) -> acs::RestartPolicy {
    acs::RestartPolicy {
        enabled: true,
        restart_attempt_period: Some(period),
        ..acs::RestartPolicy::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_essential_container_that_runs_again_keeps_its_task_running() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    let web = ending(policy(6));
    session.assign("m", vec![task("t", vec![web, container("side", &[])])]).await;
    world.until(|engine| engine.calls(Verb::Start) == 5).await;
    assert_eq!(world.running(), 2);
    assert_eq!(world.engine.calls(Verb::Create), 2, "it is the same container");
    let told = world.control_plane.reports(&arn("t"));
    assert!(told.iter().all(|report| report["status"] == "RUNNING"), "{told:?}");
    assert!(told.iter().all(|report| of_container_status(report, "web") != Some("STOPPED")));
    session.assign("m2", vec![stop("t")]).await;
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(of_container(&report, "web")["exitCode"], 0);
    assert_eq!(world.engine.calls(Verb::Start), 5);
}

#[tokio::test(start_paused = true)]
async fn what_ran_too_short_or_ended_as_it_may_is_over() {
    let early = policy(10);
    let ignored = acs::RestartPolicy { ignored_exit_codes: vec![0], ..policy(6) };
    let off = acs::RestartPolicy { enabled: false, ..policy(6) };
    let by_default = acs::RestartPolicy { restart_attempt_period: None, ..policy(6) };
    for policy in [early, ignored, off, by_default] {
        let world = World::new();
        let (_agent, session) = world.connected().await;
        session.assign("m", vec![task("t", vec![ending(policy)])]).await;
        let report = world.control_plane.report(&arn("t"), "STOPPED").await;
        assert_eq!(report["reason"], "Essential container in task exited");
        assert_eq!(of_container(&report, "web")["exitCode"], 0);
        assert_eq!(world.engine.calls(Verb::Start), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_two_runs_finds_nothing_to_stop() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![ending(policy(6))])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    // The second start takes a while, and the stop comes then.
    world.engine.delay(Verb::Start, Duration::from_secs(5)..=Duration::from_secs(5));
    world.until(|engine| engine.calls(Verb::Start) == 2).await;
    session.assign("m2", vec![stop("t")]).await;
    world.control_plane.report(&arn("t"), "STOPPED").await;
    assert_eq!(world.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_is_the_end_with_the_last_runs_code() {
    let world = World::new();
    let (_agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![ending(policy(6))])]).await;
    world.control_plane.report(&arn("t"), "RUNNING").await;
    let message = "the program is gone";
    world.engine.fail_next(Verb::Start, berth_runtime::ErrorKind::Invalid, message);
    let report = world.control_plane.report(&arn("t"), "STOPPED").await;
    let told = of_container(&report, "web");
    assert_eq!(told["exitCode"], 0, "it ran");
    assert_eq!(told["reason"], format!("CannotStartContainerError: {message}"));
}

#[tokio::test(start_paused = true)]
async fn an_end_while_the_agent_was_away_is_judged_like_any_other() {
    let world = World::new();
    let (agent, session) = world.connected().await;
    session.assign("m", vec![task("t", vec![ending(policy(6))])]).await;
    world.until(|engine| engine.calls(Verb::Start) == 2).await;
    let begun: Timestamp = world.engine.now();
    drop(agent);
    world.until(|engine| engine.running().is_empty()).await;
    assert!(world.engine.now().since(begun).as_secs() >= 8);
    let (_agent, _session) = world.connected().await;
    world.until(|engine| engine.calls(Verb::Start) == 3).await;
    let told = world.control_plane.reports(&arn("t"));
    assert!(told.iter().all(|report| report["status"] == "RUNNING"), "{told:?}");
}
