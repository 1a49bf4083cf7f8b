//! A target group: what requests are sent to, and how it is found out whether it can take them.

use std::collections::BTreeMap;

use berth_control::tables::{Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::{ElbId, Names, Protocol, ProtocolVersion, TargetType};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TargetGroup {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub id: ElbId,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub created_at: Timestamp,
    #[n(4)]
    pub protocol: Protocol,
    /// Of those that speak HTTP.
    #[n(5)]
    pub version: Option<ProtocolVersion>,
    #[n(6)]
    pub port: u16,
    #[n(7)]
    pub vpc: String,
    #[n(8)]
    pub target_type: TargetType,
    #[n(9)]
    pub is_ipv6: bool,
    #[n(10)]
    pub check: HealthCheck,
    #[n(11)]
    pub tags: Tags,
    #[n(12)]
    pub attributes: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HealthCheck {
    /// HTTP, HTTPS or TCP.
    #[n(0)]
    pub protocol: Protocol,
    /// `None` is the port that the target gets traffic on.
    #[n(1)]
    pub port: Option<u16>,
    /// Of checks by HTTP.
    #[n(2)]
    pub path: Option<String>,
    #[n(3)]
    pub interval: u32,
    #[n(4)]
    pub timeout: u32,
    #[n(5)]
    pub healthy: u32,
    #[n(6)]
    pub unhealthy: u32,
    /// `200-299,301`, or gRPC's codes where that is spoken; of checks by HTTP.
    #[n(7)]
    pub matcher: Option<String>,
}

impl TargetGroup {
    pub fn arn(&self) -> String {
        let Scope { partition, account, region } = &self.scope;
        let (name, id) = (&self.name, self.id);
        format!("arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{id}")
    }
}

impl Record for TargetGroup {
    const TABLE: TableId = TableId::new(263, "target-groups");
    type Key = ElbId;
    type Indexes = TargetGroupIndexes;

    fn key(&self) -> ElbId {
        self.id
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetGroupIndexes {
    pub names: Names,
}

impl Indexes<TargetGroup> for TargetGroupIndexes {
    fn insert(&mut self, row: &TargetGroup) {
        self.names.insert(&row.scope, &row.name, row.id);
    }

    fn remove(&mut self, row: &TargetGroup) {
        self.names.remove(&row.scope, &row.name, row.id);
    }
}
