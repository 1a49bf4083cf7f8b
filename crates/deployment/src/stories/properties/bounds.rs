//! How few tasks a service may be left with, and how many it may have.

use std::collections::BTreeMap;

use berth_model::{ContainerInstanceId, SchedulingStrategy, TaskStatus};

use super::super::world::World;
use super::{come_to_rest, is_external, is_replica};
use crate::census::{Census, Live, Standing};
use crate::{Bounds, Host, HostState, Plan, Stop, StopReason, Strategy as Rollout};

pub(super) struct Numbers {
    healthy: u32,
    in_room: u32,
    /// Healthy tasks of a daemon on hosts that they may stay on.
    at_home: u32,
}

impl Numbers {
    pub fn of(world: &World) -> Self {
        let census = Census::take(&world.service, world.now);
        let hosts: BTreeMap<_, _> =
            world.service.hosts.iter().map(|host| (Some(host.instance), host)).collect();
        let is_at_home = |live: &&Live<'_>| {
            hosts.get(&live.task.instance).is_some_and(|host| match host.state {
                HostState::InService | HostState::Away => host.eligible,
                HostState::Draining { occupied } => occupied,
            })
        };
        let healthy = census.live.iter().filter(|live| live.standing == Standing::Healthy);
        Numbers {
            healthy: census.healthy(),
            in_room: census.room_taken(),
            at_home: healthy.filter(is_at_home).count() as u32,
        }
    }
}

/// Never below the floor, unless it was so before; never above the ceiling, unless it was so before.
pub(super) fn within_bounds(world: &World, before: &Numbers, after: &Numbers, plan: &Plan) {
    if world.strategy != Rollout::Rolling || is_external(world) {
        return;
    }
    if is_replica(world) {
        let floor = world.service.bounds.floor(world.service.desired_count);
        let ceiling = world.service.bounds.ceiling(world.service.desired_count);
        assert!(
            after.healthy >= before.healthy.min(floor),
            "{} of {} healthy tasks are left, with a floor of {floor}: {}",
            after.healthy,
            before.healthy,
            plan.explanation
        );
        assert!(
            after.in_room <= before.in_room.max(ceiling),
            "{} tasks after {}, with a ceiling of {ceiling}: {}",
            after.in_room,
            before.in_room,
            plan.explanation
        );
    } else {
        // A host that takes no task of the daemon any more is left, floor or not.
        let wanted = |host: &&Host| host.eligible && host.state == HostState::InService;
        let hosts = world.service.hosts.iter().filter(wanted).count() as u32;
        let floor = world.service.bounds.floor(hosts);
        assert!(
            after.at_home >= before.at_home.min(floor),
            "{} of {} hosts are left with a task of the daemon, with a floor of {floor}: {}",
            after.at_home,
            before.at_home,
            plan.explanation
        );
    }
}

pub(super) fn one_daemon_on_a_host(world: &World) {
    if is_replica(world) {
        return;
    }
    let mut there: BTreeMap<ContainerInstanceId, u32> = BTreeMap::new();
    for task in world.service.tasks.iter().filter(|task| task.last_status < TaskStatus::Stopped) {
        let count = there.entry(task.instance.unwrap()).or_default();
        *count += 1;
        assert_eq!(*count, 1, "two tasks of a daemon on one host");
    }
}

/// Carries out a plan that ends the daemon on so many of four hosts, of which two are to be served; `prepare` sees them
/// before.
fn end_daemon_on(count: usize, prepare: impl Fn(&mut World)) {
    let mut world = World::new();
    (1..5).for_each(|number| world.join(number, "zone-a", (1024, 4096)));
    world.service.scheduling = SchedulingStrategy::Daemon;
    world.service.bounds = Bounds { minimum_healthy_percent: 50, maximum_percent: 100 };
    world.deploy();
    come_to_rest(&mut world);
    prepare(&mut world);
    let mut plan = world.plan();
    let why = StopReason::Scaling(world.service.deployments[0].id);
    plan.stop =
        world.service.tasks[..count].iter().map(|task| Stop { task: task.id, why }).collect();
    let before = Numbers::of(&world);
    let outcome = world.carry_out(plan);
    within_bounds(&world, &before, &Numbers::of(&world), &outcome.plan);
}

#[test]
fn a_daemon_may_be_ended_down_to_its_floor() {
    end_daemon_on(2, |_| {});
    // Neither of these hosts counts any more.
    end_daemon_on(2, |world| {
        world.instances[0].fits = false;
        world.instances[1].state = HostState::Draining { occupied: false };
    });
}

#[test]
#[should_panic(expected = "1 of 4 hosts are left with a task of the daemon, with a floor of 2")]
fn a_daemon_ended_below_its_floor_is_seen() {
    end_daemon_on(3, |_| {});
}
