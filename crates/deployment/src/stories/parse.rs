//! The language of stories: what a world is, and what happens in it.

use std::time::Duration;

use berth_model::{
    DeploymentController, DesiredStatus, HealthStatus, SchedulingStrategy, ServiceStatus, StopCode,
    TaskSetId, TaskStatus,
};

use super::world::{World, end, fail, letter, run};
use crate::{
    AlarmState, Bounds, EarlySuccess, Hook, HookAction, HookTarget, HostState, LifecycleStage,
    Role, Strategy, Task, Threshold, answer_hook,
};

/// `3 hosts 2cpu 4gib in 3 zones; web desired=4 min=50 max=200`
pub(super) fn world(line: &str) -> World {
    let mut world = World::new();
    for part in line.split(';').map(str::trim) {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words[..] {
            [count, "host" | "hosts", ref rest @ ..] => hosts(&mut world, count, rest),
            ["web", ref options @ ..] => {
                if options.contains(&"daemon") {
                    world.service.bounds = Bounds::DAEMON;
                    world.service.scheduling = SchedulingStrategy::Daemon;
                }
                options.iter().for_each(|option| service_option(&mut world, option));
            }
            _ => panic!("`{part}` is no part of a world"),
        }
    }
    world
}

fn hosts(world: &mut World, count: &str, rest: &[&str]) {
    let mut room = (2048, 8192);
    let mut zones = 1;
    for (index, word) in rest.iter().enumerate() {
        if let Some(cpu) = word.strip_suffix("cpu") {
            room.0 = cpu.parse::<u32>().unwrap() * 1024;
        } else if let Some(memory) = word.strip_suffix("gib") {
            room.1 = memory.parse::<u32>().unwrap() * 1024;
        } else if word.starts_with("zone") {
            zones = rest[index - 1].parse().unwrap();
        }
    }
    for number in 0..count.parse::<u8>().unwrap() {
        world.join(number + 1, zone(number % zones), room);
    }
}

fn zone(number: u8) -> &'static str {
    ["zone-a", "zone-b", "zone-c"][usize::from(number)]
}

fn service_option(world: &mut World, option: &str) {
    let (key, value) = option.split_once('=').unwrap_or((option, ""));
    let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{option} needs a number"));
    let service = &mut world.service;
    match key {
        "desired" => service.desired_count = number(),
        "min" => service.bounds.minimum_healthy_percent = number(),
        "max" => service.bounds.maximum_percent = number(),
        "daemon" => {}
        "external" => service.controller = DeploymentController::External,
        "check" => world.has_check = true,
        "balanced" => world.is_balanced = true,
        "cpu" => world.needs.0 = number() * 1024,
        "breaker" => {
            service.circuit_breaker.enabled = true;
            service.circuit_breaker.rollback = value == "rollback";
        }
        "failures" => service.circuit_breaker.threshold = Threshold::Count(number()),
        "cumulative" => service.circuit_breaker.reset_on_healthy_task = false,
        "alarms" => {
            service.alarms.enabled = true;
            service.alarms.rollback = value == "rollback";
        }
        "bake" => service.bake_time = time(value),
        "warm-up" => service.warm_up = time(value),
        "grace" => service.health_grace = time(value),
        "early" => {
            let (healthy_percent, after_cleanup) = match value.strip_suffix("/cleanup") {
                Some(percent) => (percent.parse().unwrap(), true),
                None => (number(), false),
            };
            service.early_success = Some(EarlySuccess { healthy_percent, after_cleanup });
        }
        "rebalancing" => service.zone_rebalancing = true,
        "strategy" => world.strategy = strategy(value),
        "hook" => world.hooks.push(hook(value)),
        _ => panic!("`{option}` is no option of a service"),
    }
}

/// `rolling`, `blue-green`, `canary:10/5m`, `linear:25/5m`
fn strategy(text: &str) -> Strategy {
    let Some((kind, rest)) = text.split_once(':') else {
        assert!(["rolling", "blue-green"].contains(&text), "`{text}` is no strategy");
        return if text == "rolling" { Strategy::Rolling } else { Strategy::BlueGreen };
    };
    let (percent, bake) = rest.split_once('/').unwrap();
    let (percent, bake) = (percent.parse().unwrap(), time(bake));
    match kind {
        "canary" => Strategy::Canary { percent, bake },
        "linear" => Strategy::Linear { step_percent: percent, step_bake: bake },
        _ => panic!("`{text}` is no strategy"),
    }
}

/// `pause:POST_SCALE_UP`, `function:PRE_SCALE_UP`
fn hook(text: &str) -> Hook {
    let (target, stage) = text.split_once(':').unwrap();
    let mut stages = vec![LifecycleStage::ReconcileService];
    while stages[0].as_str() != stage {
        stages[0] = stages[0].next().expect("a stage of this name");
    }
    let target = if target == "pause" { HookTarget::Pause } else { HookTarget::Function };
    Hook { stages, target, timeout: Duration::from_hours(24), on_timeout: HookAction::Rollback }
}

fn time(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("`{text}` is no time"));
    match unit {
        "s" => Duration::from_secs(number),
        "m" => Duration::from_mins(number),
        "h" => Duration::from_hours(number),
        _ => panic!("`{text}` is no time"),
    }
}

