//! The container that holds what the others of its task share: it comes first, goes last, and nobody is told of it.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_runtime::{
    ContainerSpec, Image, LogSpec, Network, PAUSE_IMAGE, RuntimeError, has_pause_image,
    pause_image_archive,
};
use serde_json::Value;

use super::definition::{ContainerDefinition, Refusal, task_id};
use crate::host::Host;
use crate::persist::while_unreachable;

/// AWS: internal containers begin like this, which no name of a task definition does.
pub(super) const NAME: &str = "~internal~ecs~pause";

/// A mode that is about the task, and not about the host or one container.
const OF_TASK: &str = "task";

/// The pause container, if the task shares anything.
pub(super) fn compile(task: &acs::Task) -> Result<Option<ContainerDefinition>, Refusal> {
    let shares = |mode: &Option<String>| mode.as_deref() == Some(OF_TASK);
    let (pid, ipc) = (shares(&task.pid_mode), shares(&task.ipc_mode));
    if !pid && !ipc {
        return Ok(None);
    }
    if !has_pause_image() {
        let parameter = if pid { "pidMode" } else { "ipcMode" };
        return Err(Refusal::unsupported(format_args!(
            "{parameter} `task` on the architecture {}",
            std::env::consts::ARCH
        )));
    }
    let mut spec = ContainerSpec {
        // DEVIATES: in ECS this one is on the bridge. Nobody talks to it, and without a network it starts sooner.
        network: Network::None,
        cpu_shares: Some(2),
        log: Some(LogSpec { driver: "none".to_owned(), options: Default::default() }),
        ..ContainerSpec::new(runtime_name(task), PAUSE_IMAGE)
    };
    if ipc {
        spec.engine.host_config.insert("IpcMode".to_owned(), Value::from("shareable"));
    }
    Ok(Some(ContainerDefinition {
        name: NAME.to_owned(),
        essential: true,
        needs: Vec::new(),
        stop_grace: Duration::ZERO,
        start_timeout: None,
        restart_policy: None,
        spec,
        login: None,
        environment_files: Vec::new(),
        secrets: Vec::new(),
        router: None,
        routed: None,
        volumes: Vec::new(),
        host_ports: Vec::new(),
        port_ranges: Vec::new(),
        is_checked: false,
        is_anchor: false,
        is_internal: true,
    }))
}

/// On the engine. A container of a task definition has no dot in its name.
fn runtime_name(task: &acs::Task) -> String {
    format!("ecs-{}-{}-internal.ecs.pause-{}", task.family, task.version, task_id(&task.arn))
}

/// A task's pid or IPC mode as the engine takes it for one of its other containers.
pub(super) fn engine_mode(task: &acs::Task, mode: &str) -> String {
    match mode {
        OF_TASK => format!("container:{}", runtime_name(task)),
        other => other.to_owned(),
    }
}

/// Has the image on the host. It comes from no registry.
pub(super) async fn bring(host: &Host) -> Result<Image, RuntimeError> {
    let here = while_unreachable(host, || host.runtime.image(PAUSE_IMAGE)).await?;
    if let Some(image) = here {
        return Ok(image);
    }
    let archive = pause_image_archive().unwrap_or_default();
    while_unreachable(host, || host.runtime.load(PAUSE_IMAGE, archive.clone())).await
}
