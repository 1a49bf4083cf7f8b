//! DeleteRolePermissionsBoundary.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::boundary;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn delete_role_permissions_boundary(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteRolePermissionsBoundaryRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    identity.cell.write(move |tx| boundary::delete::<Role>(tx, account, &name)).await?;
    Ok(Unit {})
}
