//! What RunTask and StartTask share: from a request to the records of its tasks.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::env::Env;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{
    ContainerId, ContainerInstanceId, ContainerStatus, DesiredStatus, HealthStatus, LaunchType,
    Tags, TaskDefinitionStatus, TaskId, TaskStatus,
};
use berth_scheduler::{Constraint, Demand, Request, RequiredAttribute};

use super::{overrides_input, placement_input, task_support};
use crate::account_settings::{self, Setting};
use crate::gpus;
use crate::identity::principal_arn;
use crate::platform;
use crate::resolve::TaskDefinitionName;
use crate::runnable::Runnable;
use crate::tables::{
    Cluster, Container, ContainerInstance, Reservation, Stored, Task, TaskDefinition, TaskTimes,
};
use crate::tagging;
use crate::task_definition;

const LONGEST_STARTED_BY: usize = 128;
const LONGEST_REFERENCE: usize = 1024;
const LONGEST_GROUP: usize = 255;

/// What a caller asks for, whichever way the instances are found.
pub struct Launch {
    pub call: Call,
    pub task_definition: String,
    pub launch_type: LaunchType,
    pub group: Option<String>,
    pub started_by: Option<String>,
    pub overrides: Option<api::TaskOverride>,
    pub tags: Option<Vec<api::Tag>>,
    pub propagate_tags: Option<api::PropagateTags>,
    pub managed_tags: bool,
    pub reference_id: Option<String>,
    /// One for each task and for as many containers as a task definition can have, made beforehand:
    /// a transaction has no randomness of its own.
    pub ids: Vec<TaskIds>,
    pub seed: u64,
}

pub struct TaskIds {
    task: TaskId,
    /// Containers get theirs from it by counting up.
    containers: [u8; 16],
}

/// A launch that has been checked against its task definition.
pub struct Prepared {
    definition: Arc<TaskDefinition>,
    runnable: Runnable,
    overrides: Option<Stored<api::TaskOverride>>,
    pub constraints: Vec<Constraint>,
    required_attributes: Vec<api::Attribute>,
    group: String,
    tags: Tags,
    long_arn: bool,
}

pub fn ids(env: &Env, count: u32) -> Vec<TaskIds> {
    let ids = |_| TaskIds { task: TaskId::from_bytes(env.id()), containers: env.id() };
    (0..count).map(ids).collect()
}

pub fn launch_type(given: Option<&api::LaunchType>) -> Result<LaunchType, api::Error> {
    match given {
        None | Some(api::LaunchType::Ec2) => Ok(LaunchType::Ec2),
        Some(api::LaunchType::External) => Ok(LaunchType::External),
        Some(other) => Err(api::Error::unsupported_feature(format!(
            "launchType {other} is not supported by this version of Berth; EC2 and EXTERNAL are."
        ))),
    }
}

/// Refuses by name what this version does not do.
pub fn refuse(parameter: &str, given: bool) -> Result<(), api::Error> {
    if given {
        let message =
            format!("{parameter} is not supported by this version of Berth; leave it out.");
        return Err(api::Error::unsupported_feature(message));
    }
    Ok(())
}

pub fn refuse_network_configuration(
    given: Option<&api::NetworkConfiguration>,
) -> Result<(), api::Error> {
    if given.is_some_and(|configuration| configuration.awsvpc_configuration.is_some()) {
        return Err(api::Error::invalid_parameter(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ));
    }
    Ok(())
}

/// AWS: a task definition says which launch types can run it.
fn suits(content: &api::TaskDefinition, launch_type: LaunchType) -> Result<(), api::Error> {
    let mut possible = content.compatibilities.iter().flatten();
    if possible.any(|possible| possible.as_str() == launch_type.as_str()) {
        return Ok(());
    }
    let launch_type = launch_type.as_str();
    let message = format!("Task definition does not support launch_type {launch_type}.");
    Err(api::Error::invalid_parameter(message))
}

