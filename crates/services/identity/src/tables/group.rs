//! A group. Who is in it is in the users' rows.

use berth_control::tables::{Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::{About, ByName, ByPolicy, EntityKey, Permissions};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Group {
    #[n(0)]
    pub about: About,
    #[n(1)]
    pub permissions: Permissions,
}

impl Record for Group {
    const TABLE: TableId = TableId::new(211, "iam-groups");
    type Key = EntityKey;
    type Indexes = GroupIndexes;

    fn key(&self) -> EntityKey {
        self.about.key()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupIndexes {
    pub by_name: ByName,
    pub by_policy: ByPolicy,
}

impl Indexes<Group> for GroupIndexes {
    fn insert(&mut self, row: &Group) {
        self.by_name.insert(&row.about);
        self.by_policy.insert(&row.about, &row.permissions);
    }

    fn remove(&mut self, row: &Group) {
        self.by_name.remove(&row.about);
        self.by_policy.remove(&row.about, &row.permissions);
    }
}
