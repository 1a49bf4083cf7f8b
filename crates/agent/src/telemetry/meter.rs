//! Reading what containers use, and summing it up until it is published.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_agent_protocol::tcs::{
    CWStatsSet, ContainerMetric, NetworkStatsSet, StorageStatsSet, ULongStatsSet,
};
use berth_runtime::{ContainerStats, ErrorKind, NetworkStats, RuntimeId};

use crate::host::Host;
use crate::task::{About, Snapshot};
use crate::usage::Usage;

#[derive(Default)]
pub(super) struct Meter {
    gauges: BTreeMap<RuntimeId, Gauge>,
}

/// What one container has used since it was last published.
#[derive(Default)]
struct Gauge {
    last: Option<ContainerStats>,
    cpu: CWStatsSet,
    memory: CWStatsSet,
    network: Option<Network>,
    read: ULongStatsSet,
    written: ULongStatsSet,
}

#[derive(Default)]
struct Network {
    rx_bytes_per_second: CWStatsSet,
    tx_bytes_per_second: CWStatsSet,
    rx_bytes: ULongStatsSet,
    rx_dropped: ULongStatsSet,
    rx_errors: ULongStatsSet,
    rx_packets: ULongStatsSet,
    tx_bytes: ULongStatsSet,
    tx_dropped: ULongStatsSet,
    tx_errors: ULongStatsSet,
    tx_packets: ULongStatsSet,
}

const MIB: f64 = 1024.0 * 1024.0;

impl Meter {
    /// Looks at every running container once, and forgets those that are gone.
    ///
    /// `usage` is for those who ask this agent what a container uses; `None` if nobody can.
    pub(super) async fn sample(
        &mut self,
        host: &Host,
        usage: Option<&Usage>,
        tasks: &[(Arc<About>, Snapshot)],
    ) {
        let running: Vec<RuntimeId> = tasks
            .iter()
            .flat_map(|(_, task)| &task.containers)
            .filter(|container| container.is_running)
            .filter_map(|container| container.id.clone())
            .collect();
        let mut kept = BTreeMap::new();
        let mut answers = true;
        for id in running {
            let mut gauge = self.gauges.remove(&id).unwrap_or_default();
            if !answers {
                kept.insert(id, gauge);
                continue;
            }
            match host.runtime.stats(&id).await {
                Ok(stats) => {
                    if let Some(usage) = usage {
                        usage.keep(&id, stats.clone());
                    }
                    gauge.take(stats);
                }
                // An engine that hangs would cost as long again for every other container.
                Err(error)
                    if matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::Timeout(_)) =>
                {
                    tracing::debug!(container = %id, %error, "usage cannot be read");
                    answers = false;
                }
                // It may have ended a moment ago; if the engine is ill, others will say so.
                Err(error) => tracing::debug!(container = %id, %error, "usage cannot be read"),
            }
            kept.insert(id, gauge);
        }
        self.gauges = kept;
        if let Some(usage) = usage {
            usage.retain(|id| self.gauges.contains_key(id));
        }
    }

    /// What is summed up for a container, which begins anew; nothing before two samples were taken.
    pub(super) fn publish(&mut self, name: &str, id: &RuntimeId) -> Option<ContainerMetric> {
        let gauge = self.gauges.get_mut(id)?;
        if gauge.cpu.sample_count == 0 {
            return None;
        }
        let last = gauge.last.take();
        let taken = std::mem::replace(gauge, Gauge { last, ..Gauge::default() });
        Some(ContainerMetric {
            container_name: name.to_owned(),
            cpu_stats_set: Some(taken.cpu),
            memory_stats_set: Some(taken.memory),
            network_stats_set: taken.network.map(Network::into_set).map(Box::new),
            storage_stats_set: Some(Box::new(StorageStatsSet {
                read_size_bytes: Some(taken.read),
                write_size_bytes: Some(taken.written),
            })),
            ..ContainerMetric::default()
        })
    }
}

