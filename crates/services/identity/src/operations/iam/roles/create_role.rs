//! CreateRole.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::boundary;
use crate::service::Identity;
use crate::tables::{Account, Permissions, Role};
use crate::{documents, entity, render, service_linked, tagging, trust};

pub async fn create_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateRoleRequest,
) -> Result<api::CreateRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    service_linked::is_not_reserved(&name, input.path.as_deref())?;
    let boundary = input.permissions_boundary;
    let tags = tagging::new(input.tags)?;
    let mut role = Role {
        about: entity::about::<Role>(&identity.env, account, name, input.path, tags, call.now),
        permissions: Permissions::default(),
        trust: documents::trust(input.assume_role_policy_document)?,
        description: input.description,
        max_session_seconds: input.max_session_duration.map_or(MAX_SESSION, i32::unsigned_abs),
        linked_to: None,
    };
    let made = identity
        .cell
        .write(move |tx| {
            role.trust = trust::bound(tx, account, &role.trust)?;
            role.permissions.boundary =
                boundary.map(|arn| boundary::find(tx, account, &arn)).transpose()?;
            entity::create(tx, role.clone())?;
            Ok::<_, api::Error>(render::role(tx, &role))
        })
        .await?;
    // AWS: nothing has used it yet, and that is not said.
    Ok(api::CreateRoleResponse { role: Some(api::Role { role_last_used: None, ..made }) })
}

/// AWS: an hour, unless it is said.
const MAX_SESSION: u32 = 3600;
