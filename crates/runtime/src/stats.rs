//! What a container has used. Counters count from its start and never fall while it runs.

use std::time::Duration;

use berth_model::Timestamp;

use crate::MemoryBytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerStats {
    pub read_at: Timestamp,
    pub cpu: CpuStats,
    pub memory: MemoryStats,
    /// `None` if the container has no network of its own (host and none).
    pub network: Option<NetworkStats>,
    pub block: BlockStats,
    pub pids: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuStats {
    /// Processor time used, over all processors.
    pub used: Duration,
    pub throttled: Duration,
    /// Processor time that the host has had since it was started, over all processors, idle or not.
    pub of_host: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// What the kernel charges, page cache included.
    pub charged: MemoryBytes,
    /// The part of it that is file cache and could be given back at once. `charged - reclaimable` is
    /// what `docker stats` and ECS show as used.
    pub reclaimable: MemoryBytes,
    /// `None` if there is no limit.
    pub limit: Option<MemoryBytes>,
}

impl MemoryStats {
    pub fn used(&self) -> MemoryBytes {
        MemoryBytes::from_bytes(self.charged.as_bytes().saturating_sub(self.reclaimable.as_bytes()))
    }
}

/// Sums over the container's interfaces, loopback excepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkStats {
    pub received_bytes: u64,
    pub received_packets: u64,
    pub received_errors: u64,
    pub received_dropped: u64,
    pub sent_bytes: u64,
    pub sent_packets: u64,
    pub sent_errors: u64,
    pub sent_dropped: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockStats {
    pub read_bytes: u64,
    pub written_bytes: u64,
}
