//! Sets of ports, small and sorted.

use smallvec::SmallVec;

/// The host ports that a task wants, or that an instance has given away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortSet(SmallVec<[u16; 8]>);

impl PortSet {
    /// Where an agent looks for a host port that a task leaves open.
    ///
    /// AWS: the ephemeral range of the host, which by default begins here.
    pub const DYNAMIC: std::ops::RangeInclusive<u16> = 49153..=65535;

    pub fn contains(&self, port: u16) -> bool {
        self.0.binary_search(&port).is_ok()
    }

    /// Whether the port was not there before.
    pub fn insert(&mut self, port: u16) -> bool {
        match self.0.binary_search(&port) {
            Ok(_) => false,
            Err(index) => {
                self.0.insert(index, port);
                true
            }
        }
    }

    /// Whether the port was there before.
    pub fn remove(&mut self, port: u16) -> bool {
        match self.0.binary_search(&port) {
            Ok(index) => {
                self.0.remove(index);
                true
            }
            Err(_) => false,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lowest port that is in both sets.
    pub fn first_common(&self, other: &PortSet) -> Option<u16> {
        self.iter().find(|&port| other.contains(port))
    }

    /// How many ports of the dynamic range are not in the set.
    pub fn dynamic_ports_outside(&self) -> u32 {
        let taken = self.0.partition_point(|port| port < Self::DYNAMIC.start());
        (Self::DYNAMIC.len() - (self.0.len() - taken)) as u32
    }
}

impl FromIterator<u16> for PortSet {
    fn from_iter<I: IntoIterator<Item = u16>>(ports: I) -> Self {
        let mut sorted: SmallVec<[u16; 8]> = ports.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        PortSet(sorted)
    }
}

impl Extend<u16> for PortSet {
    fn extend<I: IntoIterator<Item = u16>>(&mut self, ports: I) {
        for port in ports {
            self.insert(port);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_has_no_port_twice() {
        let mut ports: PortSet = [443, 80, 443].into_iter().collect();
        assert!(ports.insert(8080) && !ports.insert(80));
        assert!(ports.remove(443) && !ports.remove(443));
        assert_eq!(ports.iter().collect::<Vec<_>>(), [80, 8080]);
        assert_eq!(ports.first_common(&[22, 8080].into_iter().collect()), Some(8080));
        assert_eq!(ports.first_common(&[22].into_iter().collect()), None);
    }

    #[test]
    fn only_dynamic_ports_are_missed_by_dynamic_tasks() {
        let ports: PortSet = [22, 49152, 49153, 65535].into_iter().collect();
        assert_eq!(ports.dynamic_ports_outside(), 16383 - 2);
    }
}
