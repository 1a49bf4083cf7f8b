//! How long a plan takes for a service of 5,000 tasks on 1,000 instances.
//!
//! `cargo xtask bench plan`

use std::sync::Arc;
use std::time::Duration;

use berth_deployment::{
    Alarms, Bounds, CircuitBreaker, Deployment, Memory, Progress, Service, Strategy, Task, Zone,
    plan, supersede,
};
use berth_model::{
    ContainerInstanceId, DeploymentController, DesiredStatus, SchedulingStrategy, ServiceStatus,
    StopCode, TaskId, TaskSetId, TaskStatus, Timestamp,
};
use criterion::{Criterion, criterion_group, criterion_main};

const TASKS: u32 = 5_000;
const INSTANCES: u32 = 1_000;
const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn deployment(number: u64) -> Deployment {
    Deployment {
        id: TaskSetId::from_number(number),
        created_at: NOW,
        strategy: Strategy::Rolling,
        hooks: Vec::new(),
        scale: 100.0,
        unplaced: 0,
        unplaced_because: None,
        lane: None,
        obstacle: None,
        full_zones: Vec::new(),
        unlaunched: None,
        progress: Progress::begin(TASKS, NOW),
    }
}

fn task(deployment: u64, number: u32, zones: &[Zone]) -> Task {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&deployment.to_be_bytes());
    id[8..12].copy_from_slice(&number.to_be_bytes());
    let mut instance = [0; 16];
    instance[..4].copy_from_slice(&(number % INSTANCES).to_be_bytes());
    Task {
        id: TaskId::from_bytes(id),
        deployment: TaskSetId::from_number(deployment),
        instance: Some(ContainerInstanceId::from_bytes(instance)),
        zone: Some(zones[number as usize % zones.len()].clone()),
        instance_draining: false,
        is_another_version: false,
        last_status: TaskStatus::Running,
        desired_status: DesiredStatus::Running,
        health: None,
        created_at: NOW,
        started_at: Some(NOW),
        stopped_at: None,
        stop_code: None,
        protected_until: None,
    }
}

/// All its tasks run.
fn service() -> Service {
    let zones: Vec<Zone> = ["zone-a", "zone-b", "zone-c"].map(Arc::from).to_vec();
    Service {
        status: ServiceStatus::Active,
        scheduling: SchedulingStrategy::Replica,
        controller: DeploymentController::Ecs,
        desired_count: TASKS,
        bounds: Bounds { minimum_healthy_percent: 50, maximum_percent: 200 },
        circuit_breaker: CircuitBreaker { enabled: true, ..CircuitBreaker::default() },
        alarms: Alarms::default(),
        bake_time: Duration::ZERO,
        early_success: None,
        warm_up: Duration::ZERO,
        health_grace: Duration::ZERO,
        shifts_traffic: false,
        zone_rebalancing: true,
        zones: zones.clone(),
        memory: Memory::default(),
        deployments: vec![deployment(1)],
        tasks: (0..TASKS).map(|number| task(1, number, &zones)).collect(),
        hosts: Vec::new(),
    }
}

fn steady() -> Service {
    let mut service = service();
    let first = plan(&service, NOW);
    service.deployments[0].progress = first.deployments[0].1.clone();
    service.memory = first.memory.unwrap();
    assert!(plan(&service, NOW).is_empty());
    service
}

/// Half of a new revision runs: a quarter of the old one is to go.
fn half_way() -> Service {
    let mut service = steady();
    service.deployments[0].progress = supersede(&service.deployments, NOW).remove(0).1;
    service.deployments.push(deployment(2));
    let zones = service.zones.clone();
    service.tasks.extend((0..TASKS / 2).map(|number| task(2, number, &zones)));
    assert_eq!(plan(&service, NOW).stop.len(), TASKS as usize / 2);
    service
}

fn scaled_in() -> Service {
    let mut service = steady();
    service.desired_count = TASKS / 10;
    assert_eq!(plan(&service, NOW).stop.len(), TASKS as usize * 9 / 10);
    service
}

fn all_failed() -> Service {
    let mut service = service();
    for task in &mut service.tasks {
        task.last_status = TaskStatus::Stopped;
        task.started_at = None;
        task.stop_code = Some(StopCode::TaskFailedToStart);
    }
    assert_eq!(plan(&service, NOW).accounted.len(), TASKS as usize);
    service
}

fn plans(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan/5000-tasks");
    let worlds = [
        ("steady", steady()),
        ("half-way", half_way()),
        ("scaled-in", scaled_in()),
        ("all-failed", all_failed()),
    ];
    for (name, service) in &worlds {
        group.bench_function(*name, |b| b.iter(|| plan(service, NOW)));
    }
    group.finish();
    let mut small = steady();
    small.tasks.truncate(10);
    small.desired_count = 10;
    small.deployments[0].progress.desired_count = 10;
    c.bench_function("plan/10-tasks/steady", |b| b.iter(|| plan(&small, NOW)));
}

criterion_group!(benches, plans);
criterion_main!(benches);
