//! A trust store: whose certificates clients may show, and which of those were revoked.

use berth_control::tables::{Indexes, Record, TableId};
use berth_model::{Scope, Tags};
use minicbor::{Decode, Encode};

use super::{ElbId, Names};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TrustStore {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub id: ElbId,
    #[n(2)]
    pub name: String,
    /// PEM: what the object had when it was read.
    #[n(3)]
    pub authorities: String,
    #[n(4)]
    pub count: u32,
    #[n(5)]
    pub tags: Tags,
    /// The id of its next revocation list.
    #[n(6)]
    pub next_revocation: u64,
}

/// A list of revoked certificates.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Revocation {
    #[n(0)]
    pub store: ElbId,
    #[n(1)]
    pub id: u64,
    /// PEM.
    #[n(2)]
    pub content: String,
    #[n(3)]
    pub entries: u64,
}

impl TrustStore {
    pub fn arn(&self) -> String {
        let Scope { partition, account, region } = &self.scope;
        let (name, id) = (&self.name, self.id);
        format!("arn:{partition}:elasticloadbalancing:{region}:{account}:truststore/{name}/{id}")
    }
}

impl Record for TrustStore {
    const TABLE: TableId = TableId::new(266, "trust-stores");
    type Key = ElbId;
    type Indexes = TrustStoreIndexes;

    fn key(&self) -> ElbId {
        self.id
    }

    berth_control::record_codec!();
}

impl Record for Revocation {
    const TABLE: TableId = TableId::new(267, "trust-store-revocations");
    type Key = (ElbId, u64);
    type Indexes = ();

    fn key(&self) -> (ElbId, u64) {
        (self.store, self.id)
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrustStoreIndexes {
    pub names: Names,
}

impl Indexes<TrustStore> for TrustStoreIndexes {
    fn insert(&mut self, row: &TrustStore) {
        self.names.insert(&row.scope, &row.name, row.id);
    }

    fn remove(&mut self, row: &TrustStore) {
        self.names.remove(&row.scope, &row.name, row.id);
    }
}
