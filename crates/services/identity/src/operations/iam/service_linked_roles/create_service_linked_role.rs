//! CreateServiceLinkedRole: the role that a service acts in.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{entity, render, service_linked};

pub async fn create_service_linked_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateServiceLinkedRoleRequest,
) -> Result<api::CreateServiceLinkedRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let service = service_linked::service(&input.aws_service_name.unwrap_or_default())?;
    let role = service.role(
        &identity.env,
        account,
        input.custom_suffix.as_deref(),
        input.description,
        call.now,
    )?;
    let made = identity
        .cell
        .write(move |tx| {
            service_linked::is_not_taken(tx, &role)?;
            entity::create(tx, role.clone())?;
            Ok::<_, api::Error>(render::role(tx, &role))
        })
        .await?;
    let made = api::Role { role_last_used: None, ..made };
    Ok(api::CreateServiceLinkedRoleResponse { role: Some(made) })
}
