//! What holds in every world, whatever happens there. `PROPTEST_CASES` says in how many.

mod bounds;
mod requests;

use std::collections::BTreeMap;
use std::time::Duration;

use berth_model::{
    DeploymentController, DesiredStatus, HealthStatus, RolloutState, SchedulingStrategy, StopCode,
    TaskSetId, TaskStatus,
};
use proptest::prelude::*;

use super::world::{World, end, fail, run};
use crate::census::{Census, Standing};
use crate::{
    AlarmState, Bounds, HostState, Plan, Role, StopReason, Strategy as Rollout, Threshold,
};
use bounds::{Numbers, one_daemon_on_a_host, within_bounds};

/// A world: its hosts, its service.
#[derive(Debug, Clone)]
struct Setting {
    hosts: u8,
    daemon: bool,
    desired: u32,
    bounds: (u32, u32),
    check: bool,
    breaker: bool,
    alarms: bool,
    rebalancing: bool,
    warm_up: bool,
    strategy: u8,
}

/// Something that happens. Numbers choose among whatever there is.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Deploy,
    Desired(u32),
    Run(usize),
    Stop(usize),
    Fail(usize),
    Kill(usize),
    Health(usize, bool),
    Protect(usize),
    Stray(usize),
    Drain(usize),
    Activate(usize),
    Disconnect(usize),
    Unfit(usize),
    Wait(u64),
    Alarm(bool),
    RequestStop(bool),
    GoOn,
}

fn settings() -> impl Strategy<Value = Setting> {
    let bounds = prop_oneof![
        Just((100, 200)),
        Just((50, 200)),
        Just((50, 100)),
        Just((0, 100)),
        Just((100, 150)),
        Just((33, 133)),
        Just((75, 125)),
        Just((100, 100)),
    ];
    let flags =
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (1_u8..7, 0_u32..9, bounds, flags, 0_u8..12).prop_map(
        |(hosts, desired, bounds, flags, strategy)| {
            let (daemon, check, breaker, alarms, rebalancing, warm_up) = flags;
            let daemon = daemon && strategy == 0;
            Setting {
                hosts,
                daemon,
                desired,
                bounds,
                check,
                breaker,
                alarms,
                rebalancing,
                warm_up,
                strategy,
            }
        },
    )
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let which = || 0_usize..64;
    let happening = prop_oneof![
        2 => Just(Happening::Deploy),
        2 => (0_u32..12).prop_map(Happening::Desired),
        8 => which().prop_map(Happening::Run),
        6 => which().prop_map(Happening::Stop),
        4 => which().prop_map(Happening::Fail),
        1 => which().prop_map(Happening::Kill),
        4 => (which(), any::<bool>()).prop_map(|(task, well)| Happening::Health(task, well)),
        2 => which().prop_map(Happening::Protect),
        1 => which().prop_map(Happening::Stray),
        1 => which().prop_map(Happening::Drain),
        2 => which().prop_map(Happening::Activate),
        1 => which().prop_map(Happening::Disconnect),
        1 => which().prop_map(Happening::Unfit),
        4 => (1_u64..120).prop_map(Happening::Wait),
        1 => any::<bool>().prop_map(Happening::Alarm),
        1 => any::<bool>().prop_map(Happening::RequestStop),
        6 => Just(Happening::GoOn),
    ];
    prop::collection::vec(happening, 1..60)
}

fn world(setting: &Setting) -> World {
    let mut world = World::new();
    for number in 0..setting.hosts {
        let zone = ["zone-a", "zone-b", "zone-c"][usize::from(number % 3)];
        world.join(number + 1, zone, (1024, 4096));
    }
    let service = &mut world.service;
    service.desired_count = setting.desired;
    let (minimum_healthy_percent, maximum_percent) = setting.bounds;
    service.bounds = Bounds { minimum_healthy_percent, maximum_percent };
    if setting.daemon {
        service.scheduling = SchedulingStrategy::Daemon;
        service.bounds.maximum_percent = 100;
    }
    service.circuit_breaker.enabled = setting.breaker;
    service.circuit_breaker.rollback = setting.breaker;
    service.circuit_breaker.threshold = Threshold::Count(4);
    service.alarms.enabled = setting.alarms;
    service.alarms.rollback = true;
    service.zone_rebalancing = setting.rebalancing;
    service.warm_up = Duration::from_secs(if setting.warm_up { 40 } else { 0 });
    world.has_check = setting.check;
    // Beyond those that are alone, the same behind a load balancer.
    world.is_balanced = setting.strategy > 7;
    world.strategy = match setting.strategy % 7 {
        1 => Rollout::BlueGreen,
        2 => Rollout::Linear { step_percent: 50.0, step_bake: Duration::from_secs(30) },
        3 => Rollout::Canary { percent: 10.0, bake: Duration::from_secs(30) },
        _ => Rollout::Rolling,
    };
    if setting.strategy == 4 {
        world.service.controller = DeploymentController::External;
        world.add_set(100.0);
    } else {
        world.deploy();
    }
    world
}

