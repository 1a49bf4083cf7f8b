//! GetServiceLinkedRoleDeletionStatus: what was begun is done.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, RoleDeletion};

pub async fn get_service_linked_role_deletion_status(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<api::GetServiceLinkedRoleDeletionStatusResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let id = input.deletion_task_id.unwrap_or_default();
    let view = identity.cell.snapshot();
    match view.get::<RoleDeletion>(&(account, id.clone())) {
        Some(_) => Ok(api::GetServiceLinkedRoleDeletionStatusResponse {
            status: Some(api::DeletionTaskStatusType::Succeeded),
            reason: None,
        }),
        None => Err(api::Error::no_such_entity(format!("There is no deletion task {id}.")).into()),
    }
}
