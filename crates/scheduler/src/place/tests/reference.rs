//! A second scheduler, as plain as can be, and random worlds in which both must agree.
//!
//! It keeps nothing from one task to the next and shares no rule with the real one but the query
//! language and the lots.

use std::collections::{BTreeMap, BTreeSet};

use berth_model::{ContainerInstanceId, ContainerInstanceStatus, CpuUnits, MemoryMib};
use proptest::prelude::*;

use super::fixture::{fleet, instance, member_of, request};
use crate::fleet::Fleet;
use crate::instance::Instance;
use crate::place::place;
use crate::ports::PortSet;
use crate::rank::draw;
use crate::request::{Constraint, Gpus, Request};
use crate::strategy::{BinpackField, SpreadField, Strategy as Placing};

fn reference(fleet: &Fleet, request: &Request) -> Vec<ContainerInstanceId> {
    let mut world: Vec<Instance> = fleet.iter().cloned().collect();
    let mut placed = Vec::new();
    for round in 0..request.count {
        let mut best: Option<(Vec<u64>, usize)> = None;
        for index in 0..world.len() {
            if fits(&world[index], request) {
                let key = request
                    .strategies
                    .iter()
                    .map(|strategy| score(&world, index, strategy, request, round))
                    .collect();
                if best.as_ref().is_none_or(|(least, _)| key < *least) {
                    best = Some((key, index));
                }
            }
        }
        let Some((_, index)) = best else { break };
        let chosen = &mut world[index];
        placed.push(chosen.id);
        chosen.remaining.cpu.0 -= request.demand.cpu.0;
        chosen.remaining.memory.0 -= request.demand.memory.0;
        let gpus = gpus(chosen, request);
        chosen.remaining.gpus -= gpus;
        chosen.remaining.taken_gpus += gpus;
        chosen.remaining.promised_tcp += request.demand.dynamic_tcp_ports;
        for port in request.demand.tcp_ports.iter() {
            assert!(chosen.remaining.taken_tcp.insert(port));
        }
        chosen.pending_tasks += 1;
        *chosen.tasks_by_group.entry(request.group.clone()).or_insert(0) += 1;
    }
    placed
}

fn fits(instance: &Instance, request: &Request) -> bool {
    let constraints = request.constraints.iter().all(|constraint| match constraint {
        Constraint::DistinctInstance => !instance.tasks_by_group.contains_key(&request.group),
        Constraint::MemberOf(expression) => expression.matches(instance),
    });
    let ports =
        request.demand.tcp_ports.iter().all(|port| !instance.remaining.taken_tcp.contains(port));
    let gone: BTreeSet<u16> =
        instance.remaining.taken_tcp.iter().chain(request.demand.tcp_ports.iter()).collect();
    let open =
        PortSet::DYNAMIC.len() - gone.iter().filter(|port| PortSet::DYNAMIC.contains(port)).count();
    constraints
        && ports
        && open as u32 >= instance.remaining.promised_tcp + request.demand.dynamic_tcp_ports
        && instance.status == ContainerInstanceStatus::Active
        && instance.agent_connected
        && instance.launch_type == request.launch_type
        && instance.remaining.cpu >= request.demand.cpu
        && instance.remaining.memory >= request.demand.memory
        && match request.demand.gpus {
            Gpus::Number(number) => instance.remaining.gpus >= number,
            Gpus::All => instance.remaining.gpus > 0 && instance.remaining.taken_gpus == 0,
        }
        && request
            .tasks_per_instance
            .is_none_or(|most| instance.running_tasks + instance.pending_tasks < most)
}

/// How many GPUs a task of the request gets there.
fn gpus(instance: &Instance, request: &Request) -> u32 {
    match request.demand.gpus {
        Gpus::Number(number) => number,
        Gpus::All => instance.remaining.gpus,
    }
}

fn score(
    world: &[Instance],
    index: usize,
    strategy: &Placing,
    request: &Request,
    round: u32,
) -> u64 {
    let instance = &world[index];
    match strategy {
        Placing::Random => draw(request.seed, round, instance.id),
        Placing::Spread(SpreadField::Instance) => instance.tasks_in(&request.group).into(),
        Placing::Spread(SpreadField::Attribute(name)) => {
            let alike = world
                .iter()
                .filter(|other| other.attributes.value(name) == instance.attributes.value(name));
            alike.map(|other| u64::from(other.tasks_in(&request.group))).sum()
        }
        Placing::Binpack(BinpackField::Cpu) => instance.remaining.cpu.0.into(),
        Placing::Binpack(BinpackField::Memory) => instance.remaining.memory.0.into(),
    }
}

