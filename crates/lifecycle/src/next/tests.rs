//! Small worlds, walked through completely, and single steps with their words.

use std::collections::HashSet;

use berth_model::{DesiredStatus, HealthStatus, TaskStatus};

use super::*;
use crate::derive::derive_status;
use crate::graph::Need;
use crate::restart::{RestartPolicy, RunEnd};

mod worlds;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn task(containers: Vec<ContainerView>) -> TaskView {
    TaskView { desired_status: DesiredStatus::Running, containers, may_remove: false }
}

fn container(name: &str, status: ContainerStatus) -> ContainerView {
    let exists = matches!(status, ContainerStatus::Created | ContainerStatus::Running);
    ContainerView { status, exists, ..ContainerView::new(name, true) }
}

fn needing(mut container: ContainerView, needed: &str, condition: Condition) -> ContainerView {
    container.needs.push(Need { container: needed.to_owned(), condition });
    container
}

/// `verb name`, in order.
fn verbs(task: &TaskView) -> Vec<String> {
    let verb = |action: &Action| match action {
        Action::Pull { .. } => "pull",
        Action::Create { .. } => "create",
        Action::Start { .. } => "start",
        Action::Stop { .. } => "stop",
        Action::Conclude { .. } => "conclude",
        Action::Remove { .. } => "remove",
    };
    next_actions(task, NOW)
        .actions
        .iter()
        .map(|action| format!("{} {}", verb(action), action.container()))
        .collect()
}

#[test]
fn a_container_comes_up_step_by_step() {
    for (status, expected) in [
        (ContainerStatus::Pending, vec!["pull a"]),
        (ContainerStatus::Pulled, vec!["create a"]),
        (ContainerStatus::Created, vec!["start a"]),
        (ContainerStatus::Running, vec![]),
        (ContainerStatus::Stopped, vec![]),
    ] {
        assert_eq!(verbs(&task(vec![container("a", status)])), expected);
    }
}

#[test]
fn what_is_under_way_is_not_asked_twice() {
    let mut view = task(vec![container("a", ContainerStatus::Pending)]);
    view.containers[0].doing = Some(Step::Pull);
    assert!(verbs(&view).is_empty());
    view.desired_status = DesiredStatus::Stopped;
    assert_eq!(verbs(&view), ["conclude a"], "a pull for nothing is given up");
}

#[test]
fn what_is_made_late_waits_for_what_it_is_made_with() {
    let mut app = needing(container("app", ContainerStatus::Pulled), "router", Condition::Start);
    let router = |status| container("router", status);
    let early = task(vec![app.clone(), router(ContainerStatus::Created)]);
    assert_eq!(verbs(&early), ["create app", "start router"]);
    app.is_made_late = true;
    let late = task(vec![app.clone(), router(ContainerStatus::Created)]);
    assert_eq!(verbs(&late), ["start router"]);
    assert_eq!(verbs(&task(vec![app, router(ContainerStatus::Running)])), ["create app"]);
}

#[test]
fn images_do_not_wait_for_one_another_but_containers_do() {
    let mut view = task(vec![
        needing(container("web", ContainerStatus::Pending), "db", Condition::Healthy),
        container("db", ContainerStatus::Pending),
    ]);
    assert_eq!(verbs(&view), ["pull web", "pull db"]);
    view.containers[0].status = ContainerStatus::Pulled;
    view.containers[1].status = ContainerStatus::Pulled;
    assert_eq!(verbs(&view), ["create db"]);
    view.containers[1].status = ContainerStatus::Created;
    view.containers[1].exists = true;
    assert_eq!(verbs(&view), ["create web", "start db"]);
    view.containers[0].status = ContainerStatus::Created;
    view.containers[0].exists = true;
    view.containers[1].status = ContainerStatus::Running;
    assert!(verbs(&view).is_empty());
    view.containers[1].health = HealthStatus::Healthy;
    assert_eq!(verbs(&view), ["start web"]);
}

#[test]
fn each_condition_waits_for_its_moment() {
    let ended = |code| ContainerView {
        exit_code: Some(code),
        ..container("dep", ContainerStatus::Stopped)
    };
    let running = container("dep", ContainerStatus::Running);
    let never_ran = container("dep", ContainerStatus::Stopped);
    for (condition, target, expected) in [
        (Condition::Create, container("dep", ContainerStatus::Created), "start"),
        (Condition::Create, never_ran.clone(), "conclude"),
        (Condition::Start, running.clone(), "start"),
        (Condition::Start, ended(3), "start"),
        (Condition::Start, never_ran.clone(), "conclude"),
        (Condition::Complete, running.clone(), "wait"),
        (Condition::Complete, ended(3), "start"),
        (Condition::Success, running.clone(), "wait"),
        (Condition::Success, ended(0), "start"),
        (Condition::Success, ended(3), "conclude"),
        (Condition::Healthy, running.clone(), "wait"),
        (Condition::Healthy, ended(0), "conclude"),
    ] {
        let target = ContainerView { essential: false, ..target };
        let view = task(vec![
            needing(container("main", ContainerStatus::Created), "dep", condition),
            target.clone(),
        ]);
        let actions = verbs(&view);
        let verb = actions.iter().find_map(|action| action.strip_suffix(" main")).unwrap_or("wait");
        assert_eq!(verb, expected, "{condition} with {target:?}");
    }
}