impl Gauge {
    fn take(&mut self, stats: ContainerStats) {
        let Some(last) = self.last.replace(stats.clone()) else { return };
        let seconds = stats.read_at.since(last.read_at).as_secs_f64();
        if seconds <= 0.0 {
            return;
        }
        // AWS: percent of one vCPU, so that four busy ones are 400.
        let used = stats.cpu.used.saturating_sub(last.cpu.used).as_secs_f64();
        self.cpu.add(100.0 * used / seconds);
        self.memory.add((stats.memory.used().as_bytes() as f64 / MIB).floor());
        self.read.add(stats.block.read_bytes);
        self.written.add(stats.block.written_bytes);
        if let Some(now) = &stats.network {
            self.network.get_or_insert_default().take(now, last.network.as_ref(), seconds);
        }
    }
}

impl Network {
    fn take(&mut self, now: &NetworkStats, last: Option<&NetworkStats>, seconds: f64) {
        if let Some(last) = last {
            let rate = |now: u64, last: u64| now.saturating_sub(last) as f64 / seconds;
            self.rx_bytes_per_second.add(rate(now.received_bytes, last.received_bytes));
            self.tx_bytes_per_second.add(rate(now.sent_bytes, last.sent_bytes));
        }
        self.rx_bytes.add(now.received_bytes);
        self.rx_dropped.add(now.received_dropped);
        self.rx_errors.add(now.received_errors);
        self.rx_packets.add(now.received_packets);
        self.tx_bytes.add(now.sent_bytes);
        self.tx_dropped.add(now.sent_dropped);
        self.tx_errors.add(now.sent_errors);
        self.tx_packets.add(now.sent_packets);
    }

    fn into_set(self) -> NetworkStatsSet {
        NetworkStatsSet {
            rx_bytes_per_second: Some(self.rx_bytes_per_second),
            rx_bytes: Some(self.rx_bytes),
            rx_dropped: Some(self.rx_dropped),
            rx_errors: Some(self.rx_errors),
            rx_packets: Some(self.rx_packets),
            tx_bytes_per_second: Some(self.tx_bytes_per_second),
            tx_bytes: Some(self.tx_bytes),
            tx_dropped: Some(self.tx_dropped),
            tx_errors: Some(self.tx_errors),
            tx_packets: Some(self.tx_packets),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use berth_model::Timestamp;
    use berth_runtime::{BlockStats, CpuStats, MemoryBytes, MemoryStats};

    use super::*;

    fn stats(at_seconds: i64, cpu_seconds: u64, received_bytes: u64) -> ContainerStats {
        ContainerStats {
            read_at: Timestamp::from_millis(at_seconds * 1000),
            cpu: CpuStats { used: Duration::from_secs(cpu_seconds), ..CpuStats::default() },
            memory: MemoryStats {
                charged: MemoryBytes::from_mib(12),
                reclaimable: MemoryBytes::from_mib(2),
                limit: None,
            },
            network: Some(NetworkStats { received_bytes, ..NetworkStats::default() }),
            block: BlockStats::default(),
            pids: 1,
        }
    }

    #[test]
    fn rates_need_two_samples_and_then_begin_anew() {
        let id = RuntimeId::new("a");
        let mut meter = Meter::default();
        meter.gauges.insert(id.clone(), Gauge::default());
        let take = |meter: &mut Meter, stats| meter.gauges.get_mut(&id).unwrap().take(stats);

        take(&mut meter, stats(0, 0, 1_000));
        assert_eq!(meter.publish("web", &id), None);
        take(&mut meter, stats(10, 20, 6_000));
        take(&mut meter, stats(20, 25, 6_000));

        let metric = meter.publish("web", &id).unwrap();
        assert_eq!(
            metric.cpu_stats_set,
            Some(CWStatsSet { min: 50.0, max: 200.0, sample_count: 2, sum: 250.0 })
        );
        assert_eq!(metric.memory_stats_set.unwrap().max, 10.0);
        let network = metric.network_stats_set.unwrap();
        assert_eq!(network.rx_bytes_per_second.unwrap().max, 500.0);
        assert_eq!(network.rx_bytes.unwrap().max, 6_000);

        assert_eq!(meter.publish("web", &id), None);
        take(&mut meter, stats(30, 26, 6_000));
        assert_eq!(meter.publish("web", &id).unwrap().cpu_stats_set.unwrap().sum, 10.0);
    }
}
