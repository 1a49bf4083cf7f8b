//! Where container instances are reached, for balancers.

use berth_control::cell::Sight;
use berth_control::ports::{HostAddress, HostAddresses};
use berth_control::tables::{Change, View};
use berth_model::Scope;

use crate::tables::ContainerInstance;

/// They are in the tables of ECS, wherever those are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstanceAddresses;

impl HostAddresses for InstanceAddresses {
    fn find(&self, view: Sight<'_>, scope: &Scope, instance: &str) -> Option<HostAddress> {
        let instances = view.table::<ContainerInstance>();
        let mut on_host = instances.indexes().on_host.get(&instance.to_owned());
        let found =
            on_host.find_map(|id| instances.get(id).filter(|found| found.scope == *scope))?;
        let zone = found.zone().map(str::to_owned);
        Some(HostAddress { address: found.address?, zone: zone.unwrap_or_default() })
    }

    fn concerns(&self, change: &Change) -> bool {
        let reached = |instance: &ContainerInstance| {
            (instance.address, instance.status, instance.ec2_instance_id.clone())
        };
        change
            .of::<ContainerInstance>()
            .is_some_and(|changed| changed.before.map(reached) != changed.after.map(reached))
    }
}
