//! From what is to run to the records of its tasks, whoever starts them: RunTask, StartTask or a service.
//!
//! A [`Launch`] says what is wanted. [`Launch::prepare`] checks it against its task definition and knows what
//! placement has to be asked; every [`Prepared::task`] is then one record. Who may want what, and where the
//! instances come from, is for callers to decide.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::env::Env;
use berth_control::ports::RoleSessions;
use berth_control::tables::View;
use berth_model::{
    ContainerId, ContainerInstanceId, CredentialsId, LaunchType, Scope, ServiceId, Tags, TaskId,
    TaskSetId, Timestamp, Word,
};
use berth_scheduler::{Constraint, Demand, Request, RequiredAttribute};

use crate::gpus;
use crate::placement_rules;
use crate::platform;
use crate::roles::{RoleKind, Roles};
use crate::runnable::Runnable;
use crate::tables::{
    Cluster, Container, ContainerInstance, CredentialsIds, Hold, Rare, Reservation, Stored, Task,
    TaskDefinition,
};
use crate::task_definition;
use crate::task_support;

/// Equal tasks that somebody wants.
pub struct Launch {
    pub definition: Arc<TaskDefinition>,
    pub launch_type: LaunchType,
    pub group: Word,
    pub started_by: Option<Word>,
    /// Checked against the task definition.
    pub overrides: Option<api::TaskOverride>,
    pub tags: Rare<Tags>,
    pub long_arn: bool,
    pub reference_id: Option<Word>,
    pub of_service: Option<OfService>,
    pub enable_execute_command: bool,
    /// Who has to do something before its tasks run, or end.
    pub holds: Rare<Vec<Hold>>,
    pub now: Timestamp,
}

/// Which deployment, or task set, of which service a task belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfService {
    pub service: ServiceId,
    pub deployment: TaskSetId,
}

/// The ids of a task and of its containers, made beforehand: a transaction has no randomness of its own.
pub struct TaskIds {
    pub task: TaskId,
    /// Containers get theirs from it by counting up.
    containers: [u8; 16],
    /// Only tasks with roles need more, which nobody can work out from those that everybody sees. Who they are is
    /// known in the transaction.
    more: Env,
}

/// A launch that has been checked against its task definition.
pub struct Prepared {
    launch: Launch,
    runnable: Arc<Runnable>,
    overrides: Option<Stored<api::TaskOverride>>,
    pub constraints: Vec<Constraint>,
    required_attributes: Vec<api::Attribute>,
}

pub fn ids(env: &Env, count: usize) -> Vec<TaskIds> {
    (0..count).map(|_| ids_of(env, TaskId::from_bytes(env.neighbouring_id()))).collect()
}

/// Those of a task whose own id is known already.
pub fn ids_of(env: &Env, task: TaskId) -> TaskIds {
    TaskIds { task, containers: env.id(), more: env.clone() }
}

/// AWS: a task definition says which launch types can run it.
pub fn suits(definition: &TaskDefinition, launch_type: LaunchType) -> Result<(), api::Error> {
    let mut possible = definition.content.compatibilities.iter().flatten();
    if possible.any(|possible| possible.as_str() == launch_type.as_str()) {
        return Ok(());
    }
    let launch_type = launch_type.as_str();
    let message = format!("Task definition does not support launch_type {launch_type}.");
    Err(api::Error::invalid_parameter(message))
}

impl Launch {
    /// What a task was launched from; `None` if its task definition is gone.
    pub fn of(view: &impl View, task: &Task) -> Option<Launch> {
        let of = |(service, deployment)| OfService { service, deployment };
        Some(Launch {
            definition: view.table::<TaskDefinition>().get_shared(&task.task_definition)?,
            launch_type: task.launch_type,
            group: task.group.clone(),
            started_by: task.started_by.clone(),
            overrides: task.overrides.as_deref().cloned(),
            tags: task.tags.clone(),
            long_arn: task.long_arn,
            reference_id: task.reference_id.clone(),
            of_service: task.service.zip(task.deployment).map(of),
            enable_execute_command: task.enable_execute_command,
            holds: task.holds.clone(),
            now: task.times.created_at,
        })
    }

    pub fn prepare(mut self) -> Result<Prepared, api::Error> {
        let content = &self.definition.content;
        let overrides = self.overrides.take();
        let runnable = content.runnable(overrides.as_ref());
        task_support::check(content, &runnable)?;
        Ok(Prepared {
            required_attributes: match &overrides {
                None => content.requires_attributes.clone().unwrap_or_default(),
                // What was not asked for before may ask for more of the host.
                Some(_) => task_definition::requirements_of(&runnable.merged_into(content)),
            },
            constraints: placement_rules::of_task_definition(content)?,
            overrides: overrides.map(Stored::new),
            runnable,
            launch: self,
        })
    }
}

