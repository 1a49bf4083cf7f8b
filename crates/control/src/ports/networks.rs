//! Networks, subnets and security groups, for services whose requests name them.

use berth_model::Scope;

use crate::cell::Snapshot;

/// Implemented by EC2's service.
pub trait Networks: Send + Sync + 'static {
    fn subnet(&self, view: &Snapshot, scope: &Scope, id: &str) -> Option<Subnet>;

    fn vpc(&self, view: &Snapshot, scope: &Scope, id: &str) -> Option<Vpc>;

    /// The VPC of a security group.
    fn security_group(&self, view: &Snapshot, scope: &Scope, id: &str) -> Option<String>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    pub id: String,
    pub vpc: String,
    /// Such as `us-east-1a`.
    pub zone: String,
    /// In CIDR notation.
    pub network: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    pub id: String,
    /// In CIDR notation.
    pub network: String,
    pub default_security_group: String,
}

/// Where nobody knows any network.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNetworks;

impl Networks for NoNetworks {
    fn subnet(&self, _: &Snapshot, _: &Scope, _: &str) -> Option<Subnet> {
        None
    }

    fn vpc(&self, _: &Snapshot, _: &Scope, _: &str) -> Option<Vpc> {
        None
    }

    fn security_group(&self, _: &Snapshot, _: &Scope, _: &str) -> Option<String> {
        None
    }
}
