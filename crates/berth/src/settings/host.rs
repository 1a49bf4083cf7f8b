//! How this host's agent runs, and where it finds the control plane.

use std::collections::BTreeMap;

use berth_model::{ClusterName, Region};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer};

use super::text::parsed;
use super::{ImageOptions, SourceOptions};
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

    /// An attribute of this host for placement; may be given several times, or as a table in the file
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    #[serde(deserialize_with = "pairs")]
    pub attributes: Vec<(String, String)>,

    #[command(flatten)]
    pub sources: SourceOptions,

    #[command(flatten)]
    pub images: ImageOptions,
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
    pub attributes: BTreeMap<String, String>,
    pub sources: SourceOptions,
    pub images: ImageOptions,
}

impl HostOptions {
    pub fn or(self, file: HostOptions) -> HostOptions {
        HostOptions {
            runtime: self.runtime.or(file.runtime),
            cluster: self.cluster.or(file.cluster),
            availability_zone: self.availability_zone.or(file.availability_zone),
            instance_type: self.instance_type.or(file.instance_type),
            // Each by its name: those of the command line come last, and so win.
            attributes: file.attributes.into_iter().chain(self.attributes).collect(),
            sources: self.sources.or(file.sources),
            images: self.images.or(file.images),
        }
    }

    pub fn settle(self) -> HostSettings {
        HostSettings {
            runtime: self.runtime.unwrap_or(RuntimeChoice::Docker),
            cluster: self.cluster.unwrap_or_default(),
            availability_zone: self.availability_zone,
            instance_type: self.instance_type,
            attributes: self.attributes.into_iter().collect(),
            sources: self.sources,
            images: self.images,
        }
    }
}

/// `berth agent` alone: `up` runs its own control plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct EndpointOptions {
    /// The control plane, such as http://10.0.0.1:4566
    #[arg(long, env = "BERTH_ENDPOINT", value_name = "URL")]
    pub endpoint: Option<String>,

    /// The region to join [default: us-east-1]
    #[arg(long, env = "BERTH_REGION", value_name = "NAME")]
    #[serde(deserialize_with = "parsed")]
    pub region: Option<Region>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    pub endpoint: String,
    pub region: Region,
}

impl EndpointOptions {
    pub fn or(self, file: EndpointOptions) -> EndpointOptions {
        EndpointOptions {
            endpoint: self.endpoint.or(file.endpoint),
            region: self.region.or(file.region),
        }
    }

    pub fn settle(self) -> anyhow::Result<EndpointSettings> {
        let endpoint = self.endpoint.ok_or_else(|| {
            Usage::error("which control plane? Give --endpoint URL, such as http://10.0.0.1:4566")
        })?;
        if !endpoint.starts_with("http://") {
            return Err(Usage::error(format!(
                "endpoint `{endpoint}`: a URL that begins with http:// expected"
            )));
        }
        let region = || "us-east-1".parse().expect("us-east-1 is a region");
        Ok(EndpointSettings { endpoint, region: self.region.unwrap_or_else(region) })
    }
}
