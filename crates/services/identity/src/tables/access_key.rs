//! A user's access key.

use berth_control::sealing::{Purpose, Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::{Account, EntityKey, UniqueId};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct AccessKey {
    /// `AKIA` and 16 letters.
    #[n(0)]
    pub id: String,
    #[n(1)]
    pub account: Account,
    #[n(2)]
    pub user: UniqueId,
    /// An inactive key proves nothing.
    #[n(3)]
    pub is_active: bool,
    #[n(4)]
    pub created_at: Timestamp,
    /// Told once; see [`purpose`](Self::purpose).
    #[n(5)]
    pub secret: Sealed,
}

impl AccessKey {
    /// What the secret of this key is sealed for.
    pub fn purpose(id: &str) -> Purpose<'_> {
        Purpose { kind: "iam.access-key", of: id.as_bytes() }
    }

    pub fn user_key(&self) -> EntityKey {
        (self.account, self.user.clone())
    }
}

impl Record for AccessKey {
    const TABLE: TableId = TableId::new(215, "iam-access-keys");
    type Key = String;
    type Indexes = AccessKeyIndexes;

    fn key(&self) -> String {
        self.id.clone()
    }

    berth_control::record_codec!();
}

impl Seals for AccessKey {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.secret)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        sealer.seal_anew(Self::purpose(&self.id), &mut self.secret)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessKeyIndexes {
    pub by_user: Index<EntityKey, String>,
}

impl Indexes<AccessKey> for AccessKeyIndexes {
    fn insert(&mut self, row: &AccessKey) {
        self.by_user.insert(row.user_key(), row.id.clone());
    }

    fn remove(&mut self, row: &AccessKey) {
        self.by_user.remove(&row.user_key(), &row.id);
    }
}
