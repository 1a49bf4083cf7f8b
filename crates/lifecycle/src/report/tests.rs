//! Reports in every order, twice and late.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::stage::go_on;
use crate::stop::ESSENTIAL_CONTAINER_EXITED;

const CREATED: Timestamp = Timestamp::from_millis(1_000_000);

fn at(seconds: u64) -> Timestamp {
    CREATED + Duration::from_secs(seconds)
}

/// A record as the control plane keeps it, and the way it applies a transition.
#[derive(Debug, Clone, PartialEq)]
struct Record {
    desired_status: DesiredStatus,
    last_status: TaskStatus,
    stop: Option<StopCause>,
    times: Times,
    containers: Vec<Held>,
    held: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq)]
struct Held {
    name: &'static str,
    essential: bool,
    status: ContainerStatus,
    exit_code: Option<i32>,
    reason: Option<String>,
}

impl Record {
    fn new(containers: &[(&'static str, bool)]) -> Self {
        let held = |&(name, essential)| Held {
            name,
            essential,
            status: ContainerStatus::Pending,
            exit_code: None,
            reason: None,
        };
        Record {
            desired_status: DesiredStatus::Running,
            last_status: TaskStatus::Pending,
            stop: None,
            times: Times { created_at: CREATED, ..Times::default() },
            containers: containers.iter().map(held).collect(),
            held: Vec::new(),
        }
    }

    fn known(&self) -> KnownTask<'_> {
        KnownTask {
            desired_status: self.desired_status,
            last_status: self.last_status,
            stop_code: self.stop.as_ref().map(|stop| stop.code),
            times: self.times,
            containers: self
                .containers
                .iter()
                .map(|held| KnownContainer {
                    name: held.name,
                    essential: held.essential,
                    status: held.status,
                    exit_code: held.exit_code,
                    reason: held.reason.as_deref(),
                })
                .collect(),
            held: &self.held,
        }
    }

    fn apply(&mut self, transition: Transition) {
        let before = self.clone();
        self.last_status = transition.last_status.unwrap_or(self.last_status);
        self.desired_status = transition.desired_status.unwrap_or(self.desired_status);
        self.stop = transition.stop.or(self.stop.take());
        self.times = transition.times.unwrap_or(self.times);
        for change in transition.containers {
            let held = &mut self.containers[change.container];
            held.status = change.status.unwrap_or(held.status);
            held.exit_code = change.exit_code.or(held.exit_code);
            held.reason = change.reason.or(held.reason.take());
        }
        self.check(&before);
    }

    fn hear(&mut self, report: &TaskReport<'_>, now: Timestamp) {
        self.apply(merge_report(&self.known(), report, now));
    }

    /// What holds after every step, whatever came before.
    fn check(&self, before: &Record) {
        assert!(
            self.last_status >= before.last_status && self.desired_status >= before.desired_status
        );
        assert!(self.times.in_order().is_sorted(), "{:?}", self.times);
        for (held, earlier) in self.containers.iter().zip(&before.containers) {
            assert!(held.status >= earlier.status);
            assert!(earlier.exit_code.is_none() || held.exit_code == earlier.exit_code);
        }
        assert!(before.stop.is_none() || self.stop == before.stop, "the first cause stands");
        if self.last_status == TaskStatus::Stopped {
            assert!(
                self.stop.is_some()
                    && self.times.stopped_at.is_some()
                    && self.times.stopping_at.is_some()
            );
            assert!(self.containers.iter().all(|held| held.status == ContainerStatus::Stopped));
            assert_eq!(self.desired_status, DesiredStatus::Stopped);
        }
    }
}

fn told(
    name: &'static str,
    status: ContainerStatus,
    exit_code: Option<i32>,
) -> ContainerReport<'static> {
    ContainerReport { name, status, exit_code, reason: None }
}

/// What an agent tells of a task whose essential `web` exits with 3 while `log` is killed for it.
fn story() -> Vec<TaskReport<'static>> {
    use ContainerStatus::{Running, Stopped};
    let pulled = TaskReport {
        pull_started_at: Some(at(4)),
        pull_stopped_at: Some(at(4)),
        ..TaskReport::default()
    };
    vec![
        TaskReport { status: Some(TaskStatus::Pending), ..TaskReport::default() },
        TaskReport { containers: vec![told("log", Running, None)], ..pulled.clone() },
        TaskReport {
            status: Some(TaskStatus::Running),
            containers: vec![told("web", Running, None), told("log", Running, None)],
            ..pulled.clone()
        },
        TaskReport {
            status: Some(TaskStatus::Stopped),
            execution_stopped_at: Some(at(6)),
            containers: vec![told("web", Stopped, Some(3)), told("log", Stopped, Some(137))],
            ..pulled
        },
    ]
}

