//! Ports of the host for ranges of container ports (`containerPortRange`).
//!
//! A range needs as many ports of the host in a row, and an engine chooses single ones only. So the agent
//! proposes a run of ports, and another one if the engine says that a port of it is taken: only the engine
//! knows for certain. It goes down from the top of the range where the host's dynamic ports are, since
//! engines go up from the bottom.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use berth_runtime::{ContainerSpec, ErrorKind, PortSpec, RuntimeError, Transport, Verb};

/// Ports of a container that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PortRange {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) transport: Transport,
}

impl PortRange {
    /// `FIRST-LAST`; the first below the last.
    pub(crate) fn parse(text: &str, transport: Transport) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
        (1 <= first && first < last).then_some(Self { first, last, transport })
    }

    pub(crate) fn holds(&self, port: u16, transport: Transport) -> bool {
        self.transport == transport && (self.first..=self.last).contains(&port)
    }

    /// The port as far above another as this range's last is above its first.
    pub(crate) fn last_from(&self, first: u16) -> u16 {
        first.saturating_add(self.last - self.first)
    }
}

/// What this agent proposes next.
pub(crate) struct HostPorts {
    within: RangeInclusive<u16>,
    /// Ports that tasks may not have.
    reserved: BTreeMap<Transport, Vec<u16>>,
    /// Where the next run ends at the latest.
    next: Mutex<BTreeMap<Transport, u16>>,
}

impl HostPorts {
    pub(crate) fn new(within: RangeInclusive<u16>, tcp: &[u16], udp: &[u16]) -> Self {
        let reserved = [(Transport::Tcp, tcp.to_vec()), (Transport::Udp, udp.to_vec())].into();
        Self { within, reserved, next: Mutex::default() }
    }

    /// Maps each of the ranges to ports of the host that were not proposed for a while.
    pub(crate) fn map(
        &self,
        spec: &mut ContainerSpec,
        ranges: &[PortRange],
    ) -> Result<(), RuntimeError> {
        for range in ranges {
            let count = range.last - range.first + 1;
            let first = self.propose(count, range.transport).ok_or_else(|| {
                let problem = format!("{count} contiguous host ports are unavailable");
                RuntimeError::new(Verb::Create, ErrorKind::Invalid, problem)
            })?;
            spec.ports.extend((0..count).map(|index| PortSpec {
                container_port: range.first + index,
                host_port: Some(first + index),
                transport: range.transport,
                host_ip: None,
            }));
        }
        Ok(())
    }

    /// The first of so many ports.
    fn propose(&self, count: u16, transport: Transport) -> Option<u16> {
        let (lowest, highest) = (*self.within.start(), *self.within.end());
        let reserved = self.reserved.get(&transport).map_or(&[][..], Vec::as_slice);
        // Nothing panics under the lock.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let next = next.entry(transport).or_insert(highest);
        let below = |mut last: u16| loop {
            let first = last.checked_sub(count - 1).filter(|first| *first >= lowest)?;
            match reserved.iter().filter(|port| (first..=last).contains(port)).min() {
                None => return Some(first),
                Some(port) => last = port.checked_sub(1)?,
            }
        };
        let first = below(*next).or_else(|| below(highest))?;
        *next = first.checked_sub(1).filter(|last| *last >= lowest).unwrap_or(highest);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_down_around_what_is_reserved_and_begin_again_at_the_top() {
        let ports = HostPorts::new(100..=120, &[111], &[]);
        let tcp: Vec<_> = (0..5).map(|_| ports.propose(5, Transport::Tcp)).collect();
        assert_eq!(tcp, [Some(116), Some(106), Some(101), Some(116), Some(106)]);
        assert_eq!(ports.propose(21, Transport::Udp), Some(100), "protocols do not meet");
        assert_eq!(ports.propose(22, Transport::Udp), None);
        assert_eq!(ports.propose(12, Transport::Tcp), None, "no run is that long");
    }

    #[test]
    fn a_range_is_mapped_port_by_port() {
        let ports = HostPorts::new(100..=120, &[], &[]);
        let range = PortRange::parse("80-82", Transport::Udp).unwrap();
        let mut spec = ContainerSpec::new("container", "image");
        ports.map(&mut spec, &[range]).unwrap();
        let mapped: Vec<_> =
            spec.ports.iter().map(|port| (port.container_port, port.host_port)).collect();
        assert_eq!(mapped, [(80, Some(118)), (81, Some(119)), (82, Some(120))]);
        assert_eq!(range.last_from(118), 120);
        let huge = PortRange::parse("1-65535", Transport::Tcp).unwrap();
        let error = ports.map(&mut spec, &[huge]).unwrap_err();
        let reason = "CannotCreateContainerError: 65535 contiguous host ports are unavailable";
        assert_eq!(error.reason(), reason);
    }

    #[test]
    fn what_is_no_range() {
        for text in ["", "80", "80-80", "81-80", "0-80", "80-65536", "a-b"] {
            assert_eq!(PortRange::parse(text, Transport::Tcp), None, "{text}");
        }
    }
}
