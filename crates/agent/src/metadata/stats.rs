//! What a container uses, in the shape of Docker's own answer, with ECS's rates beside it.

use berth_runtime::{ContainerStats, NetworkStats, RuntimeId};
use serde_json::{Value, json};

use super::Machine;
use super::question::Version;
use crate::usage::Reading;

/// AWS: a container whose figures cannot be read is there with nothing in it.
pub(super) fn nothing(version: Version) -> Value {
    match version {
        Version::V4 => json!({}),
        Version::V2 | Version::V3 => Value::Null,
    }
}

/// DEVIATES: what the kernel's groups do not tell for a container as a whole is left out: figures of each
/// processor, of user and kernel mode, and of each block device; all its interfaces are one, `eth0`.
pub(super) fn document(
    version: Version,
    name: &str,
    id: &RuntimeId,
    reading: &Reading,
    machine: Machine,
) -> Value {
    let (now, before) = (&*reading.now, reading.before.as_deref());
    let mut document = json!({
        "id": id.as_str(),
        "name": format!("/{name}"),
        "read": now.read_at.to_string(),
        // Docker's own way to say that there was nothing before.
        "preread": before.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |it| it.read_at.to_string()),
        "num_procs": 0,
        "pids_stats": { "current": now.pids },
        "blkio_stats": {
            "io_service_bytes_recursive": [
                { "major": 0, "minor": 0, "op": "Read", "value": now.block.read_bytes },
                { "major": 0, "minor": 0, "op": "Write", "value": now.block.written_bytes },
            ],
        },
        "storage_stats": {},
        "cpu_stats": cpu(now, machine.cpus),
        "precpu_stats": before.map_or_else(no_cpu, |before| cpu(before, machine.cpus)),
        "memory_stats": memory(now, machine),
    });
    let fields = document.as_object_mut().expect("it was made as an object");
    if let Some(network) = &now.network {
        fields.insert("networks".to_owned(), json!({ "eth0": interface(network) }));
    }
    if version == Version::V4
        && let Some(rates) = rates(now, before)
    {
        fields.insert("network_rate_stats".to_owned(), rates);
    }
    document
}

fn cpu(stats: &ContainerStats, cpus: u32) -> Value {
    json!({
        "cpu_usage": { "total_usage": nanos(stats.cpu.used) },
        "system_cpu_usage": nanos(stats.cpu.of_host),
        "online_cpus": cpus,
        "throttling_data": { "throttled_time": nanos(stats.cpu.throttled) },
    })
}

fn no_cpu() -> Value {
    json!({ "cpu_usage": { "total_usage": 0 }, "throttling_data": { "throttled_time": 0 } })
}

/// AWS: where there is no limit, all that the host has is one.
fn memory(stats: &ContainerStats, machine: Machine) -> Value {
    let memory = &stats.memory;
    let reclaimable = memory.reclaimable.as_bytes();
    json!({
        "usage": memory.charged.as_bytes(),
        "limit": memory.limit.map_or(machine.memory_bytes, |limit| limit.as_bytes()),
        "stats": { "inactive_file": reclaimable, "total_inactive_file": reclaimable },
    })
}

fn interface(network: &NetworkStats) -> Value {
    json!({
        "rx_bytes": network.received_bytes,
        "rx_packets": network.received_packets,
        "rx_errors": network.received_errors,
        "rx_dropped": network.received_dropped,
        "tx_bytes": network.sent_bytes,
        "tx_packets": network.sent_packets,
        "tx_errors": network.sent_errors,
        "tx_dropped": network.sent_dropped,
    })
}

/// Bytes a second between the two readings; nothing if there is only one, or no time between them.
fn rates(now: &ContainerStats, before: Option<&ContainerStats>) -> Option<Value> {
    let before = before?;
    let seconds = now.read_at.since(before.read_at).as_secs_f64();
    let (new, old) = (now.network.as_ref()?, before.network.as_ref()?);
    let rate = |new: u64, old: u64| new.saturating_sub(old) as f64 / seconds;
    (seconds > 0.0).then(|| {
        json!({
            "rx_bytes_per_sec": rate(new.received_bytes, old.received_bytes),
            "tx_bytes_per_sec": rate(new.sent_bytes, old.sent_bytes),
        })
    })
}

fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
