//! Tags of users, roles and instance profiles.

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;

use super::Entity;
use crate::tables::Account;
use crate::tagging;

pub fn add<E: Entity>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    tags: Option<Vec<api::Tag>>,
) -> Result<(), api::Error> {
    let mut entity = super::find::<E>(tx, account, name)?.clone();
    entity.about_mut().tags = tagging::add(&entity.about().tags, tags)?;
    tx.put(entity);
    Ok(())
}

/// Keys that are not there do no harm.
pub fn remove<E: Entity>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    keys: &[String],
) -> Result<(), api::Error> {
    let mut entity = super::find::<E>(tx, account, name)?.clone();
    entity.about_mut().tags = tagging::without(&entity.about().tags, keys);
    tx.put(entity);
    Ok(())
}