#[test]
fn a_whole_life_in_order() {
    let mut record = Record::new(&[("web", true), ("log", false)]);
    for (second, report) in story().iter().enumerate() {
        record.hear(report, at(3 + second as u64));
    }
    assert_eq!(record.last_status, TaskStatus::Stopped);
    let stop = record.stop.unwrap();
    assert_eq!(
        (stop.code, stop.reason.as_str()),
        (StopCode::EssentialContainerExited, ESSENTIAL_CONTAINER_EXITED)
    );
    assert_eq!(record.containers[0].exit_code, Some(3));
    let times = record.times;
    assert_eq!((times.pull_started_at, times.pull_stopped_at), (Some(at(4)), Some(at(4))));
    assert_eq!((times.started_at, times.stopping_at), (Some(at(5)), Some(at(6))));
    assert_eq!((times.execution_stopped_at, times.stopped_at), (Some(at(6)), Some(at(6))));
}

/// Every order of the four reports, each told twice in a row and all told once more at the end.
#[test]
fn every_order_ends_the_same() {
    let story = story();
    let mut endings = Vec::new();
    for order in permutations(story.len()) {
        let mut record = Record::new(&[("web", true), ("log", false)]);
        for &index in order.iter().flat_map(|index| [index, index]).chain(&[0, 1, 2, 3]) {
            record.hear(&story[index], at(10));
        }
        endings.push((record.last_status, record.stop, record.containers));
    }
    assert_eq!(endings.len(), 24);
    endings.dedup();
    assert_eq!(endings.len(), 1, "{endings:#?}");
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..count {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, next);
                    longer
                })
            })
            .collect();
    }
    all
}

#[test]
fn a_failure_to_start_is_told_in_the_containers_words() {
    let mut record = Record::new(&[("web", true), ("log", true)]);
    let reason = "CannotPullContainerError: pull access denied";
    let web =
        ContainerReport { reason: Some(reason), ..told("web", ContainerStatus::Stopped, None) };
    let log = told("log", ContainerStatus::Stopped, Some(137));
    record.hear(
        &TaskReport {
            status: Some(TaskStatus::Stopped),
            containers: vec![log, web],
            ..TaskReport::default()
        },
        at(1),
    );
    let stop = record.stop.unwrap();
    assert_eq!((stop.code, stop.reason.as_str()), (StopCode::TaskFailedToStart, reason));
    assert_eq!(record.times.started_at, None);
}

#[test]
fn a_failure_of_the_task_itself_is_told_in_its_words() {
    let mut record = Record::new(&[("web", true)]);
    let reason = "ResourceInitializationError: no such volume";
    let report = TaskReport {
        status: Some(TaskStatus::Stopped),
        reason: Some(reason),
        ..TaskReport::default()
    };
    record.hear(&report, at(1));
    assert_eq!(
        record.stop.unwrap(),
        StopCause { code: StopCode::TaskFailedToStart, reason: reason.to_owned() }
    );
}

#[test]
fn an_essential_exit_stops_the_task_before_it_is_stopped() {
    let mut record = Record::new(&[("web", true), ("log", false)]);
    record.hear(&story()[2], at(3));
    let exit = TaskReport {
        containers: vec![told("log", ContainerStatus::Stopped, Some(0))],
        ..TaskReport::default()
    };
    record.hear(&exit, at(4));
    assert_eq!(record.desired_status, DesiredStatus::Running, "log is not essential");
    let exit = TaskReport {
        containers: vec![told("web", ContainerStatus::Stopped, Some(0))],
        ..TaskReport::default()
    };
    record.hear(&exit, at(5));
    assert_eq!(
        (record.desired_status, record.last_status),
        (DesiredStatus::Stopped, TaskStatus::Stopping)
    );
    assert_eq!((record.times.stopping_at, record.times.stopped_at), (Some(at(5)), None));
}

#[test]
fn who_asked_first_is_remembered() {
    let mut record = Record::new(&[("web", true), ("log", false)]);
    record.hear(&story()[2], at(3));
    let cause = |code, reason: &str| StopCause { code, reason: reason.to_owned() };
    let user = cause(StopCode::UserInitiated, "Task stopped by user");
    record.apply(request_stop(&record.known(), user.clone(), at(4)));
    let again = request_stop(
        &record.known(),
        cause(StopCode::ServiceSchedulerInitiated, "scaling in"),
        at(5),
    );
    assert!(again.is_empty());
    record.hear(&story()[3], at(7));
    assert_eq!((record.stop, record.times.stopping_at), (Some(user), Some(at(4))));
}

#[test]
fn a_lost_task_ends_at_once_and_for_good() {
    let mut record = Record::new(&[("web", true)]);
    let cause = StopCause {
        code: StopCode::UserInitiated,
        reason: "the instance was deregistered".to_owned(),
    };
    record.apply(end_at_once(&record.known(), cause.clone(), at(1)));
    assert_eq!(record.last_status, TaskStatus::Stopped);
    let ended = record.clone();
    record.hear(&TaskReport { status: Some(TaskStatus::Running), ..TaskReport::default() }, at(2));
    assert!(end_at_once(&record.known(), cause, at(3)).is_empty());
    assert_eq!(record, ended);
}