impl Launch {
    /// `asked` is the launch type that the task definition must be made for, where the caller names one.
    pub fn prepare(
        &self,
        view: &impl View,
        cluster: &Cluster,
        asked: Option<LaunchType>,
    ) -> Result<Prepared, api::Error> {
        let definition = self.definition(view)?;
        let content = &*definition.content;
        let overrides = self
            .overrides
            .clone()
            .map(|given| overrides_input::check(given, content))
            .transpose()?;
        let runnable = Runnable::new(content, overrides.as_ref());
        if let Some(launch_type) = asked {
            suits(content, launch_type)?;
        }
        task_support::check(content, &runnable)?;
        let tags = self.tags(&definition, cluster)?;
        let principal = principal_arn(&self.call);
        let long_arn =
            account_settings::is_on(view, &self.call.scope, &principal, Setting::TaskLongArnFormat);
        if !long_arn && !tags.is_empty() {
            // AWS: a tag is found by its resource's ARN, and only the long ones are unique enough.
            return Err(api::Error::invalid_parameter(
                "The new ARN and resource ID format must be enabled to add tags to the task. \
                 Opt in to the new format and try again.",
            ));
        }
        Ok(Prepared {
            required_attributes: match &overrides {
                None => content.requires_attributes.clone().unwrap_or_default(),
                // What was not asked for before may ask for more of the host.
                Some(_) => task_definition::requirements_of(&runnable.merged_into(content)),
            },
            constraints: placement_input::of_task_definition(content)?,
            group: self.group(&definition)?,
            long_arn,
            overrides: overrides.map(Stored::new),
            runnable,
            tags,
            definition,
        })
    }

    fn definition(&self, view: &impl View) -> Result<Arc<TaskDefinition>, api::Error> {
        let name = TaskDefinitionName::parse(&self.call.scope, &self.task_definition)?;
        let definition = name
            .find(view, &self.call.scope)
            .ok_or_else(|| api::Error::client("TaskDefinition not found."))?;
        if definition.status != TaskDefinitionStatus::Active {
            return Err(api::Error::client("TaskDefinition is inactive"));
        }
        Ok(definition)
    }

    /// AWS: `family:NAME` unless the caller says otherwise; `service:` belongs to services.
    fn group(&self, definition: &TaskDefinition) -> Result<String, api::Error> {
        match &self.group {
            None => Ok(format!("family:{}", definition.family)),
            Some(group) if group.starts_with("service:") => Err(api::Error::invalid_parameter(
                format!("group: `{group}` begins with `service:`, which only services may use."),
            )),
            Some(group) => Ok(group.clone()),
        }
    }

    fn tags(&self, definition: &TaskDefinition, cluster: &Cluster) -> Result<Tags, api::Error> {
        let mut tags = match &self.propagate_tags {
            None | Some(api::PropagateTags::None) => Tags::new(),
            Some(api::PropagateTags::TaskDefinition) => definition.tags.clone(),
            Some(other) => {
                return Err(api::Error::invalid_parameter(format!(
                    "propagateTags: {other} is not possible here; TASK_DEFINITION and NONE are."
                )));
            }
        };
        // The caller's own tags weigh more than those that come along.
        for (key, value) in tagging::new_tags(self.tags.clone())? {
            tags.insert(key, value);
        }
        if self.managed_tags {
            tags.insert("aws:ecs:clusterName".to_owned(), cluster.name.to_string());
        }
        Ok(tags)
    }

    /// Checks what needs no tables.
    pub fn check(&self) -> Result<(), api::Error> {
        let too_long = |name: &str, text: &Option<String>, longest: usize| match text {
            Some(text) if text.chars().count() > longest => {
                Err(api::Error::invalid_parameter(format!("{name} longer than {longest}.")))
            }
            _ => Ok(()),
        };
        too_long("group", &self.group, LONGEST_GROUP)?;
        too_long("startedBy", &self.started_by, LONGEST_STARTED_BY)?;
        too_long("referenceId", &self.reference_id, LONGEST_REFERENCE)?;
        let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"-_/".contains(*letter);
        match self.started_by.iter().flat_map(|by| by.chars()).find(odd) {
            Some(letter) => Err(api::Error::invalid_parameter(format!(
                "startedBy: `{letter}` is not possible; letters, digits, hyphens, slashes and underscores are."
            ))),
            None => Ok(()),
        }
    }
}

