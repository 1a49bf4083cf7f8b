//! A role.

use std::time::Duration;

use berth_control::tables::{Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::{About, ByName, ByPolicy, EntityKey, Permissions, PolicyText};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Role {
    #[n(0)]
    pub about: About,
    #[n(1)]
    pub permissions: Permissions,
    /// Who may assume it.
    #[n(2)]
    pub trust: PolicyText,
    #[n(3)]
    pub description: Option<String>,
    /// The longest session that may be asked for.
    #[n(4)]
    pub max_session_seconds: u32,
    /// The service whose own role it is, such as `ecs.amazonaws.com`. Only that service may change it.
    #[n(5)]
    pub linked_to: Option<String>,
}

impl Role {
    pub fn max_session(&self) -> Duration {
        Duration::from_secs(self.max_session_seconds.into())
    }
}

impl Record for Role {
    const TABLE: TableId = TableId::new(212, "iam-roles");
    type Key = EntityKey;
    type Indexes = RoleIndexes;

    fn key(&self) -> EntityKey {
        self.about.key()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleIndexes {
    pub by_name: ByName,
    pub by_policy: ByPolicy,
}

impl Indexes<Role> for RoleIndexes {
    fn insert(&mut self, row: &Role) {
        self.by_name.insert(&row.about);
        self.by_policy.insert(&row.about, &row.permissions);
    }

    fn remove(&mut self, row: &Role) {
        self.by_name.remove(&row.about);
        self.by_policy.remove(&row.about, &row.permissions);
    }
}
