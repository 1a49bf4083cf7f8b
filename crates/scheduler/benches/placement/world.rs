//! The fleet that is measured, the requests, and how well they pack.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, LaunchType, MemoryMib, Timestamp,
};
use berth_scheduler::{
    Attributes, BinpackField, Constraint, Demand, Expression, Fleet, Gpus, Instance, Plan,
    Remaining, Request, RequiredAttribute, SpreadField, Strategy, place,
};

const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/// Instances of 8 vCPU and 16 GiB or thereabouts, four GPUs each; no two quite alike.
pub fn fleet(size: u32) -> Fleet {
    // What instances of one zone say is shared, as it is in the tables.
    let of_zone = ZONES.map(|zone| -> Attributes {
        let capabilities = (0..40).map(|n| (format!("com.amazonaws.ecs.capability.{n}"), None));
        let named = [
            (Attributes::AVAILABILITY_ZONE.to_owned(), Some(zone.to_owned())),
            ("ecs.instance-type".to_owned(), Some("m5.large".to_owned())),
        ];
        capabilities.chain(named).collect()
    });
    let instance = |number: u32| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        id[12..].copy_from_slice(&number.to_be_bytes());
        Instance {
            id: ContainerInstanceId::from_bytes(id),
            ec2_instance_id: None,
            launch_type: LaunchType::Ec2,
            capacity_provider: None,
            status: ContainerInstanceStatus::Active,
            agent_connected: true,
            agent_version: Some("1.90.0".to_owned()),
            registered_at: Timestamp::EPOCH,
            attributes: of_zone[number as usize % 3].clone(),
            remaining: Remaining {
                cpu: CpuUnits(8192 - number % 4096),
                memory: MemoryMib(16384 - number % 7919),
                gpus: 4,
                taken_tcp: [22, 2375, 2376, 51678, 51679].into_iter().collect(),
                ..Remaining::default()
            },
            running_tasks: 0,
            pending_tasks: 0,
            tasks_by_group: BTreeMap::new(),
        }
    };
    (0..size).map(instance).collect()
}

/// The one that the targets are for: zones, then instances, then the fullest in memory, in a `memberOf`.
pub fn request() -> Request {
    let member =
        Expression::parse("attribute:ecs.instance-type =~ m5.*").expect("a valid expression");
    let required = ["3", "17", "39"].map(|number| RequiredAttribute {
        name: format!("com.amazonaws.ecs.capability.{number}"),
        value: None,
    });
    Request {
        count: 1,
        group: Arc::from("service:web"),
        launch_type: LaunchType::Ec2,
        capacity_provider: None,
        demand: Demand {
            cpu: CpuUnits(256),
            memory: MemoryMib(512),
            dynamic_tcp_ports: 1,
            ..Demand::default()
        },
        required_attributes: required.into(),
        constraints: vec![Constraint::MemberOf(Arc::new(member))],
        strategies: vec![
            spread(Attributes::AVAILABILITY_ZONE),
            Strategy::Spread(SpreadField::Instance),
            Strategy::Binpack(BinpackField::Memory),
        ],
        seed: 1,
        tasks_per_instance: None,
    }
}

fn spread(attribute: &str) -> Strategy {
    Strategy::Spread(SpreadField::Attribute(attribute.to_owned()))
}

pub fn kinds() -> Vec<(&'static str, Request)> {
    let demanding = |change: fn(&mut Demand)| {
        let mut request = request();
        change(&mut request.demand);
        request
    };
    let by = |strategies: Vec<Strategy>| Request { strategies, ..request() };
    let zone = || spread(Attributes::AVAILABILITY_ZONE);
    vec![
        ("zones, instances, memory", request()),
        ("named ports", demanding(|demand| demand.tcp_ports = [80, 443].into_iter().collect())),
        ("a GPU", demanding(|demand| demand.gpus = Gpus::Number(1))),
        (
            "ports and GPUs",
            demanding(|demand| {
                demand.tcp_ports = [80].into_iter().collect();
                demand.gpus = Gpus::Number(2);
            }),
        ),
        ("zones, memory", by(vec![zone(), Strategy::Binpack(BinpackField::Memory)])),
        ("memory", by(vec![Strategy::Binpack(BinpackField::Memory)])),
        ("CPU", by(vec![Strategy::Binpack(BinpackField::Cpu)])),
        ("random", by(vec![Strategy::Random])),
        ("zones, random", by(vec![zone(), Strategy::Random])),
        (
            "distinct instances",
            Request {
                constraints: vec![Constraint::DistinctInstance],
                strategies: vec![zone()],
                ..request()
            },
        ),
    ]
}

/// A fleet in which what is placed runs, for a while.
pub struct Running {
    fleet: Fleet,
    started: VecDeque<(Request, Plan)>,
}

/// Batches whose tasks run at the same time.
const LIVES: usize = 8;

impl Running {
    pub fn new(fleet: Fleet) -> Self {
        Running { fleet, started: VecDeque::new() }
    }

    pub fn place(&mut self, request: &Request) {
        let plan = place(&mut self.fleet, request);
        change(&mut self.fleet, &plan, |instance| instance.accept(request));
        self.started.push_back((request.clone(), plan));
        if self.started.len() > LIVES
            && let Some((request, plan)) = self.started.pop_front()
        {
            change(&mut self.fleet, &plan, |instance| give_back(instance, &request));
        }
    }
}

fn change(fleet: &mut Fleet, plan: &Plan, mut change: impl FnMut(&mut Instance)) {
    for placement in &plan.placements {
        let mut instance = fleet.get(placement.instance).expect("it was chosen").clone();
        change(&mut instance);
        fleet.put(instance);
    }
}

fn give_back(instance: &mut Instance, request: &Request) {
    let (demand, left) = (&request.demand, &mut instance.remaining);
    left.cpu.0 += demand.cpu.0;
    left.memory.0 += demand.memory.0;
    left.promised_tcp -= demand.dynamic_tcp_ports;
    instance.pending_tasks -= 1;
    let tasks = instance.tasks_by_group.get_mut(&request.group).expect("its group is here");
    *tasks -= 1;
    if *tasks == 0 {
        instance.tasks_by_group.remove(&request.group);
    }
}

/// How 20,000 tasks lie on 10,000 instances.
pub fn print_quality() {
    println!("20,000 tasks on 10,000 instances:");
    println!(
        "{:26} {:>7} {:>10} {:>18} {:>20}",
        "", "placed", "instances", "most on one", "zones apart by"
    );
    for (name, request) in kinds() {
        let mut fleet = fleet(10_000);
        let plan = place(&mut fleet, &Request { count: 20_000, ..request });
        let mut on: BTreeMap<ContainerInstanceId, u32> = BTreeMap::new();
        let mut zones: BTreeMap<&str, u32> = ZONES.map(|zone| (zone, 0)).into();
        for placement in &plan.placements {
            *on.entry(placement.instance).or_default() += 1;
            let instance = fleet.get(placement.instance).expect("it was chosen");
            let zone =
                instance.attributes.value(Attributes::AVAILABILITY_ZONE).expect("each has one");
            *zones.get_mut(zone).expect("one of the three") += 1;
        }
        let most = on.values().max().copied().unwrap_or(0);
        let apart =
            zones.values().max().zip(zones.values().min()).map_or(0, |(most, least)| most - least);
        println!("{name:26} {:>7} {:>10} {most:>18} {apart:>20}", plan.placements.len(), on.len());
    }
}
