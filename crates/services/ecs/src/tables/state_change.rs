//! What has happened: one row for each change that is told as an event, kept for a while.
//!
//! A row is what cannot be found elsewhere later: a task as it was, the part of an instance that changes all the
//! time. The event that users see is rendered when it is read (`events/`).

use std::marker::PhantomData;

use berth_control::tables::{DecodeError, Record, TableId};
use berth_model::{
    ClusterId, ContainerInstanceId, ContainerInstanceStatus, ServiceId, TaskSetId, Timestamp,
};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::{Reservation, ServiceEvent, Task};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct StateChange {
    /// Without a gap, in the order in which things happened; for all clusters of all accounts and regions.
    #[n(0)]
    pub sequence: u64,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub cluster: ClusterId,
    #[n(3)]
    pub subject: Subject,
}

/// What changed, as it was right after.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Subject {
    #[n(0)]
    Task(#[n(0)] Frozen<Task>),
    #[n(1)]
    ContainerInstance(#[n(0)] InstanceState),
    /// What a service told, but for what it told of its deployments.
    #[n(2)]
    Service(#[n(0)] Frozen<ServiceEvent>),
    #[n(3)]
    Deployment(#[n(0)] Frozen<ServiceEvent>),
    #[n(4)]
    DeploymentBegun(#[n(0)] BegunDeployment),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BegunDeployment {
    #[n(0)]
    pub service: ServiceId,
    #[n(1)]
    pub number: TaskSetId,
}

/// A row of another table, as it was. It is kept encoded: most are never looked at.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Frozen<R> {
    #[n(0)]
    encoded: ByteVec,
    #[cbor(skip)]
    record: PhantomData<fn() -> R>,
}

impl<R: Record> Frozen<R> {
    pub fn new(record: &R) -> Self {
        let mut encoded = Vec::new();
        record.encode(&mut encoded);
        Self { encoded: encoded.into(), record: PhantomData }
    }

    pub fn thaw(&self) -> Result<R, DecodeError> {
        R::decode(&self.encoded)
    }
}

/// What changes about a container instance; the rest (its attributes above all) is a hundred times as much and
/// hardly ever changes.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct InstanceState {
    #[n(0)]
    pub id: ContainerInstanceId,
    /// As it is shown.
    #[n(1)]
    pub version: u64,
    #[n(2)]
    pub status: ContainerInstanceStatus,
    #[n(3)]
    pub status_reason: Option<String>,
    #[n(4)]
    pub agent_connected: bool,
    /// What its tasks take.
    #[n(5)]
    pub taken: Reservation,
}

impl Record for StateChange {
    const TABLE: TableId = TableId::new(140, "ecs-state-changes");
    type Key = u64;
    type Indexes = ();

    fn key(&self) -> u64 {
        self.sequence
    }

    berth_control::record_codec!();
}

/// How often tasks have changed what is left of an instance: the part of its version that its own row, which is
/// long, does not count.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ResourceChanges {
    #[n(0)]
    pub instance: ContainerInstanceId,
    #[n(1)]
    pub count: u64,
}

impl Record for ResourceChanges {
    const TABLE: TableId = TableId::new(141, "ecs-resource-changes");
    type Key = ContainerInstanceId;
    type Indexes = ();

    fn key(&self) -> ContainerInstanceId {
        self.instance
    }

    berth_control::record_codec!();
}
