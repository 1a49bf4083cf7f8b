//! GetRole.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{entity, render};

pub async fn get_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetRoleRequest,
) -> Result<api::GetRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let view = identity.cell.snapshot();
    let role = entity::find(&view, account, &name)?;
    Ok(api::GetRoleResponse { role: Some(render::role(&view, role)) })
}
