//! SubmitAttachmentStateChanges: no task or instance has attachments yet, so none can change.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::state_change_input;
use crate::resolve;
use crate::service::Ecs;

pub async fn submit_attachment_state_changes(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::SubmitAttachmentStateChangesRequest,
) -> Result<api::SubmitAttachmentStateChangesResponse, Failure<api::Error>> {
    resolve::cluster(&ecs.cell.snapshot(), &call.scope, input.cluster.as_deref())?;
    state_change_input::refuse_attachments(input.attachments.as_deref())?;
    Err(api::Error::invalid_parameter("attachments: at least one is expected.").into())
}
