//! How much of the host tasks may have.

use berth_runtime::RuntimeInfo;
use serde::Serialize;

use crate::options::Options;

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    name: &'static str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    integer_value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_set_value: Option<Vec<String>>,
}

/// AWS: GPUs are told twice, as a resource and as devices.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct PlatformDevice<'a> {
    id: &'a str,
    r#type: &'static str,
}

pub(super) fn platform_devices(options: &Options) -> Vec<PlatformDevice<'_>> {
    options.gpus.iter().map(|id| PlatformDevice { id, r#type: "GPU" }).collect()
}

pub(super) fn of(options: &Options, info: &RuntimeInfo) -> Vec<Resource> {
    let mut resources = vec![
        integer("CPU", u64::from(info.cpus) * 1024),
        integer("MEMORY", offered_memory_mib(options, info)),
        ports("PORTS", &options.reserved_ports),
        ports("PORTS_UDP", &options.reserved_udp_ports),
    ];
    if !options.gpus.is_empty() {
        resources.push(string_set("GPU", options.gpus.clone()));
    }
    resources
}

/// The host's memory in MiB, less what is reserved.
pub(crate) fn offered_memory_mib(options: &Options, info: &RuntimeInfo) -> u64 {
    (info.memory.as_bytes() / (1 << 20)).saturating_sub(options.reserved_memory_mib)
}

fn integer(name: &'static str, value: u64) -> Resource {
    Resource { name, r#type: "INTEGER", integer_value: Some(value), string_set_value: None }
}

/// AWS: a resource of ports is told by those that are taken.
fn ports(name: &'static str, reserved: &[u16]) -> Resource {
    string_set(name, reserved.iter().map(u16::to_string).collect())
}

fn string_set(name: &'static str, value: Vec<String>) -> Resource {
    Resource { name, r#type: "STRINGSET", integer_value: None, string_set_value: Some(value) }
}
