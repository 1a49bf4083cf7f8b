//! A name for a key, which can be given to another one.

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Timestamp};
use minicbor::{Decode, Encode};

use super::KeyId;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Alias {
    #[n(0)]
    pub scope: Scope,
    /// With `alias/`.
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub target: KeyId,
    #[n(3)]
    pub created_at: Timestamp,
    #[n(4)]
    pub updated_at: Timestamp,
}

impl Alias {
    pub fn arn(scope: &Scope, name: &str) -> String {
        let Scope { partition, account, region } = scope;
        format!("arn:{partition}:kms:{region}:{account}:{name}")
    }
}

impl Record for Alias {
    const TABLE: TableId = TableId::new(231, "kms-aliases");
    type Key = (Scope, String);
    type Indexes = AliasIndexes;

    fn key(&self) -> (Scope, String) {
        (self.scope.clone(), self.name.clone())
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AliasIndexes {
    pub by_target: Index<(Scope, [u8; 16]), String>,
}

impl Indexes<Alias> for AliasIndexes {
    fn insert(&mut self, row: &Alias) {
        self.by_target.insert((row.scope.clone(), row.target.0), row.name.clone());
    }

    fn remove(&mut self, row: &Alias) {
        self.by_target.remove(&(row.scope.clone(), row.target.0), &row.name);
    }
}
