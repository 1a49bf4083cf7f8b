//! A user, with the groups that it is in.

use std::collections::BTreeSet;

use berth_control::tables::{Index, Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::{About, ByName, ByPolicy, EntityKey, Permissions, UniqueId};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct User {
    #[n(0)]
    pub about: About,
    #[n(1)]
    pub permissions: Permissions,
    /// Their ids.
    #[n(2)]
    pub groups: BTreeSet<UniqueId>,
}

impl Record for User {
    const TABLE: TableId = TableId::new(210, "iam-users");
    type Key = EntityKey;
    type Indexes = UserIndexes;

    fn key(&self) -> EntityKey {
        self.about.key()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserIndexes {
    pub by_name: ByName,
    pub by_policy: ByPolicy,
    /// By the group that they are in.
    pub by_group: Index<EntityKey, EntityKey>,
}

impl Indexes<User> for UserIndexes {
    fn insert(&mut self, row: &User) {
        self.by_name.insert(&row.about);
        self.by_policy.insert(&row.about, &row.permissions);
        for group in &row.groups {
            self.by_group.insert((row.about.account, group.clone()), row.key());
        }
    }

    fn remove(&mut self, row: &User) {
        self.by_name.remove(&row.about);
        self.by_policy.remove(&row.about, &row.permissions);
        for group in &row.groups {
            self.by_group.remove(&(row.about.account, group.clone()), &row.key());
        }
    }
}
