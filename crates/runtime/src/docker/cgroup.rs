//! A container's figures in the kernel's own files, for version 1 and version 2 of control groups.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use berth_model::Timestamp;

use crate::{
    BlockStats, ContainerStats, CpuStats, MemoryBytes, MemoryStats, NetworkStats, RuntimeId,
};

const MOUNT: &str = "/sys/fs/cgroup";
const HOST_CPU: &str = "/proc/stat";
/// The kernel's unit in [`HOST_CPU`], fixed for programs whatever it counts by itself.
const TICK_MILLIS: u64 = 10;

/// The files of one run of one container. They vanish with it, so what is read is never another's.
#[derive(Debug)]
pub(super) struct Meter {
    groups: Groups,
    /// `/proc/<pid>/net/dev`, if the network is the container's own.
    network: Option<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
enum Groups {
    /// A directory per controller.
    V1(BTreeMap<String, PathBuf>),
    /// One directory for all.
    V2(PathBuf),
}

impl Meter {
    /// `None` if the files are not where this process could see them.
    pub fn find(pid: u32, id: &RuntimeId, own_network: bool) -> Option<Self> {
        let listing = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        // The process may have gone and its number been given away since the engine told it.
        if !listing.contains(id.as_str()) {
            return None;
        }
        let groups = parse_groups(&listing, Path::new(MOUNT))?;
        let network = own_network.then(|| PathBuf::from(format!("/proc/{pid}/net/dev")));
        Some(Self { groups, network })
    }

    pub fn read(&self, read_at: Timestamp) -> io::Result<ContainerStats> {
        let network = self
            .network
            .as_ref()
            .map(fs::read_to_string)
            .transpose()?
            .as_deref()
            .map(parse_network);
        let mut stats = match &self.groups {
            Groups::V1(directories) => read_v1(directories, network, read_at),
            Groups::V2(directory) => read_v2(directory, network, read_at),
        }?;
        stats.cpu.of_host = parse_host_cpu(&fs::read_to_string(HOST_CPU)?);
        Ok(stats)
    }
}

/// Finds the groups in `/proc/<pid>/cgroup`: lines of `number:controllers:path`, number 0 for version 2.
fn parse_groups(listing: &str, mount: &Path) -> Option<Groups> {
    let mut directories = BTreeMap::new();
    let mut unified = None;
    for line in listing.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let path = path.trim_start_matches('/');
        if controllers.is_empty() {
            unified = Some(mount.join(path));
        }
        for controller in controllers.split(',').filter(|controller| !controller.is_empty()) {
            // Controllers mounted together have a directory of all their names, and a link of each.
            directories.insert(controller.to_owned(), mount.join(controller).join(path));
        }
    }
    // A hybrid host has both; what counts is where memory is.
    if directories.contains_key("memory") {
        Some(Groups::V1(directories))
    } else {
        unified.map(Groups::V2)
    }
}

fn read_v1(
    directories: &BTreeMap<String, PathBuf>,
    network: Option<NetworkStats>,
    read_at: Timestamp,
) -> io::Result<ContainerStats> {
    let text = |controller: &str, file: &str| match directories.get(controller) {
        Some(directory) => fs::read_to_string(directory.join(file)),
        None => Err(io::Error::new(io::ErrorKind::NotFound, format!("no {controller} controller"))),
    };
    let number = |controller, file| text(controller, file).and_then(|text| parse_number(&text));
    // Without these two there is nothing to tell; the others are missing on some hosts.
    let used = number("cpuacct", "cpuacct.usage")?;
    let charged = number("memory", "memory.usage_in_bytes")?;
    let limit = number("memory", "memory.limit_in_bytes")?;
    let throttled =
        text("cpu", "cpu.stat").ok().and_then(|text| field(&text, "throttled_time")).unwrap_or(0);
    let reclaimable =
        text("memory", "memory.stat").ok().and_then(|text| field(&text, "total_inactive_file"));
    let blocks = text("blkio", "blkio.throttle.io_service_bytes").unwrap_or_default();
    Ok(ContainerStats {
        read_at,
        cpu: CpuStats {
            used: Duration::from_nanos(used),
            throttled: Duration::from_nanos(throttled),
            ..CpuStats::default()
        },
        memory: MemoryStats {
            charged: MemoryBytes::from_bytes(charged),
            reclaimable: MemoryBytes::from_bytes(reclaimable.unwrap_or(0)),
            limit: (!is_unlimited(limit)).then_some(MemoryBytes::from_bytes(limit)),
        },
        network,
        block: BlockStats {
            read_bytes: blocks_v1(&blocks, "Read"),
            written_bytes: blocks_v1(&blocks, "Write"),
        },
        pids: number("pids", "pids.current").unwrap_or(0),
    })
}

