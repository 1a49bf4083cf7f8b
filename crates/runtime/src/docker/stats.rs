//! What a container has used: read from the kernel where we can, asked of the engine where we cannot.
//!
//! The engine takes a lock, walks cgroups and marshals some kilobytes for each answer; the kernel's few
//! small files cost a fraction of that. They are unreadable if we run inside a container ourselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bollard::models::{ContainerMemoryStats, ContainerNetworkStats, ContainerStatsResponse};
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;

use super::cgroup::Meter;
use super::{DockerRuntime, now};
use crate::{
    BlockStats, ContainerState, ContainerStats, CpuStats, ErrorKind, MemoryBytes, MemoryStats,
    NetworkStats, RuntimeError, RuntimeId, Verb,
};

/// Where the numbers of each running container are.
#[derive(Default)]
pub(super) struct Meters {
    known: Mutex<BTreeMap<RuntimeId, Arc<Meter>>>,
}

impl Meters {
    fn get(&self, id: &RuntimeId) -> Option<Arc<Meter>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Where the numbers of a container in this state are; `None` if it does not run, or they are out of sight.
    pub fn find(&self, id: &RuntimeId, state: &ContainerState) -> Option<Arc<Meter>> {
        let meter = Arc::new(Meter::find(state.pid()?, id, !state.addresses.is_empty())?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id.clone(), Arc::clone(&meter));
        Some(meter)
    }

    pub fn forget(&self, id: &RuntimeId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl DockerRuntime {
    pub(super) async fn read_stats(&self, id: &RuntimeId) -> Result<ContainerStats, RuntimeError> {
        let meters = &self.shared.meters;
        if let Some(meter) = meters.get(id) {
            if let Some(stats) = read(meter).await {
                return Ok(stats);
            }
            // It ended, or began anew in another place.
            meters.forget(id);
        }
        let gone = || {
            RuntimeError::new(
                Verb::Stats,
                ErrorKind::NotFound,
                format!("No such running container: {id}"),
            )
        };
        let state = crate::Runtime::inspect(self, id).await?.ok_or_else(gone)?;
        state.pid().ok_or_else(gone)?;
        if let Some(meter) = meters.find(id, &state) {
            if let Some(stats) = read(meter).await {
                return Ok(stats);
            }
            meters.forget(id);
        }
        self.ask_stats(id).await?.ok_or_else(gone)
    }

    async fn ask_stats(&self, id: &RuntimeId) -> Result<Option<ContainerStats>, RuntimeError> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let answer = self
            .ask(Verb::Stats, self.timeouts().question, |docker| async move {
                docker.stats(id.as_str(), Some(options)).next().await.transpose()
            })
            .await?;
        Ok(answer.map(translate))
    }
}

async fn read(meter: Arc<Meter>) -> Option<ContainerStats> {
    // Files of the kernel's memory do not block for long, but a busy kernel may take a lock for them.
    tokio::task::spawn_blocking(move || meter.read(now())).await.ok()?.ok()
}

fn translate(answer: ContainerStatsResponse) -> ContainerStats {
    let cpu = answer.cpu_stats.unwrap_or_default();
    let nanos = |nanos: Option<u64>| Duration::from_nanos(nanos.unwrap_or(0));
    let blocks =
        answer.blkio_stats.and_then(|stats| stats.io_service_bytes_recursive).unwrap_or_default();
    let transferred = |operation: &str| {
        let of_kind = blocks.iter().filter(|entry| {
            entry.op.as_deref().is_some_and(|op| op.eq_ignore_ascii_case(operation))
        });
        of_kind.filter_map(|entry| entry.value).sum()
    };
    ContainerStats {
        read_at: now(),
        cpu: CpuStats {
            used: nanos(cpu.cpu_usage.and_then(|usage| usage.total_usage)),
            throttled: nanos(cpu.throttling_data.and_then(|throttling| throttling.throttled_time)),
            of_host: nanos(cpu.system_cpu_usage),
        },
        memory: memory(&answer.memory_stats.unwrap_or_default()),
        network: answer
            .networks
            .map(|networks| networks.values().fold(NetworkStats::default(), add_network)),
        block: BlockStats { read_bytes: transferred("read"), written_bytes: transferred("write") },
        pids: answer.pids_stats.and_then(|pids| pids.current).unwrap_or(0),
    }
}

fn memory(stats: &ContainerMemoryStats) -> MemoryStats {
    let detail = |name: &str| stats.stats.as_ref().and_then(|stats| stats.get(name)).copied();
    let bytes = |bytes: Option<u64>| MemoryBytes::from_bytes(bytes.unwrap_or(0));
    // The engine says the host's memory where there is no limit. Version 1's own word for none is unambiguous;
    // version 2 does not pass one on, and a limit as large as the host is none in effect.
    let unlimited = detail("hierarchical_memory_limit").is_some_and(super::cgroup::is_unlimited);
    MemoryStats {
        charged: bytes(stats.usage),
        reclaimable: bytes(detail("total_inactive_file").or_else(|| detail("inactive_file"))),
        limit: stats.limit.filter(|_| !unlimited).map(MemoryBytes::from_bytes),
    }
}

fn add_network(sum: NetworkStats, interface: &ContainerNetworkStats) -> NetworkStats {
    let count = |count: Option<u64>| count.unwrap_or(0);
    NetworkStats {
        received_bytes: sum.received_bytes + count(interface.rx_bytes),
        received_packets: sum.received_packets + count(interface.rx_packets),
        received_errors: sum.received_errors + count(interface.rx_errors),
        received_dropped: sum.received_dropped + count(interface.rx_dropped),
        sent_bytes: sum.sent_bytes + count(interface.tx_bytes),
        sent_packets: sum.sent_packets + count(interface.tx_packets),
        sent_errors: sum.sent_errors + count(interface.tx_errors),
        sent_dropped: sum.sent_dropped + count(interface.tx_dropped),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_engines_answer_gives_the_same_figures() {
        let answer = json!({
            "cpu_stats": { "system_cpu_usage": 9_000_000, "cpu_usage": { "total_usage": 5_000_000 }, "throttling_data": { "throttled_time": 7 } },
            "memory_stats": { "usage": 100, "limit": 500, "stats": { "inactive_file": 30 } },
            "networks": { "eth0": { "rx_bytes": 1, "tx_bytes": 2 }, "eth1": { "rx_bytes": 10 } },
            "blkio_stats": { "io_service_bytes_recursive": [
                { "op": "read", "value": 3 }, { "op": "Read", "value": 4 }, { "op": "write", "value": 5 },
            ] },
            "pids_stats": { "current": 2 },
        });
        let stats = translate(serde_json::from_value(answer).unwrap());
        assert_eq!(stats.cpu.used, Duration::from_millis(5));
        assert_eq!(stats.cpu.of_host, Duration::from_millis(9));
        assert_eq!(stats.memory.used(), MemoryBytes::from_bytes(70));
        assert_eq!(stats.memory.limit, Some(MemoryBytes::from_bytes(500)));
        let network = stats.network.unwrap();
        assert_eq!((network.received_bytes, network.sent_bytes), (11, 2));
        assert_eq!((stats.block.read_bytes, stats.block.written_bytes), (7, 5));
        assert_eq!(stats.pids, 2);
    }

    #[test]
    fn no_limit_is_told_from_a_large_one() {
        let stats = json!({ "usage": 1, "limit": 8_000, "stats": { "hierarchical_memory_limit": 9_223_372_036_854_771_712_u64 } });
        assert_eq!(memory(&serde_json::from_value(stats).unwrap()).limit, None);
    }
}
