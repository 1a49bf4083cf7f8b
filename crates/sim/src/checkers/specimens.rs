//! Rows for tests of checkers: as a server once wrote them, changed to what a test is about.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use berth_control::tables::Record;
use berth_ecs::tables::{
    Attribute, ContainerInstance, RegisteredResources, Service, ServiceDeployment, Stored, Task,
    TaskSet, Unplaced,
};
use berth_model::{
    ContainerInstanceId, ContainerInstanceStatus, CpuUnits, DeploymentController, DesiredStatus,
    MemoryMib, SchedulingStrategy, ServiceId, ServiceStatus, StopCode, TaskId, TaskSetId,
    TaskStatus,
};

use crate::host::HOST_ATTRIBUTE;
use crate::records::{Records, TaskChange, Wishes};

pub const SERVICE: ServiceId = ServiceId::from_bytes([9; 16]);
pub const DEPLOYMENT: TaskSetId = TaskSetId::from_number(7);

macro_rules! row {
    ($file:literal) => {
        decode(include_str!(concat!("../../../services/ecs/tests/older_records/", $file)))
    };
}

fn decode<R: Record>(hex: &str) -> R {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
    R::decode(&bytes).unwrap_or_else(|error| panic!("a row that is always read: {error}"))
}

/// Four tasks, at least two of them running and at most six there.
pub fn service() -> Service {
    let service: Service = row!("service.1.hex");
    Service {
        id: SERVICE,
        status: ServiceStatus::Active,
        scheduling_strategy: SchedulingStrategy::Replica,
        controller: DeploymentController::Ecs,
        desired_count: 4,
        deployment_configuration: Stored::new(api::DeploymentConfiguration {
            minimum_healthy_percent: Some(50),
            maximum_percent: Some(150),
            strategy: Some(api::DeploymentStrategy::Rolling),
            ..Default::default()
        }),
        placement_constraints: Vec::new(),
        last_event: 0,
        ..service
    }
}

/// Its constraint distinctInstance.
pub fn apart() -> Service {
    let distinct = api::PlacementConstraint {
        r#type: Some(api::PlacementConstraintType::DistinctInstance),
        ..Default::default()
    };
    Service { placement_constraints: vec![Stored::new(distinct)], ..service() }
}

pub fn daemon() -> Service {
    Service { scheduling_strategy: SchedulingStrategy::Daemon, ..service() }
}

pub fn deployment(strategy: api::DeploymentStrategy) -> ServiceDeployment {
    let row: ServiceDeployment = row!("service_deployment.1.hex");
    let mut progress = row.progress.clone();
    progress.rollout = berth_model::RolloutState::InProgress;
    ServiceDeployment {
        service: SERVICE,
        number: DEPLOYMENT,
        configuration: Stored::new(api::DeploymentConfiguration {
            strategy: Some(strategy),
            ..Default::default()
        }),
        progress,
        unplaced: Unplaced::default(),
        ended_at: None,
        ..row
    }
}

/// Half of the service's tasks.
pub fn task_set() -> TaskSet {
    TaskSet {
        service: SERVICE,
        id: DEPLOYMENT,
        scale: 50.0,
        unplaced: Unplaced::default(),
        ..row!("task_set.1.hex")
    }
}

/// The service's task of this number, which runs on the host of the same number.
pub fn task(number: u8) -> Task {
    Task {
        id: TaskId::from_bytes([number; 16]),
        service: Some(SERVICE),
        deployment: Some(DEPLOYMENT),
        container_instance: Some(host(number)),
        capacity_provider: None,
        desired_status: DesiredStatus::Running,
        last_status: TaskStatus::Running,
        stop_code: None,
        protected_until: None,
        version: 1,
        ..row!("task.5.hex")
    }
}

pub const fn host(number: u8) -> ContainerInstanceId {
    ContainerInstanceId::from_bytes([number; 16])
}

/// The host of this number, empty; three in a row are in three zones.
pub fn instance(number: u8) -> ContainerInstance {
    let zone = ["a", "b", "c"][usize::from(number % 3)].to_owned();
    let attributes = [("ecs.availability-zone", zone), (HOST_ATTRIBUTE, number.to_string())];
    let attributes: BTreeMap<String, Attribute> = attributes
        .map(|(name, value)| (name.to_owned(), Attribute { value: Some(value), custom: true }))
        .into();
    ContainerInstance {
        id: host(number),
        status: ContainerInstanceStatus::Active,
        agent_connected: true,
        attributes: attributes.into(),
        registered: RegisteredResources {
            cpu: CpuUnits(1 << 20),
            memory: MemoryMib(1 << 20),
            ..RegisteredResources::default()
        },
        capacity_provider: None,
        ..row!("container_instance.2.hex")
    }
}

pub fn wishes(service: Service) -> Wishes {
    Wishes { services: [(service.id, service)].into(), ..Wishes::default() }
}

/// A world after these changes, in which other tasks are as they were.
pub fn records(wishes: Wishes, others: Vec<Task>, changes: &[TaskChange]) -> Records {
    let changed = changes.iter().filter_map(|change| change.after.clone());
    let tasks = others.into_iter().chain(changed).map(|task| (task.id, task)).collect();
    Records { tasks, wishes, ..Records::default() }
}

pub fn started(task: Task) -> TaskChange {
    TaskChange { before: None, after: Some(task) }
}

pub fn ended(task: Task) -> TaskChange {
    let after = Task {
        desired_status: DesiredStatus::Stopped,
        stop_code: Some(StopCode::ServiceSchedulerInitiated),
        ..task.clone()
    };
    TaskChange { before: Some(task), after: Some(after) }
}

pub fn failed(task: Task) -> TaskChange {
    let after = Task {
        desired_status: DesiredStatus::Stopped,
        last_status: TaskStatus::Stopped,
        stop_code: Some(StopCode::EssentialContainerExited),
        ..task.clone()
    };
    TaskChange { before: Some(task), after: Some(after) }
}
