//! A task: one run of a task definition, from intent to its end.
//!
//! `desired_status` is the control plane's word, `last_status` and the containers are the agent's.
//! The table keeps beside its rows what placement and the describe calls ask for all the time: who runs
//! on an instance and how much of it is taken, and how many tasks a cluster has.

mod attachment;
mod credentials;
mod hold;
mod indexes;
mod runtime_id;
mod usage;

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_control::tables::{Record, TableId};
use berth_model::{
    ClusterId, ContainerId, ContainerInstanceId, ContainerStatus, CpuUnits, DesiredStatus, Family,
    HealthStatus, LaunchType, MemoryMib, Scope, ServiceId, StopCode, Tags, TaskDefinitionId,
    TaskId, TaskSetId, TaskStatus, Timestamp, Word,
};
use minicbor::{Decode, Encode};

use super::{Rare, Stored};
pub use attachment::{Attachment, ManagedAgent};
pub use credentials::CredentialsIds;
pub use hold::{HeldStage, Hold};
pub use indexes::{TaskCounts, TaskIndexes};
pub use runtime_id::RuntimeId;
pub use usage::{Usage, UsageByInstance};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Task {
    #[n(0)]
    pub id: TaskId,
    #[n(1)]
    pub cluster: ClusterId,
    #[n(2)]
    pub scope: Scope,
    #[n(3)]
    pub task_definition: TaskDefinitionId,
    #[n(4)]
    pub family: Family,
    #[n(5)]
    pub container_instance: Option<ContainerInstanceId>,
    #[n(6)]
    pub launch_type: LaunchType,
    #[n(7)]
    pub desired_status: DesiredStatus,
    #[n(8)]
    pub last_status: TaskStatus,
    #[n(9)]
    pub health: HealthStatus,
    /// Counts changes a user can see, from 1.
    #[n(10)]
    pub version: u64,
    #[n(11)]
    pub times: TaskTimes,
    #[n(12)]
    pub containers: Box<[Container]>,
    #[n(13)]
    pub reserved: Reservation,
    /// Task-level CPU and memory: the override if there is one, else the task definition's.
    #[n(14)]
    pub cpu: Option<CpuUnits>,
    #[n(15)]
    pub memory: Option<MemoryMib>,
    #[n(16)]
    pub group: Word,
    #[n(17)]
    pub started_by: Option<Word>,
    #[n(18)]
    pub stop_code: Option<StopCode>,
    #[n(19)]
    pub stopped_reason: Option<Word>,
    #[n(20)]
    pub overrides: Option<Stored<api::TaskOverride>>,
    #[n(21)]
    pub tags: Rare<Tags>,
    #[n(22)]
    pub enable_execute_command: bool,
    /// `false`: started while the account had `taskLongArnFormat` disabled.
    #[n(23)]
    pub long_arn: bool,
    #[n(24)]
    pub reference_id: Option<Word>,
    #[n(25)]
    pub capacity_provider: Option<Word>,
    /// Until then neither a deployment nor scaling may end it; `None`: it is not protected.
    #[n(26)]
    pub protected_until: Option<Timestamp>,
    /// Who holds it where: a stage is passed once nobody does.
    #[n(27)]
    #[cbor(default)]
    pub holds: Rare<Vec<Hold>>,
    /// Network interfaces and volumes of its own.
    #[n(28)]
    #[cbor(default)]
    pub attachments: Rare<Vec<Attachment>>,
    /// Whose task it is, if a service started it.
    #[n(29)]
    pub service: Option<ServiceId>,
    /// The service's deployment, or its task set, that it belongs to.
    #[n(30)]
    pub deployment: Option<TaskSetId>,
    /// Its service has taken note of its end: failures are counted once.
    #[n(31)]
    #[cbor(default)]
    pub accounted: bool,
    /// `None`: it has no roles.
    #[n(32)]
    pub credentials: Option<Box<CredentialsIds>>,
}

/// The instants of a task's life, in the order in which they come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct TaskTimes {
    #[n(0)]
    pub created_at: Timestamp,
    #[n(1)]
    pub connectivity_at: Option<Timestamp>,
    #[n(2)]
    pub pull_started_at: Option<Timestamp>,
    #[n(3)]
    pub pull_stopped_at: Option<Timestamp>,
    #[n(4)]
    pub started_at: Option<Timestamp>,
    #[n(5)]
    pub stopping_at: Option<Timestamp>,
    #[n(6)]
    pub execution_stopped_at: Option<Timestamp>,
    #[n(7)]
    pub stopped_at: Option<Timestamp>,
}