fn instances() -> impl Strategy<Value = Vec<Instance>> {
    let one = (
        (proptest::sample::select(vec!["a", "b", "c"]), 0..2048_u32, 0..2048_u32, 0..3_u32),
        (proptest::bool::weighted(0.9), proptest::bool::weighted(0.9)),
        (
            0..3_u32,
            0..3_u32,
            proptest::collection::vec(prop_oneof![80..84_u16, 49150..49160_u16], 0..3),
        ),
        proptest::option::of(1..3_u8),
    );
    proptest::collection::vec(one, 0..12).prop_map(|drawn| {
        let numbered = drawn.into_iter().zip(0..);
        numbered
            .map(
                |(
                    ((zone, cpu, memory, gpus), (active, connected), (web, other, ports), rack),
                    number,
                )| {
                    let mut instance = instance(number, zone, cpu, memory);
                    if !active {
                        instance.status = ContainerInstanceStatus::Draining;
                    }
                    instance.agent_connected = connected;
                    instance.remaining.gpus = gpus;
                    instance.remaining.taken_gpus = u32::from(cpu % 2 == 0);
                    instance.remaining.taken_tcp = ports.into_iter().collect();
                    instance.running_tasks = web + other;
                    for (group, tasks) in [("service:web", web), ("database", other)] {
                        if tasks > 0 {
                            instance.tasks_by_group.insert(group.into(), tasks);
                        }
                    }
                    if let Some(rack) = rack {
                        instance.attributes.set("rack", Some(u8::to_string(&rack)));
                    }
                    instance
                },
            )
            .collect()
    })
}

fn requests() -> impl Strategy<Value = Request> {
    let strategies = vec![
        Placing::Random,
        Placing::Spread(SpreadField::Instance),
        Placing::Spread(SpreadField::Attribute("ecs.availability-zone".to_owned())),
        Placing::Spread(SpreadField::Attribute("rack".to_owned())),
        Placing::Binpack(BinpackField::Cpu),
        Placing::Binpack(BinpackField::Memory),
    ];
    let constraints = vec![
        Constraint::DistinctInstance,
        member_of("attribute:ecs.availability-zone in [a, b]"),
        member_of("not(task:group == database)"),
        member_of("runningTasksCount < 3"),
        member_of("attribute:rack exists or attribute:ecs.availability-zone == c"),
    ];
    let gpus = vec![Gpus::Number(0), Gpus::Number(0), Gpus::Number(1), Gpus::All];
    (
        (0..15_u32, 0..600_u32, 0..600_u32, proptest::sample::select(gpus)),
        (
            proptest::collection::vec(prop_oneof![80..90_u16, 49150..49160_u16], 0..2),
            proptest::sample::select(vec![0, 0, 1, 9000]),
        ),
        proptest::collection::vec(proptest::sample::select(strategies), 0..4),
        proptest::collection::vec(proptest::sample::select(constraints), 0..2),
        (any::<u64>(), proptest::option::of(1..6_u32)),
    )
        .prop_map(
            |((count, cpu, memory, gpus), (ports, open), strategies, constraints, (seed, most))| {
                let mut request = request(count, cpu, memory);
                request.demand.gpus = gpus;
                request.demand.tcp_ports = ports.into_iter().collect();
                request.demand.dynamic_tcp_ports = open;
                Request { strategies, constraints, seed, tasks_per_instance: most, ..request }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_schedulers_agree(instances in instances(), request in requests()) {
        let fleet = fleet(instances);
        let plan = place(&fleet, &request);
        let placed: Vec<_> = plan.placements.iter().map(|placement| placement.instance).collect();
        prop_assert_eq!(&placed, &reference(&fleet, &request));
        prop_assert_eq!(placed.len() as u32 + plan.unplaced, request.count);
        prop_assert_eq!(plan.unplaced > 0, !plan.refusals.is_empty());
        prop_assert_eq!(plan.explanation.choices.len(), placed.len());
    }

    #[test]
    fn no_instance_is_ever_over_committed(instances in instances(), request in requests()) {
        let fleet = fleet(instances);
        let plan = place(&fleet, &request);
        let mut tasks: BTreeMap<ContainerInstanceId, u32> = BTreeMap::new();
        for placement in &plan.placements {
            *tasks.entry(placement.instance).or_insert(0) += 1;
        }
        for (id, tasks) in tasks {
            let left = &fleet.get(id).unwrap().remaining;
            prop_assert!(left.cpu >= CpuUnits(tasks * request.demand.cpu.0));
            prop_assert!(left.memory >= MemoryMib(tasks * request.demand.memory.0));
            match request.demand.gpus {
                Gpus::Number(number) => prop_assert!(left.gpus >= tasks * number),
                Gpus::All => prop_assert!(left.gpus > 0 && left.taken_gpus == 0 && tasks == 1),
            }
            prop_assert!(request.demand.tcp_ports.is_empty() || tasks == 1);
            prop_assert!(!request.constraints.contains(&Constraint::DistinctInstance) || tasks == 1);
        }
    }
}
