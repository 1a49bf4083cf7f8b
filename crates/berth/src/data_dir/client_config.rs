//! What a client should know of the server that ran last in this directory.

use std::path::PathBuf;

use anyhow::{Context, Result};
use berth_model::Region;

use super::profile;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    pub endpoint: String,
    pub region: Region,
    /// The authority to trust, if the endpoint speaks TLS.
    pub ca_bundle: Option<PathBuf>,
}

impl ClientConfig {
    pub fn parse(text: &str) -> Result<ClientConfig> {
        let value =
            |key: &str| profile::value(text, key).with_context(|| format!("no {key} in [default]"));
        Ok(ClientConfig {
            endpoint: value("endpoint_url")?.to_owned(),
            region: value("region")?.parse()?,
            ca_bundle: profile::value(text, "ca_bundle").map(PathBuf::from),
        })
    }

    /// AWS's shared-config format.
    pub fn render(&self) -> String {
        let ClientConfig { endpoint, region, ca_bundle } = self;
        let ca_bundle = ca_bundle.as_ref().map(|file| format!("ca_bundle = {}\n", file.display()));
        format!(
            "# Written by Berth at each start.\n[default]\nregion = {region}\nendpoint_url = {endpoint}\n{}",
            ca_bundle.unwrap_or_default()
        )
    }
}
