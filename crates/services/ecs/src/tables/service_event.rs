//! What a service tells its owner, in words: the latest hundred.

use berth_control::tables::{Record, TableId};
use berth_model::{ServiceId, TaskSetId, Timestamp};
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ServiceEvent {
    #[n(0)]
    pub service: ServiceId,
    /// Events of a service count from 1.
    #[n(1)]
    pub number: u64,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub id: [u8; 16],
    #[n(3)]
    pub created_at: Timestamp,
    #[n(4)]
    pub message: String,
    /// What happened, in EventBridge's word: `SERVICE_STEADY_STATE`.
    #[n(5)]
    pub name: String,
    /// How grave it is: `INFO`, `WARN` or `ERROR`.
    #[n(6)]
    pub kind: String,
    /// Which deployment or task set it happened to, if to one.
    #[n(7)]
    pub deployment: Option<TaskSetId>,
    /// What EventBridge is told of that deployment, in its own words.
    #[n(8)]
    pub of_deployment: Option<String>,
}

/// AWS: as many as DescribeServices shows.
pub const KEPT: u64 = 100;

impl Record for ServiceEvent {
    const TABLE: TableId = TableId::new(110, "ecs-service-events");
    type Key = (ServiceId, u64);
    type Indexes = ();

    fn key(&self) -> Self::Key {
        (self.service, self.number)
    }

    berth_control::record_codec!();
}
