use std::time::Duration;

use berth_model::{
    DeploymentController, DesiredStatus, SchedulingStrategy, ServiceStatus, TaskId, TaskSetId,
    TaskStatus, Timestamp,
};

use crate::{
    Alarms, Bounds, CircuitBreaker, Deployment, Memory, Progress, Service, Strategy, Task, plan,
    supersede,
};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn service(desired_count: u32, bounds: Bounds) -> Service {
    let first = TaskSetId::from_number(1);
    Service {
        status: ServiceStatus::Active,
        scheduling: SchedulingStrategy::Replica,
        controller: DeploymentController::Ecs,
        desired_count,
        bounds,
        circuit_breaker: CircuitBreaker::default(),
        alarms: Alarms::default(),
        bake_time: Duration::ZERO,
        early_success: None,
        warm_up: Duration::ZERO,
        health_grace: Duration::ZERO,
        shifts_traffic: false,
        zone_rebalancing: false,
        zones: Vec::new(),
        memory: Memory::default(),
        deployments: vec![deployment(first, desired_count)],
        tasks: (0..desired_count).map(|number| running(first, number)).collect(),
        hosts: Vec::new(),
    }
}

fn deployment(id: TaskSetId, desired_count: u32) -> Deployment {
    Deployment {
        id,
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
        progress: Progress::begin(desired_count, NOW),
    }
}

fn running(deployment: TaskSetId, number: u32) -> Task {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Task {
        id: TaskId::from_bytes(id),
        deployment,
        instance: None,
        zone: None,
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

/// How many tasks the first plan of a new revision starts and stops.
fn first_step(desired: u32, minimum: u32, maximum: u32) -> (u32, usize) {
    let bounds = Bounds { minimum_healthy_percent: minimum, maximum_percent: maximum };
    let mut service = service(desired, bounds);
    service.deployments[0].progress.ever_completed = true;
    for (id, progress) in supersede(&service.deployments, NOW) {
        assert_eq!(id, service.deployments[0].id);
        service.deployments[0].progress = progress;
    }
    service.deployments.push(deployment(TaskSetId::from_number(2), desired));
    let plan = plan(&service, NOW);
    assert!(plan.start.iter().all(|start| start.deployment == service.deployments[1].id));
    (plan.start.iter().map(|start| start.count).sum(), plan.stop.len())
}

#[test]
fn a_rollout_begins_within_floor_and_ceiling() {
    assert_eq!(first_step(4, 100, 200), (4, 0));
    assert_eq!(first_step(4, 50, 200), (4, 0));
    assert_eq!(first_step(4, 50, 100), (0, 2));
    assert_eq!(first_step(4, 0, 100), (0, 4));
    assert_eq!(first_step(10, 50, 120), (2, 5));
    assert_eq!(first_step(10, 100, 150), (5, 0));
    assert_eq!(first_step(1, 100, 150), (0, 0));
}