#[test]
fn a_container_that_can_never_start_says_why() {
    let no_image = "CannotPullContainerError: no such image";
    for (exit_code, told, expected) in [
        (Some(3), None, "exited with code 3"),
        (None, Some(no_image), "never ran: CannotPullContainerError: no such image"),
        (None, None, "ended before it ran"),
    ] {
        let init = ContainerView {
            essential: false,
            exit_code,
            reason: told.map(str::to_owned),
            ..container("init", ContainerStatus::Stopped)
        };
        let view = task(vec![
            needing(container("web", ContainerStatus::Pulled), "init", Condition::Success),
            init,
        ]);
        let Action::Conclude { reason: Some(reason), .. } = &next_actions(&view, NOW).actions[0]
        else {
            panic!("a conclusion with a reason expected")
        };
        let needs = "CannotStartContainerError: needs the container init to reach SUCCESS";
        assert_eq!(*reason, format!("{needs}, which {expected}"));
    }
}

#[test]
fn waiting_ends_with_the_start_timeout() {
    let slow = ContainerView {
        started_at: Some(NOW),
        start_timeout: Some(Duration::from_secs(10)),
        ..container("db", ContainerStatus::Running)
    };
    let view = task(vec![
        needing(container("web", ContainerStatus::Created), "db", Condition::Healthy),
        slow,
    ]);
    let deadline = NOW + Duration::from_secs(10);
    assert_eq!(next_actions(&view, NOW), Actions { actions: vec![], ask_again_at: Some(deadline) });
    let late = next_actions(&view, deadline);
    assert!(
        matches!(&late.actions[..], [Action::Conclude { container, reason: Some(_) }] if container == "web")
    );
}

#[test]
fn a_task_goes_down_from_its_leaves() {
    let mut view = task(vec![
        container("db", ContainerStatus::Running),
        needing(container("web", ContainerStatus::Running), "db", Condition::Start),
    ]);
    view.desired_status = DesiredStatus::Stopped;
    assert_eq!(verbs(&view), ["stop web"]);
    view.containers[1].doing = Some(Step::Stop);
    assert!(verbs(&view).is_empty());
    view.containers[1].status = ContainerStatus::Stopped;
    assert_eq!(verbs(&view), ["stop db"]);
}

#[test]
fn an_essential_exit_takes_the_others_along() {
    let web = ContainerView { exit_code: Some(1), ..container("web", ContainerStatus::Stopped) };
    let log = ContainerView { essential: false, ..container("log", ContainerStatus::Running) };
    let late = container("late", ContainerStatus::Pulled);
    assert_eq!(verbs(&task(vec![web, log, late])), ["stop log", "conclude late"]);
}

#[test]
fn removal_waits_for_the_whole_task_and_for_leave() {
    let gone = |name| ContainerView {
        exists: true,
        exit_code: Some(0),
        ..container(name, ContainerStatus::Stopped)
    };
    let mut view = task(vec![gone("a"), gone("b")]);
    assert!(verbs(&view).is_empty());
    view.may_remove = true;
    assert_eq!(verbs(&view), ["remove a", "remove b"]);
    view.containers[0].exists = false;
    assert_eq!(verbs(&view), ["remove b"]);
}

#[test]
fn between_two_runs_a_container_runs_to_all_but_those_who_need_it_well() {
    let policy =
        RestartPolicy { ignored_exit_codes: Vec::new(), attempt_period: Duration::from_secs(60) };
    let end = RunEnd { code: 1, reason: None, at: NOW };
    let web = ContainerView {
        restart_policy: Some(policy),
        started_at: Some(Timestamp::from_millis(NOW.as_millis() - 60_000)),
        run_end: Some(end),
        ..container("web", ContainerStatus::Running)
    };
    let mut view = task(vec![web]);
    assert_eq!(verbs(&view), ["start web"]);
    assert_eq!(derive_status(&view), TaskStatus::Running);
    assert!(!is_stopping(&view), "an essential container that runs again takes nothing down");
    view.desired_status = DesiredStatus::Stopped;
    assert_eq!(verbs(&view), ["conclude web"], "there is nothing to stop");
    view.desired_status = DesiredStatus::Running;
    view.containers[0].started_at = Some(NOW);
    assert_eq!(verbs(&view), ["conclude web"], "it ran too short");
    assert!(is_stopping(&view));
}
