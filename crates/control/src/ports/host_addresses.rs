//! Where machines are reached that are known by an instance's id.

use std::net::IpAddr;

use berth_model::Scope;

use crate::cell::Sight;
use crate::tables::Change;

/// Implemented by whoever knows the machines.
pub trait HostAddresses: Send + Sync + 'static {
    /// Where the instance is reached; `None` if nobody knows of it.
    fn find(&self, view: Sight<'_>, scope: &Scope, instance: &str) -> Option<HostAddress>;

    /// Whether a change may be one of addresses: whoever uses them looks again.
    fn concerns(&self, change: &Change) -> bool;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    pub address: IpAddr,
    /// Its availability zone.
    pub zone: String,
}

/// Where nobody knows any machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHosts;

impl HostAddresses for NoHosts {
    fn find(&self, _: Sight<'_>, _: &Scope, _: &str) -> Option<HostAddress> {
        None
    }

    fn concerns(&self, _: &Change) -> bool {
        false
    }
}