fn read_v2(
    directory: &Path,
    network: Option<NetworkStats>,
    read_at: Timestamp,
) -> io::Result<ContainerStats> {
    let text = |file: &str| fs::read_to_string(directory.join(file));
    let cpu = text("cpu.stat")?;
    let charged = parse_number(&text("memory.current")?)?;
    let limit = text("memory.max")?;
    let reclaimable =
        text("memory.stat").ok().and_then(|text| field(&text, "inactive_file")).unwrap_or(0);
    let blocks = text("io.stat").unwrap_or_default();
    let micros = |name| Duration::from_micros(field(&cpu, name).unwrap_or(0));
    Ok(ContainerStats {
        read_at,
        cpu: CpuStats {
            used: micros("usage_usec"),
            throttled: micros("throttled_usec"),
            ..CpuStats::default()
        },
        memory: MemoryStats {
            charged: MemoryBytes::from_bytes(charged),
            reclaimable: MemoryBytes::from_bytes(reclaimable),
            // `max` is no number, and no limit.
            limit: parse_number(&limit).ok().map(MemoryBytes::from_bytes),
        },
        network,
        block: BlockStats {
            read_bytes: blocks_v2(&blocks, "rbytes="),
            written_bytes: blocks_v2(&blocks, "wbytes="),
        },
        pids: text("pids.current").and_then(|text| parse_number(&text)).unwrap_or(0),
    })
}

/// The first line: `cpu`, then ticks by what they were spent on. The ninth and tenth, time given to guests, are
/// part of others.
fn parse_host_cpu(text: &str) -> Duration {
    let ticks = text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    let sum: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(sum.saturating_mul(TICK_MILLIS))
}

/// Version 1 says "no limit" as the largest number of pages there is, in bytes.
pub(super) fn is_unlimited(limit: u64) -> bool {
    limit > i64::MAX as u64 / 2
}

fn parse_number(text: &str) -> io::Result<u64> {
    text.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The value in a file of `name value` lines.
fn field(text: &str, name: &str) -> Option<u64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
    text.lines().find_map(value)
}

/// Lines of `major:minor operation bytes`.
fn blocks_v1(text: &str, operation: &str) -> u64 {
    let bytes = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        (words.next()? == operation).then(|| words.next()?.parse::<u64>().ok())?
    };
    text.lines().filter_map(bytes).sum()
}

/// Lines of `major:minor rbytes=… wbytes=… …`.
fn blocks_v2(text: &str, prefix: &str) -> u64 {
    text.split_whitespace().filter_map(|word| word.strip_prefix(prefix)?.parse::<u64>().ok()).sum()
}

/// `/proc/<pid>/net/dev`: two lines of headings, then per interface eight counters of each direction.
fn parse_network(text: &str) -> NetworkStats {
    let mut sum = NetworkStats::default();
    for line in text.lines().skip(2) {
        let Some((interface, counters)) = line.split_once(':') else { continue };
        if interface.trim() == "lo" {
            continue;
        }
        let counters: Vec<u64> =
            counters.split_whitespace().map(|word| word.parse().unwrap_or(0)).collect();
        if let [
            rx_bytes,
            rx_packets,
            rx_errors,
            rx_dropped,
            _,
            _,
            _,
            _,
            tx_bytes,
            tx_packets,
            tx_errors,
            tx_dropped,
            ..,
        ] = counters[..]
        {
            sum.received_bytes += rx_bytes;
            sum.received_packets += rx_packets;
            sum.received_errors += rx_errors;
            sum.received_dropped += rx_dropped;
            sum.sent_bytes += tx_bytes;
            sum.sent_packets += tx_packets;
            sum.sent_errors += tx_errors;
            sum.sent_dropped += tx_dropped;
        }
    }
    sum
}

#[cfg(test)]
mod tests;
