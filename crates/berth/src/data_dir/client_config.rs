//! What a client should know of the server that ran last in this directory.

use anyhow::{Context, Result};
use berth_model::Region;

use super::profile;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    pub endpoint: String,
    pub region: Region,
}

impl ClientConfig {
    pub fn parse(text: &str) -> Result<ClientConfig> {
        let value =
            |key: &str| profile::value(text, key).with_context(|| format!("no {key} in [default]"));
        Ok(ClientConfig {
            endpoint: value("endpoint_url")?.to_owned(),
            region: value("region")?.parse()?,
        })
    }

    /// AWS's shared-config format.
    pub fn render(&self) -> String {
        let ClientConfig { endpoint, region } = self;
        format!(
            "# Written by Berth at each start.\n[default]\nregion = {region}\nendpoint_url = {endpoint}\n"
        )
    }
}
