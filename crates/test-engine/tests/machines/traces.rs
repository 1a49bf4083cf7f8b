//! Looking for what tests leave behind.

use std::fs;
use std::path::{Path, PathBuf};

/// What could be left of an engine or a network.
pub struct Traces {
    directory: PathBuf,
    cgroup: String,
}

impl Traces {
    pub fn of(directory: &Path) -> Self {
        let cgroup = directory.file_name().unwrap().to_str().unwrap().to_owned();
        Self { directory: directory.to_owned(), cgroup }
    }

    pub fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        let directory = self.directory.to_str().unwrap();
        if self.directory.exists() {
            found.push(format!("directory {directory}"));
        }
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        found.extend(mounts.lines().filter(|line| line.contains(directory)).map(str::to_owned));
        for entry in fs::read_dir("/sys/fs/cgroup").unwrap() {
            let group = entry.unwrap().path().join(&self.cgroup);
            if group.exists() {
                found.push(format!("control group {}", group.display()));
            }
        }
        for entry in fs::read_dir("/proc").unwrap() {
            let process = entry.unwrap().path();
            let read = |name: &str| fs::read_to_string(process.join(name)).unwrap_or_default();
            // A dead process keeps its place until its parent takes notice, which is not for us to mend.
            let dead =
                read("stat").rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']));
            if !dead
                && (read("cmdline").contains(directory)
                    || read("environ").contains(directory)
                    || read("cgroup").contains(&self.cgroup))
            {
                found.push(format!(
                    "process {}: {}",
                    process.display(),
                    read("cmdline").replace('\0', " ")
                ));
            }
        }
        found
    }
}
