//! How this host's agent runs, and where it finds the control plane.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use berth_agent::InstanceMetadataOptions;
use berth_model::{CapacityProviderName, ClusterName, Region};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer};

use super::text::parsed;
use super::{ImageOptions, MetadataOptions, SourceOptions};
use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostOptions {
    /// What runs containers: Docker Engine, a simulation, or (with `up`) nothing [default: docker]
    #[arg(long, env = "BERTH_RUNTIME", value_name = "RUNTIME")]
    pub runtime: Option<RuntimeChoice>,

    /// The cluster that this host joins [default: default]
    #[arg(long, env = "BERTH_CLUSTER", value_name = "NAME")]
    #[serde(deserialize_with = "parsed")]
    pub cluster: Option<ClusterName>,

    /// Shown as the attribute `ecs.availability-zone` [default: the region and `a`]
    #[arg(long, env = "BERTH_AVAILABILITY_ZONE", value_name = "NAME")]
    pub availability_zone: Option<String>,

    /// Shown as the attribute `ecs.instance-type`
    #[arg(long, env = "BERTH_INSTANCE_TYPE", value_name = "TYPE")]
    pub instance_type: Option<String>,

    /// The capacity provider that this host belongs to, as an instance of its Auto Scaling group
    #[arg(long, env = "BERTH_CAPACITY_PROVIDER", value_name = "NAME")]
    #[serde(deserialize_with = "parsed")]
    pub capacity_provider: Option<CapacityProviderName>,

    /// An attribute of this host for placement; may be given several times, or as a table in the file
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    #[serde(deserialize_with = "pairs")]
    pub attributes: Vec<(String, String)>,

    #[command(flatten)]
    pub sources: SourceOptions,

    #[command(flatten)]
    pub images: ImageOptions,

    #[command(flatten)]
    pub metadata: MetadataOptions,

    /// A GPU of this host, by NVIDIA's UUID; may be given several times [default: those that its driver tells of]
    #[arg(long = "gpu", value_name = "ID")]
    pub gpus: Vec<String>,

    /// Where host ports for container port ranges are found [default: the kernel's ip_local_port_range]
    #[arg(long, env = "BERTH_DYNAMIC_HOST_PORT_RANGE", value_name = "FIRST-LAST")]
    #[serde(deserialize_with = "parsed")]
    pub dynamic_host_port_range: Option<HostPortRange>,
}

/// Ports of the host in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPortRange(pub RangeInclusive<u16>);

impl FromStr for HostPortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ports = text.split_once('-').and_then(|(first, last)| {
            let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
            (0 < first && first <= last).then_some(first..=last)
        });
        ports.map(Self).ok_or_else(|| format!("`{text}`: FIRST-LAST expected, such as 32768-60999"))
    }
}

