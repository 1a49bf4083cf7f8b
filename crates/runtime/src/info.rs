//! What an engine says about itself and its host; the agent turns it into attributes.

use crate::MemoryBytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeInfo {
    /// `docker` or `fake`.
    pub name: &'static str,
    pub version: String,
    pub api_version: String,
    /// `linux`.
    pub os_type: String,
    /// The kernel's word: `x86_64`, `aarch64`.
    pub architecture: String,
    pub operating_system: String,
    pub kernel_version: String,
    pub cpus: u32,
    pub memory: MemoryBytes,
    pub cgroup_version: CgroupVersion,
    /// What may name a cgroup parent: `cgroupfs` takes a path, `systemd` a slice.
    pub cgroup_driver: String,
    /// Whether groups can be made here ([`ensure_group`](crate::Runtime::ensure_group)).
    pub has_groups: bool,
    pub storage_driver: String,
    /// OCI runtimes that a container may name, such as `runc` and `nvidia`.
    pub runtimes: Vec<String>,
    pub log_drivers: Vec<String>,
    pub volume_drivers: Vec<String>,
    /// Such as `seccomp`, `apparmor`, `selinux`.
    pub security_options: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CgroupVersion {
    V1,
    V2,
}
