//! How long one request takes on a frozen fleet: 1,000 and 10,000 instances in three zones.

use std::hint::black_box;
use std::sync::Arc;

use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, LaunchType, MemoryMib, Timestamp,
};
use berth_scheduler::{
    Attributes, BinpackField, Constraint, Demand, Expression, Fleet, Instance, PortSet, Remaining,
    Request, SpreadField, Strategy, place,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn fleet(size: u32) -> Fleet {
    let instance = |number: u32| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        id[12..].copy_from_slice(&number.to_be_bytes());
        let zone = ["a", "b", "c"][number as usize % 3];
        Instance {
            id: ContainerInstanceId::from_bytes(id),
            ec2_instance_id: None,
            launch_type: LaunchType::Ec2,
            capacity_provider: None,
            status: ContainerInstanceStatus::Active,
            agent_connected: true,
            agent_version: Some("1.90.0".to_owned()),
            registered_at: Timestamp::EPOCH,
            attributes: [
                (Attributes::AVAILABILITY_ZONE, Some(format!("eu-west-1{zone}"))),
                ("ecs.instance-type", Some("m5.large".to_owned())),
            ]
            .into_iter()
            .collect(),
            remaining: Remaining {
                cpu: CpuUnits(8192 - number % 4096),
                memory: MemoryMib(16384 - number % 7919),
                taken_tcp: [22, 2375, 2376, 51678, 51679].into_iter().collect(),
                ..Remaining::default()
            },
            running_tasks: 0,
            pending_tasks: 0,
            tasks_by_group: Default::default(),
        }
    };
    (0..size).map(instance).collect()
}

fn request(count: u32) -> Request {
    let member =
        Expression::parse("attribute:ecs.instance-type =~ m5.*").expect("a valid expression");
    Request {
        count,
        group: Arc::from("service:web"),
        launch_type: LaunchType::Ec2,
        capacity_provider: None,
        demand: Demand {
            cpu: CpuUnits(256),
            memory: MemoryMib(512),
            tcp_ports: PortSet::default(),
            dynamic_tcp_ports: 1,
            ..Demand::default()
        },
        required_attributes: Vec::new(),
        constraints: vec![Constraint::MemberOf(Arc::new(member))],
        strategies: vec![
            Strategy::Spread(SpreadField::Attribute(Attributes::AVAILABILITY_ZONE.to_owned())),
            Strategy::Spread(SpreadField::Instance),
            Strategy::Binpack(BinpackField::Memory),
        ],
        seed: 1,
        tasks_per_instance: None,
    }
}

fn placement(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("place");
    for size in [1_000, 10_000] {
        let fleet = fleet(size);
        for count in [1, 10, 100] {
            let request = request(count);
            group.throughput(Throughput::Elements(count.into()));
            group.bench_function(BenchmarkId::new(format!("{size} instances"), count), |bencher| {
                bencher.iter(|| place(black_box(&fleet), black_box(&request)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, placement);
criterion_main!(benches);
