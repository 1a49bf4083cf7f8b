//! What only Linux has: capabilities, devices, shared memory, tmpfs, swap, ulimits, kernel parameters.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;

use super::{Verdict, capabilities, name_of, paths, refuse};

const TMPFS_OPTIONS: [&str; 39] = [
    "defaults",
    "ro",
    "rw",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "sync",
    "async",
    "dirsync",
    "remount",
    "mand",
    "nomand",
    "atime",
    "noatime",
    "diratime",
    "nodiratime",
    "bind",
    "rbind",
    "unbindable",
    "runbindable",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "relatime",
    "norelatime",
    "strictatime",
    "nostrictatime",
    "mode",
    "uid",
    "gid",
    "nr_inodes",
    "nr_blocks",
    "mpol",
];

pub fn check(container: &api::ContainerDefinition) -> Verdict {
    if let Some(parameters) = &container.linux_parameters {
        let invalid = |member: &str, problem: String| {
            refuse(format!(
                "Invalid 'linuxParameters.{member}' setting for container '{}'. {problem}",
                name_of(container)
            ))
        };
        check_capabilities(parameters, &invalid)?;
        check_devices(parameters, &invalid)?;
        check_tmpfs(parameters, &invalid)?;
        check_memory(parameters, &invalid)?;
    }
    check_ulimits(container)?;
    check_system_controls(container)
}

type Invalid<'a> = &'a dyn Fn(&str, String) -> Verdict;

fn check_capabilities(parameters: &api::LinuxParameters, invalid: Invalid) -> Verdict {
    let Some(given) = &parameters.capabilities else { return Ok(()) };
    for (member, list) in [("capabilities.add", &given.add), ("capabilities.drop", &given.drop)] {
        if let Some(unknown) = list.iter().flatten().find(|name| !capabilities::is_known(name)) {
            return invalid(
                member,
                format!("`{unknown}` is not a capability of Linux that ECS knows."),
            );
        }
    }
    Ok(())
}

fn check_devices(parameters: &api::LinuxParameters, invalid: Invalid) -> Verdict {
    for device in parameters.devices.iter().flatten() {
        let host = device.host_path.as_deref().unwrap_or_default();
        for path in [Some(host), device.container_path.as_deref()].into_iter().flatten() {
            if !paths::is_absolute(path) {
                return invalid("devices", format!("`{path}` is not an absolute path."));
            }
        }
    }
    Ok(())
}

fn check_tmpfs(parameters: &api::LinuxParameters, invalid: Invalid) -> Verdict {
    let mut mounted = BTreeSet::new();
    for tmpfs in parameters.tmpfs.iter().flatten() {
        let path = tmpfs.container_path.as_deref().unwrap_or_default();
        if !paths::is_absolute(path) {
            return invalid("tmpfs", format!("`{path}` is not an absolute path."));
        }
        if !mounted.insert(path) {
            return invalid("tmpfs", format!("`{path}` is mounted more than once."));
        }
        let size = tmpfs.size.unwrap_or_default();
        if size < 1 {
            return invalid("tmpfs", format!("The size of `{path}`, {size} MiB, is less than 1."));
        }
        // Some options carry a value: `mode=1777`.
        let is_known = |option: &&String| {
            TMPFS_OPTIONS.contains(&option.split('=').next().unwrap_or_default())
        };
        if let Some(option) = tmpfs.mount_options.iter().flatten().find(|option| !is_known(option))
        {
            return invalid("tmpfs", format!("`{option}` is not an option of tmpfs."));
        }
    }
    Ok(())
}

fn check_memory(parameters: &api::LinuxParameters, invalid: Invalid) -> Verdict {
    for (member, value, least, most) in [
        ("sharedMemorySize", parameters.shared_memory_size, 0, i32::MAX),
        ("maxSwap", parameters.max_swap, 0, i32::MAX),
        ("swappiness", parameters.swappiness, 0, 100),
    ] {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            let bound = if value < least {
                format!("less than {least}")
            } else {
                format!("more than {most}")
            };
            return invalid(member, format!("{value} is {bound}."));
        }
    }
    Ok(())
}

fn check_ulimits(container: &api::ContainerDefinition) -> Verdict {
    let mut names = BTreeSet::new();
    for ulimit in container.ulimits.iter().flatten() {
        let name = ulimit.name.as_ref().map(api::UlimitName::as_str).unwrap_or_default();
        let (soft, hard) =
            (ulimit.soft_limit.unwrap_or_default(), ulimit.hard_limit.unwrap_or_default());
        let invalid = |problem: String| {
            refuse(format!(
                "Invalid 'ulimits' setting for container '{}'. {name}: {problem}",
                name_of(container)
            ))
        };
        if !names.insert(name) {
            return invalid("it is set more than once.".to_owned());
        }
        // -1 is as much as there is.
        if soft < -1 || hard < -1 {
            return invalid(format!(
                "a limit is -1 (unlimited) or more; the soft one is {soft}, the hard one {hard}."
            ));
        }
        if hard != -1 && (soft == -1 || soft > hard) {
            return invalid(format!(
                "the soft limit, {soft}, is more than the hard limit, {hard}."
            ));
        }
    }
    Ok(())
}

/// Which namespace a kernel parameter belongs to; only these two are a container's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    Ipc,
    Network,
}

pub fn namespace(parameter: &str) -> Option<Namespace> {
    const IPC: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    if IPC.contains(&parameter) || parameter.starts_with("fs.mqueue.") {
        Some(Namespace::Ipc)
    } else if parameter.starts_with("net.") {
        Some(Namespace::Network)
    } else {
        None
    }
}

fn check_system_controls(container: &api::ContainerDefinition) -> Verdict {
    let mut parameters = BTreeSet::new();
    for control in container.system_controls.iter().flatten() {
        let (parameter, value) =
            (control.namespace.as_deref().unwrap_or_default(), control.value.as_deref());
        let invalid = |problem: &str| {
            refuse(format!(
                "Invalid 'systemControls' setting for container '{}'. `{parameter}` {problem}",
                name_of(container)
            ))
        };
        if namespace(parameter).is_none() {
            return invalid(
                "is not a kernel parameter of a container's own: net.*, fs.mqueue.* and those of System V IPC are.",
            );
        }
        if value.is_none_or(str::is_empty) {
            return invalid("has no value.");
        }
        if !parameters.insert(parameter) {
            return invalid("is set more than once.");
        }
    }
    Ok(())
}
