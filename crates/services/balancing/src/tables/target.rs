//! A target of a group.

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::ElbId;

/// Its group, then its id and port: the same machine can be several targets.
pub type TargetKey = (ElbId, (String, u16));

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Target {
    #[n(0)]
    pub group: ElbId,
    /// An instance's id, an address, or a balancer's ARN.
    #[n(1)]
    pub id: String,
    #[n(2)]
    pub port: u16,
    /// As it was registered: `all`, or a zone's name.
    #[n(3)]
    pub zone: Option<String>,
    #[n(4)]
    pub registered_at: Timestamp,
    /// When it is gone: it gets nothing new until then.
    #[n(5)]
    pub ends_at: Option<Timestamp>,
}

impl Record for Target {
    const TABLE: TableId = TableId::new(264, "targets");
    type Key = TargetKey;
    type Indexes = TargetIndexes;

    fn key(&self) -> TargetKey {
        (self.group, (self.id.clone(), self.port))
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetIndexes {
    /// Those that are being deregistered.
    pub by_end: Index<Timestamp, TargetKey>,
    /// Targets are known by their ids to whoever goes: a balancer that is a target.
    pub by_id: Index<String, TargetKey>,
}

impl Indexes<Target> for TargetIndexes {
    fn insert(&mut self, row: &Target) {
        self.by_id.insert(row.id.clone(), row.key());
        if let Some(at) = row.ends_at {
            self.by_end.insert(at, row.key());
        }
    }

    fn remove(&mut self, row: &Target) {
        self.by_id.remove(&row.id, &row.key());
        if let Some(at) = row.ends_at {
            self.by_end.remove(&at, &row.key());
        }
    }
}
