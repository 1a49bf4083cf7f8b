//! What proxies have found out about a target: apart from the target, since it is another's to write.

use berth_control::tables::{Record, TableId};
use berth_proxy_protocol as proxy;
use minicbor::{Decode, Encode};

use super::{ElbId, TargetKey};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TargetHealth {
    #[n(0)]
    pub group: ElbId,
    #[n(1)]
    pub id: String,
    #[n(2)]
    pub port: u16,
    #[n(3)]
    pub health: Health,
}

/// One finding, ordered by how much it says for the target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Health {
    #[n(0)]
    pub state: HealthState,
    /// ELB's code.
    #[n(1)]
    pub reason: Option<String>,
    #[n(2)]
    pub description: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum HealthState {
    #[n(0)]
    Initial,
    #[n(1)]
    Unhealthy,
    #[n(2)]
    Healthy,
}

impl From<proxy::HealthState> for HealthState {
    fn from(state: proxy::HealthState) -> Self {
        match state {
            proxy::HealthState::Initial => HealthState::Initial,
            proxy::HealthState::Unhealthy => HealthState::Unhealthy,
            proxy::HealthState::Healthy => HealthState::Healthy,
        }
    }
}

impl Record for TargetHealth {
    const TABLE: TableId = TableId::new(265, "target-health");
    type Key = TargetKey;
    type Indexes = ();

    fn key(&self) -> TargetKey {
        (self.group, (self.id.clone(), self.port))
    }

    berth_control::record_codec!();
}
