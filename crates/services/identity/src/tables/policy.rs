//! A managed policy of the account, in its versions.

use berth_control::tables::{Count, Indexes, Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::{About, Account, ByName, EntityKey, PolicyRef, PolicyText};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Policy {
    #[n(0)]
    pub about: About,
    #[n(1)]
    pub description: Option<String>,
    /// In the order of their numbers.
    #[n(2)]
    pub versions: Vec<PolicyVersion>,
    /// The number of the one that is in force.
    #[n(3)]
    pub default_version: u32,
    /// Numbers are not used again.
    #[n(4)]
    pub next_version: u32,
    #[n(5)]
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct PolicyVersion {
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub document: PolicyText,
    #[n(2)]
    pub created_at: Timestamp,
}

impl Policy {
    pub fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The version that is in force.
    pub fn in_force(&self) -> &PolicyVersion {
        self.version(self.default_version).expect("the default version is never deleted")
    }

    pub fn policy_ref(&self) -> PolicyRef {
        PolicyRef::Customer(self.about.id.clone())
    }
}

impl Record for Policy {
    const TABLE: TableId = TableId::new(213, "iam-policies");
    type Key = EntityKey;
    type Indexes = PolicyIndexes;

    fn key(&self) -> EntityKey {
        self.about.key()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyIndexes {
    pub by_name: ByName,
    /// One for each version.
    pub versions: Count<Account>,
}

impl Indexes<Policy> for PolicyIndexes {
    fn insert(&mut self, row: &Policy) {
        self.by_name.insert(&row.about);
        row.versions.iter().for_each(|_| self.versions.add(row.about.account));
    }

    fn remove(&mut self, row: &Policy) {
        self.by_name.remove(&row.about);
        row.versions.iter().for_each(|_| self.versions.subtract(&row.about.account));
    }
}
