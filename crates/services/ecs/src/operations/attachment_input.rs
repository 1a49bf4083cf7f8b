//! What agents say of attachments and managed agents: shared by the operations that take it.
//!
//! Only what a task was given is known by an agent's word; nothing appears because an agent speaks of it.

use berth_aws_api::ecs as api;
use berth_model::Timestamp;

use crate::render;
use crate::tables::Task;

/// AWS: a task's attachment is done with once it is in one of these.
const LAST_STATUSES: [&str; 2] = ["DETACHED", "DELETED"];

/// Takes over the states of the task's attachments.
pub fn attach(task: &mut Task, changes: &[api::AttachmentStateChange]) -> Result<(), api::Error> {
    for change in changes {
        let arn = change.attachment_arn.as_deref().unwrap_or_default();
        let scope = task.scope.clone();
        let found = task
            .attachments
            .iter_mut()
            .find(|attachment| render::attachment_arn(&scope, attachment.id) == arn);
        let attachment = found.ok_or_else(|| unknown(arn))?;
        // A report that was under way for long takes nothing back.
        if !LAST_STATUSES.contains(&attachment.status.as_str()) {
            attachment.status = change.status.clone().unwrap_or_default();
        }
    }
    Ok(())
}

pub fn unknown(arn: &str) -> api::Error {
    api::Error::invalid_parameter(format!("There is no attachment {arn}."))
}

/// Takes over the states of the managed agents in the task's containers.
pub fn manage(
    task: &mut Task,
    changes: &[api::ManagedAgentStateChange],
    now: Timestamp,
) -> Result<(), api::Error> {
    for change in changes {
        let name = change
            .managed_agent_name
            .as_ref()
            .map(api::ManagedAgentName::as_str)
            .unwrap_or_default();
        let container = change.container_name.as_deref().unwrap_or_default();
        let found = task
            .containers
            .iter_mut()
            .filter(|candidate| candidate.name == container)
            .flat_map(|container| container.managed_agents.iter_mut())
            .find(|agent| agent.name == name);
        let agent = found.ok_or_else(|| {
            api::Error::invalid_parameter(format!(
                "managedAgents: the container {container} has no managed agent {name}."
            ))
        })?;
        let status = change.status.clone().unwrap_or_default();
        if status == "RUNNING" && agent.status != status {
            agent.last_started_at = Some(now);
        }
        agent.status = status;
        agent.reason = change.reason.clone().filter(|reason| !reason.is_empty());
    }
    Ok(())
}
