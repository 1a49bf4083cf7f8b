//! Random instances and requests: small numbers, so that things run out, tie and collide.

use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, LaunchType, MemoryMib, Timestamp,
};
use berth_scheduler::{
    BinpackField, Constraint, Demand, Expression, Gpus, Instance, PortSet, Remaining, Request,
    RequiredAttribute, SpreadField, Strategy as Placing,
};
use proptest::prelude::*;
use proptest::sample::select;

pub fn id(number: u8) -> ContainerInstanceId {
    let mut bytes = [0; 16];
    bytes[15] = number;
    ContainerInstanceId::from_bytes(bytes)
}

/// One of up to `most` instances.
pub fn instance(most: u8) -> impl Strategy<Value = Instance> {
    let identity = (
        0..most,
        select(vec![Some("a"), Some("b"), Some("c"), None]),
        proptest::option::of(1..4_u8),
        proptest::option::weighted(0.3, select(vec!["spot", "reserved"])),
        proptest::bool::weighted(0.85),
    );
    let status = (
        select(vec![
            ContainerInstanceStatus::Active,
            ContainerInstanceStatus::Active,
            ContainerInstanceStatus::Active,
            ContainerInstanceStatus::Active,
            ContainerInstanceStatus::Draining,
            ContainerInstanceStatus::Registering,
        ]),
        proptest::bool::weighted(0.9),
        select(vec![None, Some("1.20.0"), Some("1.90.1")]),
    );
    let left = (0..2048_u32, 0..2048_u32, 0..4_u32, 0..2_u32, 0..4_u32);
    let taken = (ports(), ports(), select(vec![0, 0, 1, 16_382]), select(vec![0, 0, 16_380]));
    let tasks = (0..3_u32, 0..3_u32, 0..2_u32);
    (identity, status, left, taken, tasks).prop_map(
        |(
            (number, zone, rack, provider, is_ec2),
            (status, agent_connected, agent_version),
            (cpu, memory, gpus, taken_gpus, network_interfaces),
            (taken_tcp, taken_udp, promised_tcp, promised_udp),
            (web, other, pending_tasks),
        )| {
            let named = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
            let zone = zone.map(|zone| named("ecs.availability-zone", zone));
            let rack = rack.map(|rack| named("rack", &rack.to_string()));
            let capability = (number % 3 > 0).then(|| ("capable".to_owned(), None));
            let groups = [("service:web", web), ("database", other)].into_iter();
            Instance {
                id: id(number),
                ec2_instance_id: None,
                launch_type: if is_ec2 { LaunchType::Ec2 } else { LaunchType::External },
                capacity_provider: provider.map(Arc::from),
                status,
                agent_connected,
                agent_version: agent_version.map(str::to_owned),
                registered_at: Timestamp::EPOCH,
                attributes: [zone, rack, capability].into_iter().flatten().collect(),
                remaining: Remaining {
                    cpu: CpuUnits(cpu),
                    memory: MemoryMib(memory),
                    gpus,
                    taken_gpus,
                    network_interfaces,
                    taken_tcp,
                    taken_udp,
                    promised_tcp,
                    promised_udp,
                },
                running_tasks: web + other,
                pending_tasks,
                tasks_by_group: groups
                    .filter(|(_, tasks)| *tasks > 0)
                    .map(|(group, tasks)| (Arc::from(group), tasks))
                    .collect(),
            }
        },
    )
}

fn ports() -> impl Strategy<Value = PortSet> {
    let port = prop_oneof![80..84_u16, 49_150..49_156_u16];
    proptest::collection::vec(port, 0..3).prop_map(|ports| ports.into_iter().collect())
}

pub fn demand() -> impl Strategy<Value = Demand> {
    let some = |rarely| select(vec![0, 0, 1, rarely]);
    let gpus = vec![Gpus::default(), Gpus::default(), Gpus::Number(1), Gpus::Number(2), Gpus::All];
    (
        (prop_oneof![0..2_u32, 0..600_u32], 0..600_u32, select(gpus), some(0)),
        (proptest::option::weighted(0.3, ports()), proptest::option::weighted(0.2, ports())),
        (some(5_000), some(2)),
    )
        .prop_map(
            |((cpu, memory, gpus, network_interfaces), (tcp, udp), (open_tcp, open_udp))| Demand {
                cpu: CpuUnits(cpu),
                memory: MemoryMib(memory),
                gpus,
                network_interfaces,
                tcp_ports: tcp.unwrap_or_default(),
                udp_ports: udp.unwrap_or_default(),
                dynamic_tcp_ports: open_tcp,
                dynamic_udp_ports: open_udp,
            },
        )
}

pub fn strategies() -> impl Strategy<Value = Vec<Placing>> {
    let spread = |name: &str| Placing::Spread(SpreadField::Attribute(name.to_owned()));
    let strategies = vec![
        Placing::Random,
        Placing::Spread(SpreadField::Instance),
        spread("ecs.availability-zone"),
        spread("rack"),
        spread("nowhere"),
        Placing::Binpack(BinpackField::Cpu),
        Placing::Binpack(BinpackField::Memory),
    ];
    proptest::collection::vec(select(strategies), 0..6)
}

fn constraints() -> impl Strategy<Value = Vec<Constraint>> {
    let member_of = |text: &str| {
        Constraint::MemberOf(Arc::new(Expression::parse(text).expect("a valid expression")))
    };
    let constraints = vec![
        Constraint::DistinctInstance,
        member_of("attribute:ecs.availability-zone in [a, b]"),
        member_of("not(task:group == database)"),
        member_of("not(task:group == service:web) or attribute:rack exists"),
        member_of("runningTasksCount < 3"),
        member_of("agentConnected == true"),
        member_of("agentVersion >= 1.20"),
        member_of("attribute:rack exists or attribute:ecs.availability-zone == c"),
    ];
    prop_oneof![
        2 => Just(Vec::new()),
        3 => proptest::collection::vec(select(constraints), 1..3),
    ]
}

pub fn request() -> impl Strategy<Value = Request> {
    let required = vec![("capable", None), ("rack", None), ("rack", Some("1"))];
    (
        (0..20_u32, select(vec!["service:web", "database", "family:new"])),
        (proptest::bool::weighted(0.9), proptest::option::weighted(0.2, Just("spot"))),
        demand(),
        proptest::collection::vec(select(required), 0..2),
        (constraints(), strategies()),
        (0..4_u64, proptest::option::weighted(0.3, 1..6_u32)),
    )
        .prop_map(
            |((count, group), (is_ec2, provider), demand, required, rules, (seed, most))| Request {
                count,
                group: Arc::from(group),
                launch_type: if is_ec2 { LaunchType::Ec2 } else { LaunchType::External },
                capacity_provider: provider.map(Arc::from),
                demand,
                required_attributes: required
                    .into_iter()
                    .map(|(name, value)| RequiredAttribute {
                        name: name.to_owned(),
                        value: value.map(str::to_owned),
                    })
                    .collect(),
                constraints: rules.0,
                strategies: rules.1,
                seed,
                tasks_per_instance: most,
            },
        )
}
