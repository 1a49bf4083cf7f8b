//! What this machine has for containers that no engine tells of: NVIDIA's GPUs, and its dynamic ports.
//!
//! Read from where drivers and the kernel tell of them. What cannot be read is not there.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

const DRIVER: &str = "/proc/driver/nvidia";
const LOCAL_PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// UUIDs, in the order of the driver.
    pub gpus: Vec<String>,
    pub gpu_driver: Option<String>,
    /// Where the kernel takes ports from that nobody named.
    pub dynamic_ports: Option<RangeInclusive<u16>>,
}

impl Machine {
    pub fn look() -> Self {
        let ports = fs::read_to_string(LOCAL_PORTS).ok();
        let driver = Path::new(DRIVER);
        let mut machine =
            Self { dynamic_ports: ports.as_deref().and_then(port_range), ..Self::default() };
        if driver.is_dir() {
            machine.gpu_driver =
                fs::read_to_string(driver.join("version")).ok().as_deref().and_then(driver_version);
            machine.gpus = gpus(driver).or_else(ask_nvidia_smi).unwrap_or_default();
            tracing::info!(gpus = ?machine.gpus, driver = ?machine.gpu_driver, "this host has GPUs");
        }
        machine
    }
}

/// `None` if the driver does not tell them all.
fn gpus(driver: &Path) -> Option<Vec<String>> {
    let mut folders: Vec<_> = fs::read_dir(driver.join("gpus"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    // By their place on the bus, as the driver counts them.
    folders.sort();
    let told = folders.iter().map(|folder| {
        fs::read_to_string(folder.join("information")).ok().as_deref().and_then(uuid_of)
    });
    told.collect::<Option<Vec<_>>>().filter(|gpus| !gpus.is_empty())
}

/// A driver that has just been loaded tells UUIDs by its own tool only.
fn ask_nvidia_smi() -> Option<Vec<String>> {
    let output = Command::new("nvidia-smi").arg("-L").output().ok()?;
    output.status.success().then(|| listed(&String::from_utf8_lossy(&output.stdout)))
}

/// `GPU UUID:        GPU-…`
fn uuid_of(information: &str) -> Option<String> {
    let line = information.lines().find_map(|line| line.strip_prefix("GPU UUID:"))?;
    let uuid = line.trim();
    (!uuid.is_empty() && !uuid.contains('?')).then(|| uuid.to_owned())
}

/// `GPU 0: Tesla T4 (UUID: GPU-…)`
fn listed(list: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let (_, rest) = line.strip_prefix("GPU ")?.split_once("(UUID: ")?;
        Some(rest.split_once(')')?.0.to_owned())
    };
    list.lines().filter_map(of_line).collect()
}

/// `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 …`
fn driver_version(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("NVRM version:"))?;
    let is_version = |word: &&str| {
        word.contains('.') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    line.split_whitespace().find(is_version).map(str::to_owned)
}

/// `32768\t60999`
fn port_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut words = text.split_whitespace();
    let (first, last): (u16, u16) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (0 < first && first < last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_tells() {
        let information =
            "Model: \t\t Tesla T4\nIRQ:   \t\t 10\nGPU UUID: \t GPU-1f2e\nBus Type: \t PCIe\n";
        assert_eq!(uuid_of(information).as_deref(), Some("GPU-1f2e"));
        assert_eq!(uuid_of("GPU UUID: \t GPU-????????\n"), None, "it does not know yet");
        let list = "GPU 0: Tesla T4 (UUID: GPU-1f2e)\nGPU 1: Tesla T4 (UUID: GPU-3a4b)\n";
        assert_eq!(listed(list), ["GPU-1f2e", "GPU-3a4b"]);
        let version = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n\
                       GCC version:  gcc version 11.4.0\n";
        assert_eq!(driver_version(version).as_deref(), Some("535.104.05"));
    }

    #[test]
    fn what_the_kernel_tells() {
        assert_eq!(port_range("32768\t60999\n"), Some(32768..=60999));
        for text in ["", "32768", "60999 32768", "a b"] {
            assert_eq!(port_range(text), None, "{text}");
        }
    }
}
