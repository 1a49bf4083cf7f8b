//! From a task to what its agent is told: one entry of a payload.
//!
//! AWS: the agent takes most of a container's parameters from `dockerConfig`, two documents in Docker's
//! own spelling that the server writes (`docker_config.rs`); the rest are fields of the protocol
//! (`payload/container.rs`, `payload/volume.rs`), and `payload/sources.rs` says what the agent has to fetch.

mod container;
mod sources;
mod volume;

use berth_agent_protocol::acs;
use berth_control::tables::View;
use berth_model::{CpuUnits, DesiredStatus};

use crate::image_resolution;
use crate::render;
use crate::tables::{Cluster, Container, ContainerInstance, Task, TaskDefinition};

/// The whole task if it is to run; only who it is and that it must stop if it is to stop.
pub fn task(view: &impl View, cluster: &Cluster, task: &Task) -> Option<acs::Task> {
    let definition = view.get::<TaskDefinition>(&task.task_definition)?;
    let identity = acs::Task {
        arn: render::task_arn(cluster, task).to_string(),
        task_cluster_arn: Some(render::cluster_arn(cluster).to_string()),
        desired_status: Some(desired_status(task.desired_status)),
        family: definition.family.to_string(),
        version: definition.revision.to_string(),
        ..Default::default()
    };
    if task.desired_status == DesiredStatus::Stopped {
        return Some(identity);
    }
    let runnable = definition.content.runnable(task.overrides.as_deref());
    let containers = runnable.containers.iter().zip(&task.containers);
    let resolved = image_resolution::resolved(view, task);
    Some(acs::Task {
        containers: containers
            .map(|(defined, of_task)| {
                container::compile(cluster, task, &runnable, defined, of_task, resolved)
            })
            .collect(),
        volumes: runnable.volumes.iter().map(volume::compile).collect(),
        network_mode: Some(runnable.network_mode.as_str().to_owned()),
        cpu: runnable.cpu.map(vcpus),
        memory: runnable.memory.map(|memory| memory.0.into()),
        pid_mode: runnable.pid_mode.as_ref().map(|mode| mode.as_str().to_owned()),
        ipc_mode: runnable.ipc_mode.as_ref().map(|mode| mode.as_str().to_owned()),
        launch_type: Some(task.launch_type.as_str().to_owned()),
        group: Some(task.group.to_string()),
        associations: gpus(task),
        task_definition_account_id: Some(definition.scope.account.to_string()),
        zone: zone(view, task),
        ..identity
    })
}

pub fn desired_status(status: DesiredStatus) -> acs::DesiredStatus {
    match status {
        DesiredStatus::Pending | DesiredStatus::Running => acs::DesiredStatus::Running,
        DesiredStatus::Stopped => acs::DesiredStatus::Stopped,
    }
}

fn vcpus(cpu: CpuUnits) -> f64 {
    f64::from(cpu.0) / f64::from(CpuUnits::PER_VCPU)
}

/// AWS: one association for each GPU, with the one container that has it.
fn gpus(task: &Task) -> Vec<acs::Association> {
    let of_container = |container: &Container| {
        let name = container.name.to_string();
        Vec::clone(&container.gpu_ids).into_iter().map(move |id| acs::Association {
            name: id,
            kind: "gpu".to_owned(),
            content: None,
            containers: vec![name.clone()],
        })
    };
    task.containers.iter().flat_map(of_container).collect()
}

/// The availability zone that the task's host is in.
fn zone(view: &impl View, task: &Task) -> Option<String> {
    let instance = view.get::<ContainerInstance>(&task.container_instance?)?;
    instance.attributes.get("ecs.availability-zone")?.value.clone()
}