fn happen(world: &mut World, happening: Happening) {
    let now = world.now;
    let tasks = world.service.tasks.len();
    let instances = world.instances.len();
    match happening {
        Happening::Deploy if is_external(world) => {
            if world.service.deployments.len() < 4 {
                world.add_set(f64::from(world.service.desired_count % 4) * 30.0);
            }
        }
        Happening::RequestStop(_) if is_external(world) => {
            let mut sets = world.service.deployments.iter_mut();
            if let Some(set) = sets.rfind(|it| it.progress.role == Role::Active) {
                set.progress.role = Role::Draining;
            }
        }
        Happening::Deploy if world.service.deployments.len() < 8 => drop(world.deploy()),
        Happening::Deploy => {}
        Happening::Desired(count) => world.service.desired_count = count,
        Happening::Wait(seconds) => world.now = now + Duration::from_secs(seconds),
        Happening::Alarm(firing) => {
            world.service.alarms.state =
                if firing { AlarmState::Firing } else { AlarmState::Quiet };
        }
        Happening::RequestStop(rollback) => {
            let primary =
                world.service.deployments.iter_mut().find(|it| it.progress.role == Role::Primary);
            primary.unwrap().progress.request_stop(rollback);
        }
        Happening::GoOn => drop(world.go_on()),
        Happening::Drain(which) => {
            let occupied = which >= 32;
            world.instances[which % instances].state = HostState::Draining { occupied };
        }
        Happening::Activate(which) => {
            let instance = &mut world.instances[which % instances];
            instance.state = HostState::InService;
            instance.fits = true;
        }
        Happening::Disconnect(which) => world.instances[which % instances].state = HostState::Away,
        Happening::Unfit(which) => world.instances[which % instances].fits = false,
        _ if tasks == 0 => {}
        Happening::Run(which) => {
            let task = &mut world.service.tasks[which % tasks];
            if task.last_status < TaskStatus::Running
                && task.desired_status == DesiredStatus::Running
            {
                run(task, now);
            }
        }
        Happening::Stop(which) => {
            let task = &mut world.service.tasks[which % tasks];
            if task.desired_status == DesiredStatus::Stopped {
                end(task, now);
            }
        }
        Happening::Fail(which) => fail(&mut world.service.tasks[which % tasks], now),
        Happening::Kill(which) => {
            let task = &mut world.service.tasks[which % tasks];
            task.desired_status = DesiredStatus::Stopped;
            task.stop_code = Some(StopCode::UserInitiated);
        }
        Happening::Health(which, well) => {
            let task = &mut world.service.tasks[which % tasks];
            if task.health.is_some() && task.last_status == TaskStatus::Running {
                task.health =
                    Some(if well { HealthStatus::Healthy } else { HealthStatus::Unhealthy });
            }
        }
        Happening::Stray(which) => world.service.tasks[which % tasks].is_another_version = true,
        Happening::Protect(which) => {
            world.service.tasks[which % tasks].protected_until = Some(now + Duration::from_mins(5));
        }
    }
}

/// Carries out plans until there are none, and holds each against what must be so.
fn follow(world: &mut World) {
    for _ in 0..12 {
        let plan = world.plan();
        if plan.is_empty() {
            return;
        }
        let before = Numbers::of(world);
        let serving = requests::serving(world);
        is_sane(world, &plan);
        let short = world.service.deployments.iter().any(|deployment| deployment.unplaced > 0);
        let known = world.service.clone();
        let outcome = world.carry_out(plan);
        let after = Numbers::of(world);
        within_bounds(world, &before, &after, &outcome.plan);
        requests::have_somewhere_to_go(world, &serving, &outcome.plan);
        one_daemon_on_a_host(world);
        if outcome.unplaced == 0 && !short {
            let next = world.plan();
            assert!(next.is_empty(), "a plan after a plan: {}", brief(&next, &outcome.plan));
            return;
        }
        if known == world.service {
            // Only room is wanting.
            return;
        }
    }
    panic!("plans without end");
}

