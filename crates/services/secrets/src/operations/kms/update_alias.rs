//! UpdateAlias: the name goes over to another key.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::alias;
use super::request::{self, Needs};
use crate::keys::{find, find_alias};
use crate::service::Secrets;
use crate::tables::Alias;

pub async fn update_alias(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UpdateAliasRequest,
) -> Result<Unit, Failure<api::Error>> {
    let name = alias::own_name(input.alias_name)?;
    let target = alias::target(input.target_key_id)?;
    let update = move |tx: &mut Transaction| -> Result<(), Failure<api::Error>> {
        let alias = find_alias(tx, &call.scope, &name)?.clone();
        let key = request::of_customer(&call, find(tx, &call.scope, &target)?)?;
        request::check(key, Needs::Lasting)?;
        let target = key.id;
        tx.put(Alias { target, updated_at: call.now, ..alias });
        Ok(())
    };
    secrets.cell.write(update).await?;
    Ok(Unit {})
}
