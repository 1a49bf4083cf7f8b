//! What is true of everything that IAM gives a name, a path and an id, and how it is found.
//!
//! The rules of names and paths are the model's, checked before any operation runs.

use berth_aws_api::iam as api;
use berth_control::env::Env;
use berth_control::tables::{Record, View};
use berth_model::{Tags, Timestamp};

use crate::tables::{About, Account, ByName, EntityKey, UniqueId, User};

/// A record of something named.
pub trait Entity: Record<Key = EntityKey> {
    const KIND: Kind;

    fn about(&self) -> &About;

    fn by_name(indexes: &Self::Indexes) -> &ByName;

    fn arn(&self) -> String {
        let about = self.about();
        about.account.arn(&format!("{}/{}", Self::KIND.in_arn, about.full_name()))
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

impl Entity for User {
    const KIND: Kind = Kind {
        id_prefix: "AIDA",
        in_arn: "user",
        quota: ("UsersPerAccount", 5000),
        no_such: |name| format!("The user with name {name} cannot be found."),
        exists: |name| format!("User with name {name} already exists."),
    };

    fn about(&self) -> &About {
        &self.about
    }

    fn by_name(indexes: &Self::Indexes) -> &ByName {
        &indexes.by_name
    }
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

/// Whether there may be one more, by this name.
pub fn room_for<E: Entity>(view: &impl View, about: &About) -> Result<(), api::Error> {
    let by_name = E::by_name(view.table::<E>().indexes());
    if by_name.find(about.account, &about.name).is_some() {
        return Err(api::Error::entity_already_exists((E::KIND.exists)(&about.name)));
    }
    let (quota, most) = E::KIND.quota;
    if by_name.count(about.account) >= most {
        return Err(exceeded(quota, most));
    }
    Ok(())
}

/// AWS: what every quota's error says.
pub fn exceeded(quota: &str, most: impl std::fmt::Display) -> api::Error {
    api::Error::limit_exceeded(format!("Cannot exceed quota for {quota}: {most}"))
}