#[test]
fn a_held_task_passes_every_stage_and_waits_in_each() {
    use Stage::{Activating, Deactivating, Deprovisioning, Provisioning};
    let mut record = Record::new(&[("web", true), ("log", false)]);
    record.held = vec![Provisioning, Activating, Deactivating, Deprovisioning];
    record.last_status = Provisioning.entered(&record.held);
    let mut seen = Vec::new();
    let release = |record: &mut Record, stage, second| {
        assert!(go_on(&record.known(), at(second)).is_empty(), "{stage:?} is held");
        record.held.retain(|held| *held != stage);
        record.apply(go_on(&record.known(), at(second)));
    };
    let cause = StopCause { code: StopCode::UserInitiated, reason: "enough".to_owned() };
    seen.push(record.last_status);
    release(&mut record, Provisioning, 1);
    seen.push(record.last_status);
    record.hear(&story()[2], at(4));
    seen.push(record.last_status);
    assert_eq!(record.times.started_at, None, "it does not count as running yet");
    release(&mut record, Activating, 5);
    seen.push(record.last_status);
    record.apply(request_stop(&record.known(), cause, at(6)));
    seen.push(record.last_status);
    release(&mut record, Deactivating, 7);
    seen.push(record.last_status);
    record.hear(&story()[3], at(8));
    seen.push(record.last_status);
    assert_eq!(record.times.stopped_at, None, "something of it is left");
    release(&mut record, Deprovisioning, 9);
    seen.push(record.last_status);
    let all: Vec<_> =
        TaskStatus::ALL.iter().copied().filter(|status| *status <= TaskStatus::Stopped).collect();
    assert_eq!(seen, all);
    assert_eq!((record.times.started_at, record.times.stopped_at), (Some(at(5)), Some(at(9))));
}

#[test]
fn what_its_agent_never_had_needs_no_farewell() {
    let mut record = Record::new(&[("web", true)]);
    record.held = vec![Stage::Provisioning, Stage::Deactivating, Stage::Deprovisioning];
    record.last_status = Stage::Provisioning.entered(&record.held);
    let cause = StopCause { code: StopCode::UserInitiated, reason: "enough".to_owned() };
    record.apply(end_at_once(&record.known(), cause, at(1)));
    assert_eq!((record.last_status, record.times.stopped_at), (TaskStatus::Deprovisioning, None));
    record.held.clear();
    record.apply(go_on(&record.known(), at(2)));
    assert_eq!(record.last_status, TaskStatus::Stopped);
}

#[test]
fn strangers_are_passed_over() {
    let mut record = Record::new(&[("web", true)]);
    let report = TaskReport {
        containers: vec![told("~internal~pause", ContainerStatus::Stopped, Some(1))],
        ..TaskReport::default()
    };
    let before = record.clone();
    record.hear(&report, at(1));
    assert_eq!((record.last_status, record.containers), (before.last_status, before.containers));
}

fn reports() -> impl Strategy<Value = TaskReport<'static>> {
    let instant = || {
        proptest::option::of(
            (0_i64..40_000).prop_map(|offset| Timestamp::from_millis(980_000 + offset)),
        )
    };
    let container =
        (0..2_usize, proptest::sample::select(ContainerStatus::ALL), proptest::option::of(0..2))
            .prop_map(|(index, status, exit_code)| told(["web", "log"][index], status, exit_code));
    let statuses = [TaskStatus::Pending, TaskStatus::Running, TaskStatus::Stopped];
    (
        proptest::option::of(proptest::sample::select(statuses.to_vec())),
        (instant(), instant(), instant()),
        proptest::collection::vec(container, 0..3),
    )
        .prop_map(
            |(status, (pull_started_at, pull_stopped_at, execution_stopped_at), containers)| {
                TaskReport {
                    status,
                    reason: None,
                    pull_started_at,
                    pull_stopped_at,
                    execution_stopped_at,
                    containers,
                }
            },
        )
}

proptest! {
    /// Whatever an agent says, with whatever clock: forward only, in order, first cause stands (`Record::check`),
    /// and saying it again changes nothing.
    #[test]
    fn no_report_breaks_a_record(
        reports in proptest::collection::vec((reports(), 0_u64..30), 1..8),
        stop_at in 0..8_usize,
    ) {
        let mut record = Record::new(&[("web", true), ("log", false)]);
        for (index, (report, second)) in reports.iter().enumerate() {
            if index == stop_at {
                let cause = StopCause { code: StopCode::UserInitiated, reason: "enough".to_owned() };
                record.apply(request_stop(&record.known(), cause, at(*second)));
            }
            record.hear(report, at(*second));
            let heard = record.clone();
            record.hear(report, at(*second + 1));
            prop_assert_eq!(&record, &heard);
        }
    }
}
