//! A secret: all of it but the values of its versions.

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::{PolicyText, SecretRotation, Stages};

pub type SecretKey = (Scope, String);

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Secret {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub name: String,
    /// Six characters by chance that end its ARN, so that a policy about it is not about one that is made again by the
    /// same name.
    #[n(2)]
    pub suffix: String,
    #[n(3)]
    pub description: Option<String>,
    /// The KMS key as the request named it; `None` for the account's own, `aws/secretsmanager`.
    #[n(4)]
    pub kms_key: Option<String>,
    #[n(5)]
    pub tags: Tags,
    #[n(6)]
    pub created_at: Timestamp,
    #[n(7)]
    pub changed_at: Timestamp,
    /// The day when a value was last read.
    #[n(8)]
    pub accessed_on: Option<Timestamp>,
    /// When it is to be gone for good; until then it can be restored, and not be read.
    #[n(9)]
    pub deletes_at: Option<Timestamp>,
    #[n(10)]
    pub stages: Stages,
    #[n(11)]
    pub policy: Option<PolicyText>,
    /// `None`: nobody has ever set it up.
    #[n(12)]
    pub rotation: Option<SecretRotation>,
}

impl Secret {
    pub fn arn(&self) -> String {
        let Scope { partition, account, region } = &self.scope;
        let (name, suffix) = (&self.name, &self.suffix);
        format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{suffix}")
    }
}

impl Secret {
    /// When it is to be rotated next. One that is to be deleted is not.
    pub fn rotates_at(&self) -> Option<Timestamp> {
        let rotation = self.rotation.as_ref().filter(|rotation| rotation.enabled)?;
        rotation.due_at.filter(|_| self.deletes_at.is_none())
    }
}

impl Record for Secret {
    const TABLE: TableId = TableId::new(240, "secrets");
    type Key = SecretKey;
    type Indexes = SecretIndexes;

    fn key(&self) -> SecretKey {
        (self.scope.clone(), self.name.clone())
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretIndexes {
    /// Those that are to be deleted.
    pub by_deletion: Index<Timestamp, SecretKey>,
    /// Those that are to be rotated.
    pub by_rotation: Index<Timestamp, SecretKey>,
}

impl Indexes<Secret> for SecretIndexes {
    fn insert(&mut self, row: &Secret) {
        if let Some(at) = row.deletes_at {
            self.by_deletion.insert(at, row.key());
        }
        if let Some(at) = row.rotates_at() {
            self.by_rotation.insert(at, row.key());
        }
    }

    fn remove(&mut self, row: &Secret) {
        if let Some(at) = row.deletes_at {
            self.by_deletion.remove(&at, &row.key());
        }
        if let Some(at) = row.rotates_at() {
            self.by_rotation.remove(&at, &row.key());
        }
    }
}

#[cfg(test)]
mod tests;