impl Prepared {
    /// One task's placement request.
    pub fn request(&self, launch: &Launch, tasks_per_instance: Option<u32>) -> Request {
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
            group: self.group.as_str().into(),
            launch_type: launch.launch_type,
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
                .chain(platform::required(&self.definition.content))
                .collect(),
            constraints: self.constraints.clone(),
            strategies: Vec::new(),
            seed: launch.seed,
            tasks_per_instance,
        }
    }

    /// The task definition can run on an instance of this launch type.
    pub fn suits(&self, launch_type: LaunchType) -> Result<(), api::Error> {
        suits(&self.definition.content, launch_type)
    }

    /// The record of one task, on its instance, which has room for it.
    pub fn task(
        &self,
        view: &impl View,
        launch: &Launch,
        cluster: &Cluster,
        index: usize,
        instance: ContainerInstanceId,
    ) -> Task {
        let ids = &launch.ids[index];
        let gpus = self.gpus(view, instance);
        let container = |(at, defined): (usize, &api::ContainerDefinition)| Container {
            id: ContainerId::from_bytes(counted(ids.containers, at)),
            name: defined.name.clone().unwrap_or_default(),
            status: ContainerStatus::Pending,
            exit_code: None,
            reason: None,
            runtime_id: None,
            image_digest: None,
            health: HealthStatus::Unknown,
            network_bindings: Vec::new(),
            gpu_ids: gpus[at].clone(),
            managed_agents: Vec::new(),
        };
        let ports = |wanted: bool| {
            let ports = self.runnable.static_ports();
            ports.filter(move |(_, protocol)| (*protocol == api::TransportProtocol::Udp) == wanted)
        };
        let (dynamic_tcp, dynamic_udp) = self.runnable.dynamic_ports();
        Task {
            id: ids.task,
            cluster: cluster.id,
            scope: cluster.scope.clone(),
            task_definition: self.definition.id,
            family: self.definition.family.clone(),
            container_instance: Some(instance),
            launch_type: launch.launch_type,
            desired_status: DesiredStatus::Running,
            last_status: TaskStatus::Pending,
            health: HealthStatus::Unknown,
            version: 1,
            times: TaskTimes { created_at: launch.call.now, ..Default::default() },
            containers: self.runnable.containers.iter().enumerate().map(container).collect(),
            reserved: Reservation {
                cpu: self.runnable.cpu_units(),
                memory: self.runnable.memory_mib(),
                tcp: ports(false).map(|(port, _)| port).collect(),
                udp: ports(true).map(|(port, _)| port).collect(),
                gpus: gpus.iter().flatten().cloned().collect(),
                dynamic_tcp,
                dynamic_udp,
            },
            cpu: self.runnable.cpu,
            memory: self.runnable.memory,
            group: self.group.clone(),
            started_by: launch.started_by.clone(),
            stop_code: None,
            stopped_reason: None,
            overrides: self.overrides.clone(),
            tags: self.tags.clone(),
            enable_execute_command: false,
            long_arn: self.long_arn,
            reference_id: launch.reference_id.clone(),
            capacity_provider: None,
            protected_until: None,
            holds: Vec::new(),
            attachments: Vec::new(),
        }
    }
}

impl Prepared {
    /// The GPUs of each container, of those that the tasks on the instance have left.
    fn gpus(&self, view: &impl View, instance: ContainerInstanceId) -> Vec<Vec<String>> {
        let taken = view.table::<Task>().indexes().usage(&instance).gpus;
        let registered = view.get::<ContainerInstance>(&instance);
        let registered = registered.map_or(&[][..], |found| &found.registered.gpus);
        gpus::assign(&self.runnable.containers, registered, &taken)
    }
}

/// The id so many after the first; within one task that is enough to tell containers apart.
fn counted(first: [u8; 16], at: usize) -> [u8; 16] {
    u128::from_be_bytes(first).wrapping_add(at as u128).to_be_bytes()
}
