//! UpdateContainerAgent: a truthful no.
//!
//! An agent is the same program as the control plane and is updated with its host's package or image;
//! the control plane has no newer one to hand out.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::resolve;
use crate::service::Ecs;

pub async fn update_container_agent(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateContainerAgentRequest,
) -> Result<api::UpdateContainerAgentResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let given = input.container_instance.unwrap_or_default();
    let found = resolve::container_instance(&view, &cluster, &given)?.ok_or_else(|| {
        api::Error::invalid_parameter("The referenced container instance was not found.")
    })?;
    if found.agent.agent_version.is_empty() {
        let message =
            "Berth cannot tell which version of the agent runs on this container instance.";
        return Err(api::Error::missing_version(message).into());
    }
    // DEVIATES: agents are updated with their hosts' packages, never by this call.
    let message = format!(
        "There is no update available for your container agent ({}).",
        found.agent.agent_version
    );
    Err(api::Error::no_update_available(message).into())
}
