//! A load balancer.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::{BalancerKind, ElbId, IpAddressType, Names};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct LoadBalancer {
    #[n(0)]
    pub name: BalancerRef,
    #[n(1)]
    pub created_at: Timestamp,
    #[n(2)]
    pub is_internal: bool,
    #[n(3)]
    pub ip_address_type: IpAddressType,
    #[n(4)]
    pub vpc: String,
    /// By zone.
    #[n(5)]
    pub zones: Vec<Zone>,
    #[n(6)]
    pub security_groups: Vec<String>,
    #[n(7)]
    pub tags: Tags,
    /// Those that were set; all others are as they are at first.
    #[n(8)]
    pub attributes: BTreeMap<String, String>,
    /// Which of the loopback addresses is its own: what no other balancer of the cell has.
    #[n(9)]
    pub place: u16,
    #[n(10)]
    pub capacity: Option<Capacity>,
    #[n(11)]
    pub ipam_pool: Option<String>,
    /// NLB: `on` or `off`, if it was ever said.
    #[n(12)]
    pub enforce_on_private_link: Option<String>,
    /// NLB.
    #[n(13)]
    pub prefix_for_ipv6_source_nat: bool,
    /// Since when a proxy carries it, or has carried it.
    #[n(14)]
    pub carried_at: Option<Timestamp>,
}

/// All that names a balancer, and what its listeners' and rules' names begin with. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BalancerRef {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub kind: BalancerKind,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub id: ElbId,
}

/// Where a balancer is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Zone {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub subnet: String,
}

/// What was asked to be kept ready. Berth keeps nothing ready: it is there to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Capacity {
    /// `None`: nothing (any more).
    #[n(0)]
    pub units: Option<i32>,
    #[n(1)]
    pub changed_at: Timestamp,
    #[n(2)]
    pub decreases: i32,
}

impl BalancerRef {
    /// `app/NAME/ID`: what logs and metrics call it.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.kind.short(), self.name, self.id)
    }
}

impl LoadBalancer {
    pub fn id(&self) -> ElbId {
        self.name.id
    }

    /// `127.64.0.1` and so on: addresses of every machine for itself.
    pub fn address(&self) -> Ipv4Addr {
        let [high, low] = self.place.to_be_bytes();
        Ipv4Addr::new(127, 64, high, low)
    }

    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

impl Record for LoadBalancer {
    const TABLE: TableId = TableId::new(260, "load-balancers");
    type Key = ElbId;
    type Indexes = LoadBalancerIndexes;

    fn key(&self) -> ElbId {
        self.id()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadBalancerIndexes {
    pub names: Names,
    pub by_place: Index<u16, ElbId>,
}

impl Indexes<LoadBalancer> for LoadBalancerIndexes {
    fn insert(&mut self, row: &LoadBalancer) {
        self.names.insert(&row.name.scope, &row.name.name, row.id());
        self.by_place.insert(row.place, row.id());
    }

    fn remove(&mut self, row: &LoadBalancer) {
        self.names.remove(&row.name.scope, &row.name.name, row.id());
        self.by_place.remove(&row.place, &row.id());
    }
}
