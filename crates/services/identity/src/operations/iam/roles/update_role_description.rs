//! UpdateRoleDescription.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, Role};
use crate::{entity, render};

pub async fn update_role_description(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateRoleDescriptionRequest,
) -> Result<api::UpdateRoleDescriptionResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let description = input.description;
    let changed = identity
        .cell
        .write(move |tx| {
            let mut role = entity::find::<Role>(tx, account, &name)?.clone();
            role.description = description;
            tx.put(role.clone());
            Ok::<_, api::Error>(render::role(tx, &role))
        })
        .await?;
    Ok(api::UpdateRoleDescriptionResponse { role: Some(changed) })
}
