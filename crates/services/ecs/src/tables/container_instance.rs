//! A container instance: one host's registration, as its agent made it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use berth_aws_api::ecs as api;
use berth_control::tables::{Count, Index, Indexes, Record, TableId};
use berth_model::{
    ClusterId, ContainerInstanceId, ContainerInstanceStatus, CpuUnits, MemoryMib, Scope, Tags,
    Timestamp,
};
use imbl::OrdMap;
use minicbor::{Decode, Encode};

use super::{Attributes, Stored};

const ZONE: &str = berth_scheduler::Attributes::AVAILABILITY_ZONE;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ContainerInstance {
    #[n(0)]
    pub id: ContainerInstanceId,
    #[n(1)]
    pub cluster: ClusterId,
    #[n(2)]
    pub scope: Scope,
    #[n(3)]
    pub status: ContainerInstanceStatus,
    #[n(4)]
    pub status_reason: Option<String>,
    #[n(5)]
    pub agent_connected: bool,
    /// Counts changes a user can see, from 1; `DescribeContainerInstances` shows it.
    #[n(6)]
    pub version: u64,
    #[n(7)]
    pub registered_at: Timestamp,
    #[n(8)]
    pub registered: RegisteredResources,
    #[n(9)]
    pub agent: AgentVersion,
    /// The platform's, the agent's and the user's, by name.
    #[n(10)]
    pub attributes: Attributes,
    #[n(11)]
    pub ec2_instance_id: Option<String>,
    #[n(12)]
    pub capacity_provider: Option<String>,
    #[n(13)]
    pub tags: Tags,
    /// `false`: registered while the account had `containerInstanceLongArnFormat` disabled.
    #[n(14)]
    pub long_arn: bool,
    /// The last sequence number sent over ACS; payloads and manifests share it.
    #[n(15)]
    pub sequence: u64,
    #[n(16)]
    pub health: Option<Stored<api::ContainerInstanceHealthStatus>>,
    /// When the agent's connection opened or closed.
    #[n(17)]
    pub connection_changed_at: Option<Timestamp>,
    /// The credentials that registered it: only they may speak for it.
    #[n(18)]
    pub registered_by: String,
    #[n(19)]
    pub deregistered_at: Option<Timestamp>,
    /// Where its agent registered it from: balancers reach its tasks there.
    #[n(20)]
    pub address: Option<IpAddr>,
}

/// What the agent offered at registration (`totalResources`).
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct RegisteredResources {
    #[n(0)]
    pub cpu: CpuUnits,
    #[n(1)]
    pub memory: MemoryMib,
    /// Host ports that tasks may not have: ssh's, Docker's, the agent's.
    #[n(2)]
    pub reserved_tcp: BTreeSet<u16>,
    #[n(3)]
    pub reserved_udp: BTreeSet<u16>,
    #[n(4)]
    pub gpus: Vec<String>,
    /// AWS Neuron devices and their cores: told and shown. Only Managed Instances give them to tasks.
    #[n(5)]
    #[cbor(default)]
    pub neuron_cores: Vec<String>,
    #[n(6)]
    #[cbor(default)]
    pub neuron_devices: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct AgentVersion {
    #[n(0)]
    pub agent_version: String,
    #[n(1)]
    pub agent_hash: String,
    #[n(2)]
    pub docker_version: String,
}

impl ContainerInstance {
    /// `None` for one that is deregistered, or whose host has no name.
    fn host_in_service(&self) -> Option<&str> {
        let is_registered = self.status != ContainerInstanceStatus::Inactive;
        self.ec2_instance_id.as_deref().filter(|_| is_registered)
    }
}

impl ContainerInstance {
    /// The availability zone that its host says it is in.
    pub fn zone(&self) -> Option<&str> {
        self.attributes.get(ZONE)?.value.as_deref()
    }

    fn zone_in_service(&self) -> Option<&str> {
        self.zone().filter(|_| self.status == ContainerInstanceStatus::Active)
    }
}

impl Record for ContainerInstance {
    const TABLE: TableId = TableId::new(103, "ecs-container-instances");
    type Key = ContainerInstanceId;
    type Indexes = ContainerInstanceIndexes;

    fn key(&self) -> ContainerInstanceId {
        self.id
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerInstanceIndexes {
    pub by_cluster: Index<ClusterId, ContainerInstanceId>,
    /// How many are not INACTIVE: what the limit counts.
    pub registered: Count<ClusterId>,
    /// Those in service, by the host that they are on: an agent that forgot its ARN is found again.
    pub by_host: Index<(ClusterId, String), ContainerInstanceId>,
    /// The same in whatever cluster: a target is known by its host alone.
    pub on_host: Index<String, ContainerInstanceId>,
    /// How many of each availability zone are ACTIVE.
    zones: OrdMap<ClusterId, Count<String>>,
    /// Deregistered ones in the order in which they may be forgotten.
    pub by_deregistered_at: Index<Timestamp, ContainerInstanceId>,
}

impl ContainerInstanceIndexes {
    /// The availability zones that the cluster's ACTIVE instances are in.
    pub fn zones(&self, cluster: ClusterId) -> impl Iterator<Item = &str> {
        let zones = self.zones.get(&cluster);
        zones.into_iter().flat_map(Count::iter).map(|(zone, _)| zone.as_str())
    }
}

impl Indexes<ContainerInstance> for ContainerInstanceIndexes {
    fn insert(&mut self, row: &ContainerInstance) {
        self.by_cluster.insert(row.cluster, row.id);
        if row.status != ContainerInstanceStatus::Inactive {
            self.registered.add(row.cluster);
        }
        if let Some(zone) = row.zone_in_service() {
            self.zones.entry(row.cluster).or_default().add(zone.to_owned());
        }
        if let Some(host) = row.host_in_service() {
            self.by_host.insert((row.cluster, host.to_owned()), row.id);
            self.on_host.insert(host.to_owned(), row.id);
        }
        if let Some(deregistered_at) = row.deregistered_at {
            self.by_deregistered_at.insert(deregistered_at, row.id);
        }
    }

    fn remove(&mut self, row: &ContainerInstance) {
        self.by_cluster.remove(&row.cluster, &row.id);
        if row.status != ContainerInstanceStatus::Inactive {
            self.registered.subtract(&row.cluster);
        }
        if let Some(zone) = row.zone_in_service()
            && let Some(zones) = self.zones.get_mut(&row.cluster)
        {
            zones.subtract(&zone.to_owned());
            if zones.iter().next().is_none() {
                self.zones.remove(&row.cluster);
            }
        }
        if let Some(host) = row.host_in_service() {
            self.by_host.remove(&(row.cluster, host.to_owned()), &row.id);
            self.on_host.remove(&host.to_owned(), &row.id);
        }
        if let Some(deregistered_at) = row.deregistered_at {
            self.by_deregistered_at.remove(&deregistered_at, &row.id);
        }
    }
}