/// One container of a task, in the task definition's order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Container {
    #[n(0)]
    pub id: ContainerId,
    #[n(1)]
    pub name: Word,
    #[n(2)]
    pub status: ContainerStatus,
    #[n(3)]
    pub exit_code: Option<i32>,
    #[n(4)]
    pub reason: Option<Word>,
    #[n(5)]
    pub runtime_id: Option<RuntimeId>,
    #[n(6)]
    pub image_digest: Option<Word>,
    #[n(7)]
    pub health: HealthStatus,
    #[n(8)]
    pub network_bindings: Rare<Vec<NetworkBinding>>,
    #[n(9)]
    pub gpu_ids: Rare<Vec<String>>,
    /// Those that the task was started with.
    #[n(10)]
    #[cbor(default)]
    pub managed_agents: Rare<Vec<ManagedAgent>>,
}

impl Container {
    /// One that its agent has not said anything about.
    pub fn new(id: ContainerId, name: Word) -> Self {
        Container {
            id,
            name,
            status: ContainerStatus::Pending,
            exit_code: None,
            reason: None,
            runtime_id: None,
            image_digest: None,
            health: HealthStatus::Unknown,
            network_bindings: Rare::default(),
            gpu_ids: Rare::default(),
            managed_agents: Rare::default(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct NetworkBinding {
    #[n(0)]
    pub bind_ip: Option<Word>,
    #[n(1)]
    pub container_port: Option<u16>,
    #[n(2)]
    pub host_port: Option<u16>,
    /// `tcp` or `udp`.
    #[n(3)]
    pub protocol: Option<Word>,
    #[n(4)]
    pub container_port_range: Option<Word>,
    #[n(5)]
    pub host_port_range: Option<Word>,
}

/// What the task takes from its instance until it is STOPPED.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Reservation {
    #[n(0)]
    pub cpu: CpuUnits,
    #[n(1)]
    pub memory: MemoryMib,
    #[n(2)]
    pub tcp: Rare<BTreeSet<u16>>,
    #[n(3)]
    pub udp: Rare<BTreeSet<u16>>,
    #[n(4)]
    pub gpus: Rare<BTreeSet<String>>,
    /// How many host ports the agent chooses.
    #[n(5)]
    #[cbor(default)]
    pub dynamic_tcp: u32,
    #[n(6)]
    #[cbor(default)]
    pub dynamic_udp: u32,
}

impl Task {
    /// A task that is to run, before anybody has it or anything is asked for it.
    pub fn new(
        id: TaskId,
        cluster: ClusterId,
        scope: Scope,
        task_definition: TaskDefinitionId,
        family: Family,
        created_at: Timestamp,
    ) -> Self {
        Task {
            id,
            cluster,
            scope,
            task_definition,
            // AWS: unless the caller says otherwise.
            group: format!("family:{family}").into(),
            family,
            container_instance: None,
            launch_type: LaunchType::Ec2,
            desired_status: DesiredStatus::Running,
            last_status: TaskStatus::Pending,
            health: HealthStatus::Unknown,
            version: 1,
            times: TaskTimes { created_at, ..Default::default() },
            containers: Box::default(),
            reserved: Reservation::default(),
            cpu: None,
            memory: None,
            started_by: None,
            stop_code: None,
            stopped_reason: None,
            overrides: None,
            tags: Rare::default(),
            enable_execute_command: false,
            long_arn: true,
            reference_id: None,
            capacity_provider: None,
            protected_until: None,
            holds: Rare::default(),
            attachments: Rare::default(),
            service: None,
            deployment: None,
            accounted: false,
            credentials: None,
        }
    }

    /// Still takes room on its instance.
    pub fn holds_resources(&self) -> bool {
        self.last_status < TaskStatus::Stopped
    }

    /// What its agent is to make of it: nothing while others prepare it, and no end of it while others still take
    /// their leave.
    pub fn told_status(&self) -> Option<DesiredStatus> {
        match self.last_status {
            TaskStatus::Provisioning => None,
            TaskStatus::Deactivating => Some(DesiredStatus::Running),
            _ => Some(self.desired_status),
        }
    }

    /// Its agent still has something to do for it that it may not know of. One that has reported itself
    /// running needs no second telling.
    pub fn awaits_agent(&self) -> bool {
        match self.told_status() {
            Some(DesiredStatus::Stopped) => self.last_status < TaskStatus::Deprovisioning,
            Some(_) => self.last_status < TaskStatus::Activating,
            None => false,
        }
    }

    /// AWS: a service's tasks are of the group `service:NAME`, which nobody else may name.
    pub fn is_of_service(&self) -> bool {
        self.group.starts_with("service:")
    }

    /// The service that still has to do with it: every task of a service until its end has been counted.
    fn concerns(&self) -> Option<ServiceId> {
        self.service.filter(|_| self.holds_resources() || !self.accounted)
    }
}

impl Record for Task {
    const TABLE: TableId = TableId::new(104, "ecs-tasks");
    type Key = TaskId;
    type Indexes = TaskIndexes;

    fn key(&self) -> TaskId {
        self.id
    }

    berth_control::record_codec!();
}
