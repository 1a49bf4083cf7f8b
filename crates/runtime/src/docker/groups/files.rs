//! Groups by the kernel's files, in version 1 (a directory per controller) and version 2 (one directory for all).

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{CgroupVersion, GroupSpec};

pub(super) const MOUNT: &str = "/sys/fs/cgroup";

/// Microseconds over which the kernel counts the processors' time.
///
/// AWS: the agent's default too.
const PERIOD: u64 = 100_000;

/// The kernel takes no shorter slice of a period.
const SHORTEST_QUOTA: u64 = 1_000;

/// What the kernel takes as shares; the weights of version 2 are spread over the same range.
const SHARES: std::ops::RangeInclusive<u32> = 2..=262_144;

/// The owner's groups.
pub(super) struct Files {
    version: CgroupVersion,
    mount: PathBuf,
    /// Where they are in each hierarchy, relative to its root.
    place: PathBuf,
}

/// A value for a file of the group.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    /// Version 1 has a directory for each.
    controller: &'static str,
    file: &'static str,
    value: String,
}

impl Files {
    pub(super) fn new(version: CgroupVersion, mount: PathBuf, place: PathBuf) -> Self {
        Self { version, mount, place }
    }

    /// Makes the group, or gives one that is there these limits; returns it as the engine takes a parent.
    pub(super) fn ensure(&self, spec: &GroupSpec) -> io::Result<String> {
        let group = self.place.join(&spec.name);
        match self.version {
            CgroupVersion::V1 => {
                for controller in ["cpu", "memory"] {
                    fs::create_dir_all(self.mount.join(controller).join(&group))?;
                }
                account_for_members(&self.mount.join("memory").join(&group))?;
                for setting in version_1(spec) {
                    let directory = self.mount.join(setting.controller).join(&group);
                    write(&directory.join(setting.file), &setting.value)?;
                }
            }
            CgroupVersion::V2 => {
                let directory = self.mount.join(&group);
                fs::create_dir_all(&directory)?;
                self.delegate(&group)?;
                for setting in version_2(spec) {
                    write(&directory.join(setting.file), &setting.value)?;
                }
            }
        }
        Ok(Path::new("/").join(group).to_string_lossy().into_owned())
    }

    /// Removes the group wherever it is: the engine has put it into hierarchies that we never touched.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        let group = self.place.join(name);
        for root in self.roots()? {
            remove_empty(&root.join(&group))?;
            // The directories above go with the last group; below them are other people's.
            for above in self.place.ancestors().take(2) {
                if fs::remove_dir(root.join(above)).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    pub(super) fn list(&self) -> io::Result<Vec<String>> {
        let mut names = BTreeSet::new();
        for root in self.roots()? {
            names.extend(directories(&root.join(&self.place))?);
        }
        Ok(names.into_iter().collect())
    }

    pub(super) fn is_allowed(&self) -> bool {
        let writable = |directory: PathBuf| {
            rustix::fs::access(&directory, rustix::fs::Access::WRITE_OK).is_ok()
        };
        match self.version {
            CgroupVersion::V1 => ["cpu", "memory"]
                .into_iter()
                .all(|controller| writable(self.mount.join(controller))),
            CgroupVersion::V2 => writable(self.mount.join("cgroup.subtree_control")),
        }
    }

    /// Version 2: a group has a controller's files only if each group above passes the controller on.
    fn delegate(&self, group: &Path) -> io::Result<()> {
        let above: Vec<&Path> = group.ancestors().skip(1).collect();
        for ancestor in above.into_iter().rev() {
            let file = self.mount.join(ancestor).join("cgroup.subtree_control");
            let passed_on = fs::read_to_string(&file)?;
            let passes_on =
                |controller| passed_on.split_whitespace().any(|word| word == controller);
            if !passes_on("cpu") || !passes_on("memory") {
                write(&file, "+cpu +memory")?;
            }
        }
        Ok(())
    }

    fn roots(&self) -> io::Result<Vec<PathBuf>> {
        match self.version {
            CgroupVersion::V2 => Ok(vec![self.mount.clone()]),
            CgroupVersion::V1 => {
                let names = directories(&self.mount)?;
                Ok(names.into_iter().map(|name| self.mount.join(name)).collect())
            }
        }
    }
}

fn version_1(spec: &GroupSpec) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut set = |controller, file, value| settings.push(Setting { controller, file, value });
    if let Some(shares) = spec.cpu_shares {
        set("cpu", "cpu.shares", in_range(shares).to_string());
    }
    if let Some(quota) = quota(spec) {
        set("cpu", "cpu.cfs_period_us", PERIOD.to_string());
        set("cpu", "cpu.cfs_quota_us", quota.to_string());
    }
    if let Some(limit) = spec.memory_limit {
        set("memory", "memory.limit_in_bytes", limit.as_bytes().to_string());
    }
    settings
}

fn version_2(spec: &GroupSpec) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut set = |controller, file, value| settings.push(Setting { controller, file, value });
    if let Some(shares) = spec.cpu_shares {
        set("cpu", "cpu.weight", weight(shares).to_string());
    }
    if let Some(quota) = quota(spec) {
        set("cpu", "cpu.max", format!("{quota} {PERIOD}"));
    }
    if let Some(limit) = spec.memory_limit {
        set("memory", "memory.max", limit.as_bytes().to_string());
    }
    settings
}

fn quota(spec: &GroupSpec) -> Option<u64> {
    let units = u64::from(spec.cpu_limit?.0);
    Some((units * PERIOD / 1024).max(SHORTEST_QUOTA))
}

fn in_range(shares: u32) -> u32 {
    shares.clamp(*SHARES.start(), *SHARES.end())
}

/// Shares as version 2 counts them, by the rule that container runtimes have agreed on: 2 is 1, 262144 is 10000.
pub(super) fn weight(shares: u32) -> u32 {
    let span = SHARES.end() - SHARES.start();
    let above = u64::from(in_range(shares) - SHARES.start()) * 9_999 / u64::from(span);
    // At most 9999, by the division.
    1 + above as u32
}

/// Version 1: on old hosts a group does not count what its members take, unless told to before it has any.
fn account_for_members(group: &Path) -> io::Result<()> {
    let file = group.join("memory.use_hierarchy");
    match fs::read_to_string(&file) {
        Ok(text) if text.trim() == "0" => write(&file, "1"),
        // Kernels that always do so need no file to say it.
        _ => Ok(()),
    }
}

fn write(file: &Path, value: &str) -> io::Result<()> {
    fs::write(file, value).map_err(|error| {
        io::Error::new(error.kind(), format!("writing {value} to {}: {error}", file.display()))
    })
}

/// A group goes when it is empty, from the innermost; its files cannot be removed, and need not.
fn remove_empty(group: &Path) -> io::Result<()> {
    for member in directories(group)? {
        remove_empty(&group.join(member))?;
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Names of the directories in this one; none if there is no such directory.
fn directories(of: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(of) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
