//! TagRole.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity::tags;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn tag_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::TagRoleRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let tags = input.tags;
    identity.cell.write(move |tx| tags::add::<Role>(tx, account, &name, tags)).await?;
    Ok(Unit {})
}
