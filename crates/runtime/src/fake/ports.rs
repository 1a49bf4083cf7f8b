//! Which of the host's ports are taken, and by whom.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::{PortBinding, PortSpec, RuntimeId, Transport};

/// Where Docker's own dynamic ports begin.
const FIRST_DYNAMIC: u16 = 49153;

#[derive(Debug)]
pub(super) struct Ports {
    taken: BTreeMap<(Transport, u16), Holder>,
    next: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Container(RuntimeId),
    /// Some program of the host that is none of ours.
    Stranger,
}

impl Default for Ports {
    fn default() -> Self {
        Self { taken: BTreeMap::new(), next: FIRST_DYNAMIC }
    }
}

impl Ports {
    pub fn occupy(&mut self, transport: Transport, port: u16) {
        self.taken.insert((transport, port), Holder::Stranger);
    }

    pub fn vacate(&mut self, transport: Transport, port: u16) {
        if self.taken.get(&(transport, port)) == Some(&Holder::Stranger) {
            self.taken.remove(&(transport, port));
        }
    }

    /// Takes all of the ports or none; the error is the address that could not be had.
    pub fn bind(&mut self, id: &RuntimeId, specs: &[PortSpec]) -> Result<Vec<PortBinding>, String> {
        let mut bindings = Vec::new();
        // Fixed ports first: a dynamic one must not take what a fixed one of the same container wants.
        let mut ordered: Vec<&PortSpec> = specs.iter().collect();
        ordered.sort_by_key(|spec| spec.host_port.is_none());
        for spec in ordered {
            let host_ip = spec.host_ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
            let port = match spec.host_port {
                Some(port) if self.taken.contains_key(&(spec.transport, port)) => None,
                Some(port) => Some(port),
                None => self.choose(spec.transport),
            };
            let Some(port) = port else {
                self.release(id);
                return Err(format!("{host_ip}:{}", spec.host_port.unwrap_or(0)));
            };
            self.taken.insert((spec.transport, port), Holder::Container(id.clone()));
            bindings.push(PortBinding {
                container_port: spec.container_port,
                host_port: port,
                transport: spec.transport,
                host_ip,
            });
        }
        bindings.sort();
        Ok(bindings)
    }

    pub fn release(&mut self, id: &RuntimeId) {
        self.taken.retain(|_, holder| *holder != Holder::Container(id.clone()));
    }

    fn choose(&mut self, transport: Transport) -> Option<u16> {
        for _ in FIRST_DYNAMIC..=u16::MAX {
            let port = self.next;
            self.next = self.next.checked_add(1).unwrap_or(FIRST_DYNAMIC);
            if !self.taken.contains_key(&(transport, port)) {
                return Some(port);
            }
        }
        None
    }
}
