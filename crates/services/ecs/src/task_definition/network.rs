//! What a network mode rules out, and which kernel parameters shared namespaces do.

use berth_aws_api::ecs as api;

use super::linux::{self, Namespace};
use super::{Verdict, containers_of, name_of, network_mode, refuse, refuse_unless};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let mode = network_mode(definition);
    for container in containers_of(definition) {
        let name = name_of(container);
        let given = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        refuse_unless(*mode == api::NetworkMode::Bridge || !given(&container.links), || {
            format!("Links are not supported when networkMode={mode}.")
        })?;
        let awsvpc = *mode == api::NetworkMode::Awsvpc;
        refuse_unless(!awsvpc || container.hostname.as_deref().is_none_or(str::is_empty), || {
            format!(
                "Hostname is not supported when networkMode=awsvpc. Container '{name}' has one."
            )
        })?;
        refuse_unless(!awsvpc || container.extra_hosts.as_ref().is_none_or(Vec::is_empty), || {
            format!(
                "Extra hosts are not supported when networkMode=awsvpc. Container '{name}' has some."
            )
        })?;
        check_system_controls(definition, container)?;
    }
    Ok(())
}

fn check_system_controls(
    definition: &api::TaskDefinition,
    container: &api::ContainerDefinition,
) -> Verdict {
    for control in container.system_controls.iter().flatten() {
        let parameter = control.namespace.as_deref().unwrap_or_default();
        let shared = match linux::namespace(parameter) {
            Some(Namespace::Network) if *network_mode(definition) == api::NetworkMode::Host => {
                "networkMode=host"
            }
            Some(Namespace::Ipc) if definition.ipc_mode == Some(api::IpcMode::Host) => {
                "ipcMode=host"
            }
            _ => continue,
        };
        return refuse(format!(
            "Invalid 'systemControls' setting for container '{}'. `{parameter}` is the host's own when {shared}.",
            name_of(container)
        ));
    }
    Ok(())
}
