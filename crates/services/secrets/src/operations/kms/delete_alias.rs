//! DeleteAlias: the key stays.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::alias;
use crate::keys::find_alias;
use crate::service::Secrets;
use crate::tables::Alias;

pub async fn delete_alias(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DeleteAliasRequest,
) -> Result<Unit, Failure<api::Error>> {
    let name = alias::own_name(input.alias_name)?;
    let delete = move |tx: &mut Transaction| -> Result<(), Failure<api::Error>> {
        find_alias(tx, &call.scope, &name)?;
        tx.delete::<Alias>(&(call.scope, name));
        Ok(())
    };
    secrets.cell.write(delete).await?;
    Ok(Unit {})
}
