//! DiscoverPollEndpoint: where an agent opens its two sockets.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::resolve;
use crate::service::Ecs;

pub async fn discover_poll_endpoint(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DiscoverPollEndpointRequest,
) -> Result<api::DiscoverPollEndpointResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let refused = |error: api::Error| api::Error::client(error.to_string());
    let cluster =
        resolve::cluster(&view, &call.scope, input.cluster.as_deref()).map_err(refused)?;
    if let Some(given) = &input.container_instance {
        resolve::container_instance_id(&cluster, given).map_err(refused)?;
    }
    let here = ecs.advertise.url(call.authority.as_ref(), call.secure).ok_or_else(|| {
        api::Error::client("The request names no host to send the agent back to.")
    })?;
    // The agent adds `/ws` to each.
    Ok(api::DiscoverPollEndpointResponse {
        endpoint: Some(format!("{here}/acs")),
        telemetry_endpoint: Some(format!("{here}/tcs")),
        service_connect_endpoint: None,
    })
}
