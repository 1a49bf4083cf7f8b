//! A machine that joined.

use berth_agent_protocol::hosts::HostType;
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::ActivationId;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Host {
    /// `mi-` or `i-` and 17 hex digits.
    #[n(0)]
    pub id: String,
    #[n(1)]
    pub scope: Scope,
    /// Ed25519. Whoever has the private half is this host.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub public_key: [u8; 32],
    #[n(3)]
    pub activation: ActivationId,
    #[n(4)]
    pub iam_role: String,
    #[n(5)]
    pub name: Option<String>,
    #[n(6)]
    pub tags: Tags,
    #[n(7)]
    pub registered_at: Timestamp,
    /// The time in the last request for credentials. Only later ones are taken.
    #[n(8)]
    pub asked_at: Timestamp,
    /// Where that request came from.
    #[n(9)]
    pub address: String,
}

impl Host {
    pub fn host_type(&self) -> HostType {
        HostType::of_id(&self.id)
    }
}

impl Record for Host {
    const TABLE: TableId = TableId::new(201, "hosts");
    type Key = String;
    type Indexes = HostIndexes;

    fn key(&self) -> String {
        self.id.clone()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostIndexes {
    pub by_public_key: Index<[u8; 32], String>,
    pub by_scope: Index<Scope, String>,
}

impl Indexes<Host> for HostIndexes {
    fn insert(&mut self, row: &Host) {
        self.by_public_key.insert(row.public_key, row.id.clone());
        self.by_scope.insert(row.scope.clone(), row.id.clone());
    }

    fn remove(&mut self, row: &Host) {
        self.by_public_key.remove(&row.public_key, &row.id);
        self.by_scope.remove(&row.scope, &row.id);
    }
}
