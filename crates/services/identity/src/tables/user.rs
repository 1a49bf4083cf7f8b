//! A user.

use berth_control::tables::{Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::{About, ByName, EntityKey};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct User {
    #[n(0)]
    pub about: About,
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
}

impl Indexes<User> for UserIndexes {
    fn insert(&mut self, row: &User) {
        self.by_name.insert(&row.about);
    }

    fn remove(&mut self, row: &User) {
        self.by_name.remove(&row.about);
    }
}
