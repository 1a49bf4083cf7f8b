//! `dockerConfig`: what of a container definition the agent takes in Docker Engine's own words.

use std::collections::BTreeMap;

use berth_agent_protocol::acs::DockerConfig;
use berth_aws_api::ecs as api;
use serde_json::{Map, Value, json};

/// The engine API whose spelling the documents have.
const API_VERSION: &str = "1.21";
const MIB: i64 = 1024 * 1024;
const SECOND: i64 = 1_000_000_000;

pub fn docker_config(defined: &api::ContainerDefinition) -> DockerConfig {
    DockerConfig {
        version: Some(API_VERSION.to_owned()),
        config: Some(Value::Object(config(defined)).to_string()),
        host_config: Some(Value::Object(host_config(defined)).to_string()),
    }
}

/// A document that leaves out what is not set.
#[derive(Default)]
struct Document(Map<String, Value>);

impl Document {
    fn set(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

fn config(defined: &api::ContainerDefinition) -> Map<String, Value> {
    let mut config = Document::default();
    config.set("User", defined.user.clone());
    config.set("WorkingDir", defined.working_directory.clone());
    config.set("Hostname", defined.hostname.clone());
    config.set("NetworkDisabled", defined.disable_networking);
    config.set("Tty", defined.pseudo_terminal);
    config.set("OpenStdin", defined.interactive);
    config.set("Labels", defined.docker_labels.as_ref().map(|labels| json!(labels)));
    config.set("Healthcheck", defined.health_check.as_ref().map(health_check));
    config.0
}

fn health_check(check: &api::HealthCheck) -> Value {
    let nanoseconds = |seconds: Option<i32>| seconds.map(|seconds| i64::from(seconds) * SECOND);
    let mut document = Document::default();
    document.set("Test", check.command.clone());
    document.set("Interval", nanoseconds(check.interval));
    document.set("Timeout", nanoseconds(check.timeout));
    document.set("StartPeriod", nanoseconds(check.start_period));
    document.set("Retries", check.retries);
    Value::Object(document.0)
}

fn host_config(defined: &api::ContainerDefinition) -> Map<String, Value> {
    let mut config = Document::default();
    config.set("Privileged", defined.privileged);
    config.set("ReadonlyRootfs", defined.readonly_root_filesystem);
    config.set("Dns", defined.dns_servers.clone());
    config.set("DnsSearch", defined.dns_search_domains.clone());
    config.set("ExtraHosts", defined.extra_hosts.as_deref().map(extra_hosts));
    config.set("SecurityOpt", defined.docker_security_options.clone());
    config.set("MemoryReservation", defined.memory_reservation.map(|mib| i64::from(mib) * MIB));
    config.set("Ulimits", defined.ulimits.as_deref().map(ulimits));
    config.set("Sysctls", defined.system_controls.as_deref().map(sysctls));
    config.set("LogConfig", defined.log_configuration.as_ref().map(log_config));
    if let Some(linux) = &defined.linux_parameters {
        linux_parameters(linux, defined.memory, &mut config);
    }
    config.0
}

fn linux_parameters(linux: &api::LinuxParameters, memory: Option<i32>, config: &mut Document) {
    if let Some(capabilities) = &linux.capabilities {
        config.set("CapAdd", capabilities.add.clone());
        config.set("CapDrop", capabilities.drop.clone());
    }
    config.set("Init", linux.init_process_enabled);
    config.set("ShmSize", linux.shared_memory_size.map(|mib| i64::from(mib) * MIB));
    config.set("Devices", linux.devices.as_deref().map(devices));
    config.set("Tmpfs", linux.tmpfs.as_deref().map(tmpfs));
    // Docker's MemorySwap is memory and swap together; ECS's maxSwap is the swap alone.
    // AWS: without a hard limit there is no limit on swap either, and without that no swappiness.
    if let (Some(memory), Some(swap)) = (memory, linux.max_swap) {
        config.set("MemorySwap", Some((i64::from(memory) + i64::from(swap)) * MIB));
        config.set("MemorySwappiness", linux.swappiness);
    }
}

fn extra_hosts(hosts: &[api::HostEntry]) -> Vec<String> {
    let entry = |host: &api::HostEntry| {
        Some(format!("{}:{}", host.hostname.as_ref()?, host.ip_address.as_ref()?))
    };
    hosts.iter().filter_map(entry).collect()
}

fn ulimits(ulimits: &[api::Ulimit]) -> Value {
    let ulimit = |ulimit: &api::Ulimit| {
        json!({
            "Name": ulimit.name.as_ref().map(|name| name.as_str()),
            "Soft": ulimit.soft_limit,
            "Hard": ulimit.hard_limit,
        })
    };
    ulimits.iter().map(ulimit).collect()
}

fn sysctls(controls: &[api::SystemControl]) -> Value {
    let sysctl =
        |control: &api::SystemControl| Some((control.namespace.clone()?, control.value.clone()?));
    json!(controls.iter().filter_map(sysctl).collect::<BTreeMap<_, _>>())
}

fn log_config(log: &api::LogConfiguration) -> Value {
    json!({
        "Type": log.log_driver.as_ref().map(|driver| driver.as_str()),
        "Config": log.options.clone().unwrap_or_default(),
    })
}

fn devices(devices: &[api::Device]) -> Value {
    let device = |device: &api::Device| {
        let host = device.host_path.clone().unwrap_or_default();
        json!({
            "PathOnHost": host,
            "PathInContainer": device.container_path.clone().unwrap_or(host),
            "CgroupPermissions": permissions(device.permissions.as_deref()),
        })
    };
    devices.iter().map(device).collect()
}

fn permissions(given: Option<&[api::DeviceCgroupPermission]>) -> String {
    let letter = |permission: &api::DeviceCgroupPermission| match permission {
        api::DeviceCgroupPermission::Read => "r",
        api::DeviceCgroupPermission::Write => "w",
        api::DeviceCgroupPermission::Mknod => "m",
        api::DeviceCgroupPermission::Unknown(_) => "",
    };
    given.map_or_else(|| "rwm".to_owned(), |given| given.iter().map(letter).collect())
}

fn tmpfs(mounts: &[api::Tmpfs]) -> Value {
    let mount = |mount: &api::Tmpfs| {
        let mut options = mount.mount_options.clone().unwrap_or_default();
        options.push(format!("size={}m", mount.size.unwrap_or(0)));
        Some((mount.container_path.clone()?, options.join(",")))
    };
    json!(mounts.iter().filter_map(mount).collect::<BTreeMap<_, _>>())
}
