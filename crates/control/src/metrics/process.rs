//! What the process itself uses, under the names that every Prometheus client library gives.
//!
//! Read when somebody asks, so that it costs nothing otherwise.

use std::fmt::{self, Display};
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Process {
    /// `None`: the kernel does not say.
    resident_bytes: Option<u64>,
    cpu: Duration,
    /// `None`: no limit.
    most_files: Option<u64>,
}

impl Process {
    pub(super) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Self {
            resident_bytes: kib.map(|kib| kib * 1024),
            cpu: clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default(),
            most_files: getrlimit(Resource::Nofile).current,
        }
    }
}

impl Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut metric = |name: &str, kind: &str, help: &str, value: &dyn Display| {
            writeln!(f, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
        };
        if let Some(bytes) = &self.resident_bytes {
            metric("process_resident_memory_bytes", "gauge", "Resident memory size", bytes)?;
        }
        let cpu = self.cpu.as_secs_f64();
        metric("process_cpu_seconds_total", "counter", "Processor time used", &cpu)?;
        if let Some(files) = &self.most_files {
            metric("process_max_fds", "gauge", "How many files may be open", files)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_uses_something() {
        let process = Process::now();
        assert!(process.resident_bytes.is_some_and(|bytes| bytes > 1 << 20), "{process:?}");
        assert!(process.cpu > Duration::ZERO, "{process:?}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let process = Process {
            resident_bytes: None,
            cpu: Duration::from_millis(1_500),
            most_files: Some(20),
        };
        let text = process.to_string();
        assert!(text.contains("\nprocess_cpu_seconds_total 1.5\n"), "{text}");
        assert!(text.contains("\nprocess_max_fds 20\n"), "{text}");
        assert!(!text.contains("resident"), "{text}");
    }
}
