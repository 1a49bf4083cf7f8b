//! What other services ask: whether a network is there that a request of theirs names.

use berth_control::cell::Snapshot;
use berth_control::ports::{Networks, Subnet, Vpc};
use berth_model::Scope;

use crate::network::Network;
use crate::service::Compute;

impl Networks for Compute {
    fn subnet(&self, _: &Snapshot, scope: &Scope, id: &str) -> Option<Subnet> {
        let found = Network::of(scope).subnets.into_iter().find(|subnet| subnet.id == id)?;
        Some(Subnet { id: found.id, vpc: found.vpc, zone: found.zone.name, network: found.cidr })
    }

    fn vpc(&self, _: &Snapshot, scope: &Scope, id: &str) -> Option<Vpc> {
        let Network { vpc, security_group, .. } = Network::of(scope);
        (vpc.id == id).then_some(Vpc {
            id: vpc.id,
            network: vpc.cidr,
            default_security_group: security_group.id,
        })
    }

    fn security_group(&self, _: &Snapshot, scope: &Scope, id: &str) -> Option<String> {
        let group = Network::of(scope).security_group;
        (group.id == id).then_some(group.vpc)
    }
}