fn is_external(world: &World) -> bool {
    world.service.controller == DeploymentController::External
}

fn is_replica(world: &World) -> bool {
    world.service.scheduling == SchedulingStrategy::Replica
}

fn brief(next: &Plan, first: &Plan) -> String {
    let changes = |plan: &Plan| {
        let Plan { start, stop, deployments, memory, events, explanation, .. } = plan;
        format!("{start:?} {stop:?} {deployments:?} {memory:?} {events:?} {explanation}")
    };
    format!("{}\nafter {}", changes(next), changes(first))
}

/// Of every plan: nothing protected is stopped to scale, nothing that stays is started twice.
fn is_sane(world: &World, plan: &Plan) {
    let census = Census::take(&world.service, world.now);
    for stop in &plan.stop {
        let live =
            census.live.iter().find(|live| live.task.id == stop.task).expect("stops what lives");
        let may = live.standing == Standing::Unhealthy
            || live.task.last_status < TaskStatus::Running
            || !is_replica(world);
        assert!(may || !live.task.is_protected(world.now), "stops a protected task: {stop:?}");
        if stop.why == StopReason::Unhealthy {
            assert_eq!(live.standing, Standing::Unhealthy);
        }
    }
    let mut per_deployment: BTreeMap<TaskSetId, u32> = BTreeMap::new();
    for start in &plan.start {
        assert!(start.count > 0);
        *per_deployment.entry(start.deployment).or_default() += start.count;
    }
    if let Some(at) = plan.ask_again_at {
        assert!(at > world.now, "asks again in the past");
    }
}

/// Lets time pass and everything succeed, until the service has what it wants.
fn come_to_rest(world: &mut World) {
    for instance in &mut world.instances {
        instance.state = HostState::InService;
        instance.fits = true;
        instance.room = (1 << 20, 1 << 20);
    }
    for task in &mut world.service.tasks {
        task.protected_until = None;
        if task.health == Some(HealthStatus::Unhealthy) {
            task.health = Some(HealthStatus::Healthy);
        }
    }
    world.service.alarms.state = AlarmState::Quiet;
    follow(world);
    let stalled =
        world.service.deployments.iter().any(|it| {
            it.progress.role == Role::Primary && it.progress.rollout == RolloutState::Failed
        });
    if stalled && !is_external(world) {
        world.deploy();
    }
    follow(world);
    for _ in 0..400 {
        let moved = world.go_on();
        follow(world);
        if !moved && is_at_rest(world) {
            return;
        }
        world.now = world.now + Duration::from_secs(10);
        follow(world);
    }
    panic!("does not come to rest: {:#?}", world.service);
}

fn is_at_rest(world: &mut World) -> bool {
    let census = Census::take(&world.service, world.now);
    if census.live.iter().any(|live| live.task.is_another_version) {
        return false;
    }
    if is_external(world) {
        let sets = &world.service.deployments;
        return sets.iter().all(|set| set.progress.steady_since.is_some());
    }
    let desired = match world.service.scheduling {
        SchedulingStrategy::Replica => world.service.desired_count as usize,
        SchedulingStrategy::Daemon => world.instances.len(),
    };
    census.live.len() == desired
        && census.stopping.is_empty()
        && census.healthy() as usize == desired
        && world.service.deployments.len() == 1
        && world.service.deployments[0].progress.rollout == RolloutState::Completed
}

/// Whether floor and ceiling leave a way from one revision to the next.
fn has_a_way(world: &World) -> bool {
    if is_external(world) {
        return true;
    }
    let (bounds, desired) = (world.service.bounds, world.service.desired_count);
    match world.service.scheduling {
        SchedulingStrategy::Replica => {
            desired == 0 || bounds.floor(desired) < desired || bounds.ceiling(desired) > desired
        }
        SchedulingStrategy::Daemon => {
            bounds.floor(world.instances.len() as u32) < world.instances.len() as u32
        }
    }
}

proptest! {
    #[test]
    fn every_world_keeps_its_promises(setting in settings(), happenings in happenings()) {
        let mut world = world(&setting);
        follow(&mut world);
        for happening in happenings {
            happen(&mut world, happening);
            follow(&mut world);
        }
        if has_a_way(&world) {
            come_to_rest(&mut world);
        }
    }
}
