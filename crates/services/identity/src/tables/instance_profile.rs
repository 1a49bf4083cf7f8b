//! An instance profile: what a machine gets a role by.

use berth_control::tables::{Index, Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::{About, ByName, EntityKey, UniqueId};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct InstanceProfile {
    #[n(0)]
    pub about: About,
    /// AWS: one at most.
    #[n(1)]
    pub role: Option<UniqueId>,
}

impl InstanceProfile {
    fn role_key(&self) -> Option<EntityKey> {
        self.role.clone().map(|role| (self.about.account, role))
    }
}

impl Record for InstanceProfile {
    const TABLE: TableId = TableId::new(214, "iam-instance-profiles");
    type Key = EntityKey;
    type Indexes = InstanceProfileIndexes;

    fn key(&self) -> EntityKey {
        self.about.key()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceProfileIndexes {
    pub by_name: ByName,
    pub by_role: Index<EntityKey, EntityKey>,
}

impl Indexes<InstanceProfile> for InstanceProfileIndexes {
    fn insert(&mut self, row: &InstanceProfile) {
        self.by_name.insert(&row.about);
        if let Some(role) = row.role_key() {
            self.by_role.insert(role, row.key());
        }
    }

    fn remove(&mut self, row: &InstanceProfile) {
        self.by_name.remove(&row.about);
        if let Some(role) = row.role_key() {
            self.by_role.remove(&role, &row.key());
        }
    }
}
