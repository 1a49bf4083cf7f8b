//! UpdateRole: another description, another longest session. What is not named stays as it is.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::Holder;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn update_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateRoleRequest,
) -> Result<api::UpdateRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut role = entity::find::<Role>(tx, account, &name)?.clone();
            if let Some(seconds) = input.max_session_duration {
                // AWS: of a service-linked role only the description may be changed.
                role.is_ours()?;
                role.max_session_seconds = seconds.unsigned_abs();
            }
            if let Some(description) = input.description {
                role.description = Some(description);
            }
            tx.put(role);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::UpdateRoleResponse {})
}