/// Lets it happen. Plans come afterwards.
pub(super) fn happen(world: &mut World, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let now = world.now;
    match words[..] {
        ["deploy"] => drop(world.deploy()),
        // From here on.
        ["deploy", kind] => {
            world.strategy = strategy(kind);
            world.deploy();
        }
        // From here on no task of it can be launched, or again some can.
        ["unlaunchable", which] => {
            world.unlaunchable.insert(named(which));
        }
        ["launchable", which] => {
            world.unlaunchable.remove(&named(which));
        }
        ["desired", count] => world.service.desired_count = count.parse().unwrap(),
        ["wait", wait] => world.now = now + time(wait),
        ["run", ref which @ ..] => {
            let starting = |task: &Task| {
                task.last_status < TaskStatus::Running
                    && task.desired_status == DesiredStatus::Running
            };
            each(world, which, starting, |task| run(task, now));
        }
        ["gone", ref which @ ..] => {
            let stopping = |task: &Task| task.desired_status == DesiredStatus::Stopped;
            each(world, which, stopping, |task| end(task, now));
        }
        ["fail", ref which @ ..] => each(world, which, |_| true, |task| fail(task, now)),
        ["kill", ref which @ ..] => each(
            world,
            which,
            |_| true,
            |task| {
                end(task, now);
                task.stop_code = Some(StopCode::UserInitiated);
            },
        ),
        ["healthy", ref which @ ..] => {
            each(world, which, is_running, |task| task.health = Some(HealthStatus::Healthy));
        }
        ["unhealthy", ref which @ ..] => {
            each(world, which, is_running, |task| task.health = Some(HealthStatus::Unhealthy));
        }
        ["strays", ref which @ ..] => {
            each(world, which, Task::is_live, |task| task.is_another_version = true);
        }
        ["protect", task, how_long] => {
            world.task(task).protected_until = Some(now + time(how_long))
        }
        ["unprotect", task] => world.task(task).protected_until = None,
        ["drain", host] => world.instance(host).state = HostState::Draining { occupied: false },
        ["drain", host, "occupied"] => {
            world.instance(host).state = HostState::Draining { occupied: true };
        }
        ["activate", host] => world.instance(host).state = HostState::InService,
        ["disconnect", host] => world.instance(host).state = HostState::Away,
        ["join", host, zone] => {
            let number = host.strip_prefix('h').unwrap().parse().unwrap();
            world.join(number, zone, (2048, 8192));
        }
        ["unfit", host] => world.instance(host).fits = false,
        ["fit", host] => world.instance(host).fits = true,
        ["alarm", state] => {
            world.service.alarms.state =
                if state == "firing" { AlarmState::Firing } else { AlarmState::Quiet };
        }
        ["stop-deployment", ref rollback @ ..] => {
            let primary = world
                .service
                .deployments
                .iter_mut()
                .find(|deployment| deployment.progress.role == Role::Primary);
            assert!(primary.unwrap().progress.request_stop(!rollback.is_empty()));
        }
        ["answer", deployment, hook, answer] => {
            let answer =
                if answer == "continue" { HookAction::Continue } else { HookAction::Rollback };
            let progress = &mut world.deployment(named(deployment)).progress;
            assert!(answer_hook(progress, hook.parse().unwrap(), answer), "nobody waits");
        }
        ["set", scale] => world.add_set(scale.parse().unwrap()),
        ["scale", set, scale] => world.deployment(named(set)).scale = scale.parse().unwrap(),
        ["primary", set] => {
            for deployment in &mut world.service.deployments {
                let is_it = deployment.id == named(set);
                deployment.progress.role = if is_it { Role::Primary } else { Role::Active };
            }
        }
        ["drop", set] => world.deployment(named(set)).progress.role = Role::Draining,
        // The listener rule is not what it should be, or is so again.
        ["rule", "broken"] => world.obstacle = Some("One or more rules not found".to_owned()),
        ["rule", "mended"] => world.obstacle = None,
        ["delete"] => world.service.status = ServiceStatus::Draining,
        _ => panic!("`{line}` is nothing that can happen"),
    }
}

fn named(deployment: &str) -> TaskSetId {
    TaskSetId::from_number(u64::from(deployment.as_bytes()[0] - b'a') + 1)
}

fn is_running(task: &Task) -> bool {
    task.last_status == TaskStatus::Running
}

/// Tasks by name, those of a deployment by its letter, or all that `otherwise` says.
fn each(
    world: &mut World,
    which: &[&str],
    otherwise: fn(&Task) -> bool,
    mut change: impl FnMut(&mut Task),
) {
    let mut found = 0;
    for task in &mut world.service.tasks {
        let name = world.names[&task.id].as_str();
        let of = letter(task.deployment).to_string();
        let meant = if which.is_empty() {
            otherwise(task)
        } else {
            which.contains(&name) || (which.contains(&of.as_str()) && otherwise(task))
        };
        if meant {
            change(task);
            found += 1;
        }
    }
    assert!(found > 0, "no task is meant by {which:?}");
}
