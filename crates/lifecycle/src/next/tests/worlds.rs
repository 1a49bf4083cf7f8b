//! Every interleaving of two or three containers with an agent that does what it is told, while
//! steps fail, containers exit, checks pass, the agent is killed and somebody stops the task, each at any moment.

use super::*;

/// What may happen next in a world, besides nothing.
#[derive(Debug, Clone)]
enum Event {
    Begin(Action),
    Succeed(usize),
    Fail(usize),
    /// After a time that is long enough for another run, or not.
    Exit(usize, i32, Lasted),
    Health(usize),
    AskToStop,
    /// The agent is killed and starts anew: it knows what exists, not what it was doing or has pulled.
    Kill,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lasted {
    Long,
    Short,
}

const PERIOD: Duration = Duration::from_secs(60);

fn index(view: &TaskView, name: &str) -> usize {
    view.containers.iter().position(|container| container.name == name).unwrap()
}

fn events(view: &TaskView) -> Vec<Event> {
    let mut events: Vec<Event> =
        next_actions(view, NOW).actions.into_iter().map(Event::Begin).collect();
    for (index, container) in view.containers.iter().enumerate() {
        if container.doing.is_some() {
            events.push(Event::Succeed(index));
            if matches!(container.doing, Some(Step::Pull | Step::Create | Step::Start)) {
                events.push(Event::Fail(index));
            }
        }
        if container.is_up() {
            events.extend([0, 1].map(|code| Event::Exit(index, code, Lasted::Long)));
            if container.restart_policy.is_some() {
                events.push(Event::Exit(index, 1, Lasted::Short));
            }
            if container.health == HealthStatus::Unknown {
                events.push(Event::Health(index));
            }
        }
    }
    if view.desired_status == DesiredStatus::Running {
        events.push(Event::AskToStop);
    }
    events.push(Event::Kill);
    events
}

fn apply(view: &TaskView, event: &Event) -> TaskView {
    let mut after = view.clone();
    match event {
        Event::Begin(Action::Conclude { container, reason }) => {
            let index = index(view, container);
            let container = &mut after.containers[index];
            container.status = ContainerStatus::Stopped;
            container.doing = None;
            container.reason = reason.clone();
            container.exit_code = container.run_end.take().map(|end| end.code);
        }
        Event::Begin(action) => {
            after.containers[index(view, action.container())].doing = Some(match action {
                Action::Pull { .. } => Step::Pull,
                Action::Create { .. } => Step::Create,
                Action::Start { .. } => Step::Start,
                Action::Stop { .. } => Step::Stop,
                Action::Remove { .. } => Step::Remove,
                Action::Conclude { .. } => unreachable!("handled above"),
            });
        }
        Event::Succeed(index) => {
            let container = &mut after.containers[*index];
            match container.doing.take().unwrap() {
                Step::Pull => container.status = ContainerStatus::Pulled,
                Step::Create => {
                    (container.status, container.exists) = (ContainerStatus::Created, true)
                }
                Step::Start => {
                    container.status = ContainerStatus::Running;
                    container.run_end = None;
                }
                Step::Stop => {
                    (container.status, container.exit_code) = (ContainerStatus::Stopped, Some(137))
                }
                Step::Remove => container.exists = false,
            }
        }
        Event::Fail(index) => {
            let container = &mut after.containers[*index];
            container.doing = None;
            container.status = ContainerStatus::Stopped;
            container.reason = Some("CannotStartContainerError".to_owned());
            container.exit_code = container.run_end.take().map(|end| end.code);
        }
        Event::Exit(index, code, lasted) if view.containers[*index].restart_policy.is_some() => {
            let container = &mut after.containers[*index];
            container.doing = None;
            container.health = HealthStatus::Unknown;
            let at = match lasted {
                Lasted::Long => NOW + PERIOD,
                Lasted::Short => NOW,
            };
            container.started_at = Some(NOW);
            container.run_end = Some(RunEnd { code: *code, reason: None, at });
        }
        Event::Exit(index, code, _) => {
            let container = &mut after.containers[*index];
            container.doing = None;
            (container.status, container.exit_code) = (ContainerStatus::Stopped, Some(*code));
        }
        Event::Health(index) => after.containers[*index].health = HealthStatus::Healthy,
        Event::AskToStop => after.desired_status = DesiredStatus::Stopped,
        Event::Kill => {
            for container in &mut after.containers {
                container.doing = None;
                if container.status == ContainerStatus::Pulled {
                    container.status = ContainerStatus::Pending;
                }
            }
        }
    }
    after
}

/// Beginning an act must be right at that moment.
fn check_begin(view: &TaskView, action: &Action) {
    let container = &view.containers[index(view, action.container())];
    let other = |name: &str| view.container(name).unwrap();
    match action {
        Action::Pull { .. } => assert_eq!(container.status, ContainerStatus::Pending),
        Action::Create { .. } => {
            assert_eq!(container.status, ContainerStatus::Pulled);
            assert!(container.needs.iter().all(|need| other(&need.container).exists));
        }
        Action::Start { .. } => {
            assert!(!is_stopping(view), "nothing starts in a task that stops");
            if let Some(end) = &container.run_end {
                assert!(end.code != 0 && end.at > NOW, "{} has no more runs", container.name);
                return;
            }
            assert_eq!(container.status, ContainerStatus::Created);
            for need in &container.needs {
                let target = other(&need.container);
                let met = match need.condition {
                    Condition::Create => target.exists,
                    Condition::Start => target.is_running() || target.exit_code.is_some(),
                    Condition::Complete => target.is_stopped() && target.exit_code.is_some(),
                    Condition::Success => target.is_stopped() && target.exit_code == Some(0),
                    Condition::Healthy => {
                        target.is_running() && target.health == HealthStatus::Healthy
                    }
                };
                assert!(met, "{} started although {} was not met", container.name, need.condition);
            }
        }
        Action::Stop { .. } => {
            assert!(is_stopping(view) && container.is_up());
            let leaning = view.containers.iter().filter(|other| {
                other.is_up() && other.needs.iter().any(|need| need.container == container.name)
            });
            assert_eq!(
                leaning.count(),
                0,
                "{} was stopped under those that need it",
                container.name
            );
        }
        Action::Conclude { .. } => assert!(!container.is_up() && !container.is_stopped()),
        Action::Remove { .. } => {
            assert!(
                view.may_remove && view.containers.iter().all(|container| container.is_stopped())
            );
        }
    }
    if !matches!(action, Action::Conclude { .. }) {
        assert_eq!(container.doing, None, "{action:?} while something else is done");
    }
}

/// Walks every state that can be reached and returns how many there are.
fn walk(start: TaskView) -> usize {
    let mut seen = HashSet::new();
    let mut open = vec![start];
    while let Some(view) = open.pop() {
        if !seen.insert(format!("{view:?}")) {
            continue;
        }
        let events = events(&view);
        let idle = !events.iter().any(|event| matches!(event, Event::Begin(_) | Event::Succeed(_)));
        if idle && is_stopping(&view) {
            assert_eq!(
                derive_status(&view),
                TaskStatus::Stopped,
                "stuck on the way down: {view:#?}"
            );
            assert!(
                !view.may_remove || view.containers.iter().all(|container| !container.exists),
                "left behind"
            );
        }
        if idle && !is_stopping(&view) {
            let waits_for_someone = view.containers.iter().any(|container| container.is_up());
            let over = derive_status(&view) == TaskStatus::Stopped;
            assert!(waits_for_someone || over, "stuck on the way up: {view:#?}");
        }
        for event in &events {
            if let Event::Begin(action) = event {
                check_begin(&view, action);
            }
            let after = apply(&view, event);
            for (before, after) in view.containers.iter().zip(&after.containers) {
                let forgotten =
                    matches!(event, Event::Kill) && before.status == ContainerStatus::Pulled;
                assert!(
                    after.status >= before.status || forgotten,
                    "{event:?} took {} back",
                    before.name
                );
            }
            assert!(
                derive_status(&after) >= derive_status(&view),
                "{event:?} took the task back: {view:#?}"
            );
            open.push(after);
        }
    }
    seen.len()
}

#[test]
fn two_containers_with_every_condition_never_get_stuck() {
    for condition in [
        Condition::Create,
        Condition::Start,
        Condition::Complete,
        Condition::Success,
        Condition::Healthy,
    ] {
        for first_essential in [true, false] {
            for may_remove in [true, false] {
                let mut view = task(vec![
                    ContainerView::new("first", first_essential),
                    needing(ContainerView::new("second", true), "first", condition),
                ]);
                view.may_remove = may_remove;
                assert!(walk(view) > 100);
            }
        }
    }
}

#[test]
fn three_containers_in_a_chain_never_get_stuck() {
    let view = task(vec![
        ContainerView::new("init", false),
        needing(ContainerView::new("db", true), "init", Condition::Success),
        needing(ContainerView::new("web", true), "db", Condition::Start),
    ]);
    assert!(walk(view) > 1000);
}

#[test]
fn three_containers_around_one_never_get_stuck() {
    let view = task(vec![
        ContainerView::new("log", true),
        needing(ContainerView::new("web", true), "log", Condition::Start),
        needing(ContainerView::new("side", false), "log", Condition::Healthy),
    ]);
    assert!(walk(view) > 1000);
}

/// With code 0 ignored: an end is followed by another run, or is the last, for its code or for having come too soon.
#[test]
fn containers_that_run_again_never_get_stuck() {
    let policy = RestartPolicy { ignored_exit_codes: vec![0], attempt_period: PERIOD };
    let again = |name, essential| ContainerView {
        restart_policy: Some(policy.clone()),
        ..ContainerView::new(name, essential)
    };
    for condition in [Condition::Start, Condition::Complete, Condition::Success, Condition::Healthy]
    {
        for essential in [true, false] {
            let first = again("first", essential);
            let second = needing(again("second", true), "first", condition);
            assert!(walk(task(vec![first, second])) > 100);
        }
    }
}
