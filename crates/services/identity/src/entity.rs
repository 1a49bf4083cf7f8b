//! What is true of everything that IAM gives a name, a path and an id, and how it is found.
//!
//! The rules of names and paths are the model's, checked before any operation runs.

mod kinds;
pub mod tags;

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::tables::{Record, View};
use berth_model::{Tags, Timestamp};

use crate::tables::{About, Account, ByName, EntityKey, UniqueId, full_name};

/// A record of something named.
pub trait Entity: Record<Key = EntityKey> {
    const KIND: Kind;

    fn about(&self) -> &About;

    fn about_mut(&mut self) -> &mut About;

    fn by_name(indexes: &Self::Indexes) -> &ByName;

    fn arn(&self) -> String {
        let About { account, path, name, .. } = self.about();
        Self::arn_of(*account, path, name)
    }

    /// What one of this path and name has, or would have: who decides about it before it is there sees the same.
    fn arn_of(account: Account, path: &str, name: &str) -> String {
        account.arn(&format!("{}/{}", Self::KIND.in_arn, full_name(path, name)))
    }
}

/// What AWS calls a kind of entity, and how many there may be.
pub struct Kind {
    /// What its ids begin with.
    pub id_prefix: &'static str,
    pub in_arn: &'static str,
    /// AWS: of its default quotas, the one for this kind; its name is in the error.
    pub quota: (&'static str, u64),
    /// AWS: the errors' words for one that is not there, and for one that is there already.
    pub no_such: fn(&str) -> String,
    pub exists: fn(&str) -> String,
}

/// The entity of this name.
pub fn find<'v, E: Entity>(
    view: &'v impl View,
    account: Account,
    name: &str,
) -> Result<&'v E, api::Error> {
    let table = view.table::<E>();
    let key = E::by_name(table.indexes()).find(account, name);
    key.and_then(|key| table.get(key))
        .ok_or_else(|| api::Error::no_such_entity((E::KIND.no_such)(name)))
}

/// All of an account, in the order of their names, each with what a listing goes on from.
pub fn all<E: Entity>(view: &impl View, account: Account) -> impl Iterator<Item = (String, &E)> {
    let table = view.table::<E>();
    E::by_name(table.indexes())
        .of(account)
        .filter_map(|(name, key)| Some((name.to_owned(), table.get(key)?)))
}

/// The rows of these keys, in the order of their names, each with what a listing goes on from.
pub fn of<'v, E: Entity>(
    view: &'v impl View,
    keys: impl Iterator<Item = &'v EntityKey>,
) -> impl Iterator<Item = (String, &'v E)> {
    let mut found: Vec<_> = keys
        .filter_map(|key| view.get::<E>(key))
        .map(|row| (row.about().folded_name(), row))
        .collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter()
}

pub fn count<E: Entity>(view: &impl View, account: Account) -> u64 {
    E::by_name(view.table::<E>().indexes()).count(account)
}

/// What a new entity is, before anybody knows whether there is room for it.
pub fn about<E: Entity>(
    env: &Env,
    account: Account,
    name: String,
    path: Option<String>,
    tags: Tags,
    now: Timestamp,
) -> About {
    About {
        account,
        id: UniqueId::new(env, E::KIND.id_prefix),
        name,
        path: path.unwrap_or_else(|| "/".to_owned()),
        created_at: now,
        tags,
    }
}

/// Adds an entity, if there may be one more, by this name.
pub fn create<E: Entity>(tx: &mut Transaction, entity: E) -> Result<(), api::Error> {
    let about = entity.about();
    free::<E>(tx, about.account, &about.name)?;
    let (quota, most) = E::KIND.quota;
    if count::<E>(tx, about.account) >= most {
        return Err(exceeded(quota, most));
    }
    tx.put(entity);
    Ok(())
}

/// Gives an entity another name and another path, where they are given.
pub fn rename<E: Entity>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    new_name: Option<String>,
    new_path: Option<String>,
) -> Result<(), api::Error> {
    let mut entity = find::<E>(tx, account, name)?.clone();
    if let Some(new_name) = new_name {
        // Another way to write its own name is free.
        if !new_name.eq_ignore_ascii_case(&entity.about().name) {
            free::<E>(tx, account, &new_name)?;
        }
        entity.about_mut().name = new_name;
    }
    if let Some(new_path) = new_path {
        entity.about_mut().path = new_path;
    }
    tx.put(entity);
    Ok(())
}

fn free<E: Entity>(view: &impl View, account: Account, name: &str) -> Result<(), api::Error> {
    match E::by_name(view.table::<E>().indexes()).find(account, name) {
        Some(_) => Err(api::Error::entity_already_exists((E::KIND.exists)(name))),
        None => Ok(()),
    }
}

/// AWS: what every quota's error says.
pub fn exceeded(quota: &str, most: impl std::fmt::Display) -> api::Error {
    api::Error::limit_exceeded(format!("Cannot exceed quota for {quota}: {most}"))
}