fn attribute(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| format!("`{text}`: NAME=VALUE expected"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    let table = BTreeMap::<String, String>::deserialize(deserializer)?;
    Ok(table.into_iter().collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuntimeChoice {
    /// Docker Engine, found by DOCKER_HOST or at its usual socket
    Docker,
    /// Pretends: no container is real
    Fake,
    /// No agent on this host
    None,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    pub runtime: RuntimeChoice,
    pub cluster: ClusterName,
    /// `None`: the region's first.
    pub availability_zone: Option<String>,
    pub instance_type: Option<String>,
    pub capacity_provider: Option<CapacityProviderName>,
    pub attributes: BTreeMap<String, String>,
    pub sources: SourceOptions,
    pub images: ImageOptions,
    /// `None`: none is served.
    pub instance_metadata: Option<InstanceMetadataOptions>,
    /// `None`: those that the driver tells of.
    pub gpus: Option<Vec<String>>,
    /// `None`: the kernel's.
    pub dynamic_ports: Option<RangeInclusive<u16>>,
}

impl HostSettings {
    /// As it was set, or the region's first.
    pub fn zone(&self, region: &Region) -> String {
        self.availability_zone.clone().unwrap_or_else(|| format!("{region}a"))
    }
}

impl HostOptions {
    pub fn or(self, file: HostOptions) -> HostOptions {
        HostOptions {
            runtime: self.runtime.or(file.runtime),
            cluster: self.cluster.or(file.cluster),
            availability_zone: self.availability_zone.or(file.availability_zone),
            instance_type: self.instance_type.or(file.instance_type),
            capacity_provider: self.capacity_provider.or(file.capacity_provider),
            // Each by its name: those of the command line come last, and so win.
            attributes: file.attributes.into_iter().chain(self.attributes).collect(),
            sources: self.sources.or(file.sources),
            images: self.images.or(file.images),
            metadata: self.metadata.or(file.metadata),
            gpus: if self.gpus.is_empty() { file.gpus } else { self.gpus },
            dynamic_host_port_range: self.dynamic_host_port_range.or(file.dynamic_host_port_range),
        }
    }

    pub fn settle(self) -> HostSettings {
        HostSettings {
            runtime: self.runtime.unwrap_or(RuntimeChoice::Docker),
            cluster: self.cluster.unwrap_or_default(),
            availability_zone: self.availability_zone,
            instance_type: self.instance_type,
            capacity_provider: self.capacity_provider,
            attributes: self.attributes.into_iter().collect(),
            sources: self.sources,
            images: self.images,
            instance_metadata: self.metadata.settle(),
            gpus: Some(self.gpus).filter(|gpus| !gpus.is_empty()),
            dynamic_ports: self.dynamic_host_port_range.map(|HostPortRange(ports)| ports),
        }
    }
}

/// `berth agent` alone: `up` runs its own control plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct EndpointOptions {
    /// The control plane, such as https://10.0.0.1:4566; several servers of it with commas between: any that answers is used
    #[arg(
        long,
        visible_alias = "server",
        env = "BERTH_ENDPOINT",
        value_name = "URL",
        value_delimiter = ','
    )]
    #[serde(deserialize_with = "one_or_many")]
    pub endpoint: Vec<String>,

    /// The certificate authority of an https:// control plane, in PEM, and no other [default: the one that the token tells
    /// of, or that of the server in this data directory]
    #[arg(long, env = "BERTH_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// The region to join [default: us-east-1]
    #[arg(long, env = "BERTH_REGION", value_name = "NAME")]
    #[serde(deserialize_with = "parsed")]
    pub region: Option<Region>,
}

/// In the file: a text, with commas or without, or a list of them.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::One(text) => text.split(',').map(str::to_owned).collect(),
        Given::Many(all) => all,
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// At least one.
    pub endpoints: Vec<String>,
    pub region: Region,
    pub ca_file: Option<PathBuf>,
}

impl EndpointOptions {
    pub fn or(self, file: EndpointOptions) -> EndpointOptions {
        EndpointOptions {
            endpoint: if self.endpoint.is_empty() { file.endpoint } else { self.endpoint },
            ca_file: self.ca_file.or(file.ca_file),
            region: self.region.or(file.region),
        }
    }

    pub fn settle(self) -> anyhow::Result<EndpointSettings> {
        let endpoints = self.endpoint;
        if endpoints.is_empty() {
            return Err(Usage::error(
                "which control plane? Give --endpoint URL, such as https://10.0.0.1:4566",
            ));
        }
        let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        if let Some(endpoint) = endpoints.iter().find(|endpoint| !is_url(endpoint)) {
            return Err(Usage::error(format!(
                "endpoint `{endpoint}`: a URL that begins with https:// or http:// expected"
            )));
        }
        let region = || "us-east-1".parse().expect("us-east-1 is a region");
        let (region, ca_file) = (self.region.unwrap_or_else(region), self.ca_file);
        Ok(EndpointSettings { endpoints, region, ca_file })
    }
}
