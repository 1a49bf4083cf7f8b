//! CreateAlias.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use super::alias;
use super::request::{self, Needs};
use crate::keys::find;
use crate::service::Secrets;
use crate::tables::{Alias, Key};

/// AWS: no key may have more.
const MOST: usize = 50;

pub async fn create_alias(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::CreateAliasRequest,
) -> Result<Unit, Failure<api::Error>> {
    let name = alias::own_name(input.alias_name)?;
    let target = alias::target(input.target_key_id)?;
    let create = move |tx: &mut Transaction| -> Result<(), Failure<api::Error>> {
        if tx.get::<Alias>(&(call.scope.clone(), name.clone())).is_some() {
            let arn = Alias::arn(&call.scope, &name);
            let words = format!("An alias with the name {arn} already exists");
            return Err(api::Error::already_exists(words).into());
        }
        let key = request::of_customer(&call, find(tx, &call.scope, &target)?)?;
        request::check(key, Needs::Lasting)?;
        if count(tx, key) >= MOST {
            let words = format!("{} has {MOST} aliases, the most.", key.arn());
            return Err(api::Error::limit_exceeded(words).into());
        }
        let (target, created_at) = (key.id, call.now);
        tx.put(Alias { scope: call.scope, name, target, created_at, updated_at: created_at });
        Ok(())
    };
    secrets.cell.write(create).await?;
    Ok(Unit {})
}

fn count(tx: &Transaction, key: &Key) -> usize {
    tx.table::<Alias>().indexes().by_target.get(&key.key()).count()
}