impl Prepared {
    /// One task's placement request.
    pub fn request(&self, seed: u64, tasks_per_instance: Option<u32>) -> Request {
        let (tcp, udp): (Vec<_>, Vec<_>) = self
            .runnable
            .static_ports()
            .partition(|(_, protocol)| *protocol != api::TransportProtocol::Udp);
        let ports = |ports: Vec<(u16, api::TransportProtocol)>| {
            ports.into_iter().map(|(port, _)| port).collect()
        };
        let (dynamic_tcp_ports, dynamic_udp_ports) = self.runnable.dynamic_ports();
        let required = self.required_attributes.iter();
        Request {
            count: 1,
            group: self.launch.group.as_str().into(),
            launch_type: self.launch.launch_type,
            capacity_provider: None,
            demand: Demand {
                cpu: self.runnable.cpu_units(),
                memory: self.runnable.memory_mib(),
                gpus: gpus::wanted(&self.runnable.containers),
                network_interfaces: 0,
                tcp_ports: ports(tcp),
                udp_ports: ports(udp),
                dynamic_tcp_ports,
                dynamic_udp_ports,
            },
            required_attributes: required
                .filter_map(|attribute| {
                    Some(RequiredAttribute {
                        name: attribute.name.clone()?,
                        value: attribute.value.clone(),
                    })
                })
                .chain(platform::required(&self.launch.definition.content))
                .collect(),
            constraints: self.constraints.clone(),
            strategies: Vec::new(),
            seed,
            tasks_per_instance,
        }
    }

    /// ECS may assume the roles of the tasks.
    pub fn check_roles(
        &self,
        sessions: &dyn RoleSessions,
        scope: &Scope,
    ) -> Result<(), api::Error> {
        self.roles().check(sessions, scope, self.launch.now)
    }

    fn roles(&self) -> Roles<'_> {
        Roles::of(&self.launch.definition.content, self.overrides.as_deref())
    }

    fn credentials(&self, ids: &TaskIds) -> Option<CredentialsIds> {
        let roles = self.roles();
        let id = |kind| roles.get(kind).map(|_| CredentialsId::from_bytes(ids.more.id()));
        let made = CredentialsIds { task: id(RoleKind::Task), execution: id(RoleKind::Execution) };
        (made.task.is_some() || made.execution.is_some()).then_some(made)
    }

    /// The task definition can run on an instance of this launch type.
    pub fn suits(&self, launch_type: LaunchType) -> Result<(), api::Error> {
        suits(&self.launch.definition, launch_type)
    }

    /// The record of one task, on its instance, which has room for it.
    pub fn task(
        &self,
        view: &impl View,
        cluster: &Cluster,
        ids: &TaskIds,
        instance: ContainerInstanceId,
    ) -> Task {
        let mut task = self.unplaced(cluster, ids);
        self.place(view, &mut task, instance);
        task
    }

    /// Puts a task on an instance that has room for it.
    pub fn place(&self, view: &impl View, task: &mut Task, instance: ContainerInstanceId) {
        let gpus = self.gpus(view, instance);
        task.container_instance = Some(instance);
        task.reserved.gpus = gpus.iter().flatten().cloned().collect();
        for (container, gpus) in task.containers.iter_mut().zip(gpus) {
            container.gpu_ids = gpus.into();
        }
    }

    /// The record of one task that has no instance yet.
    pub fn unplaced(&self, cluster: &Cluster, ids: &TaskIds) -> Task {
        let launch = &self.launch;
        let container = |(at, defined): (usize, &api::ContainerDefinition)| {
            let id = ContainerId::from_bytes(counted(ids.containers, at));
            Container::new(id, defined.name.as_deref().unwrap_or_default().into())
        };
        let ports = |wanted: bool| {
            let ports = self.runnable.static_ports();
            ports.filter(move |(_, protocol)| (*protocol == api::TransportProtocol::Udp) == wanted)
        };
        let (dynamic_tcp, dynamic_udp) = self.runnable.dynamic_ports();
        let begun = Task::new(
            ids.task,
            cluster.id,
            cluster.scope.clone(),
            launch.definition.id,
            launch.definition.family.clone(),
            launch.now,
        );
        Task {
            launch_type: launch.launch_type,
            containers: self.runnable.containers.iter().enumerate().map(container).collect(),
            reserved: Reservation {
                cpu: self.runnable.cpu_units(),
                memory: self.runnable.memory_mib(),
                tcp: ports(false).map(|(port, _)| port).collect(),
                udp: ports(true).map(|(port, _)| port).collect(),
                gpus: Default::default(),
                dynamic_tcp,
                dynamic_udp,
            },
            cpu: self.runnable.cpu,
            memory: self.runnable.memory,
            group: launch.group.clone(),
            started_by: launch.started_by.clone(),
            overrides: self.overrides.clone(),
            tags: launch.tags.clone(),
            enable_execute_command: launch.enable_execute_command,
            long_arn: launch.long_arn,
            holds: launch.holds.clone(),
            reference_id: launch.reference_id.clone(),
            service: launch.of_service.map(|of| of.service),
            deployment: launch.of_service.map(|of| of.deployment),
            credentials: self.credentials(ids).map(Box::new),
            ..begun
        }
    }
}

impl Prepared {
    /// The GPUs of each container, of those that the tasks on the instance have left.
    fn gpus(&self, view: &impl View, instance: ContainerInstanceId) -> Vec<Vec<String>> {
        let taken = &view.table::<Task>().indexes().usage.get(&instance).gpus;
        let registered = view.get::<ContainerInstance>(&instance);
        let registered = registered.map_or(&[][..], |found| &found.registered.gpus);
        gpus::assign(&self.runnable.containers, registered, taken)
    }
}

/// The id so many after the first; within one task that is enough to tell containers apart.
fn counted(first: [u8; 16], at: usize) -> [u8; 16] {
    u128::from_be_bytes(first).wrapping_add(at as u128).to_be_bytes()
}
