//! DeleteServiceLinkedRole.
//!
//! DEVIATES: done when it is answered, whether or not the service still has something; nothing here needs the role.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::service::Identity;
use crate::tables::{Account, LastUse, Role, RoleDeletion};
use crate::{entity, service_linked};

pub async fn delete_service_linked_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteServiceLinkedRoleRequest,
) -> Result<api::DeleteServiceLinkedRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let unique = identity.env.id();
    let task = identity
        .cell
        .write(move |tx| {
            let role = entity::find::<Role>(tx, account, &name)?;
            let (key, id) = (role.key(), service_linked::deletion_id(role, unique)?);
            tx.delete::<LastUse>(&key.1.to_string());
            tx.delete::<Role>(&key);
            service_linked::forget_deletions(tx, account, call.now);
            tx.put(RoleDeletion { account, id: id.clone(), at: call.now });
            Ok::<_, api::Error>(id)
        })
        .await?;
    Ok(api::DeleteServiceLinkedRoleResponse { deletion_task_id: Some(task) })
}
