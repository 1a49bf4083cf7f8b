//! The configuration file: the flags' names, in parts.
//!
//! ```toml
//! data-dir = "/var/lib/berth"
//! log-format = "json"
//!
//! [server]            # for `server` and `up`
//! listen = "0.0.0.0:4566"
//! tls = { tls-cert = "/etc/berth/tls.pem", tls-key = "/etc/berth/tls.key", plain-http = "never" }
//! store = "etcds://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/berth"
//! etcd = { etcd-ca-file = "/etc/berth/etcd-ca.pem", etcd-user = "berth", etcd-password-file = "/etc/berth/etcd" }
//! limits = { profile = "classic", clusters = 5 }
//!
//! [host]              # for `agent` and `up`
//! cluster = "default"
//! images = { image-pull-behavior = "default", task-cleanup-wait = "1h" }
//! metadata = { instance-metadata = true }
//! sources = { s3-endpoint = "http://10.0.0.2:9000" }
//!
//! [control-plane]     # for `agent`
//! endpoint = "https://10.0.0.1:4566"    # or a list of servers
//!
//! [join]              # for `agent`, until the host has joined
//! token = "…"
//! ```
//!
//! One file may serve several commands: each takes its parts. A name that none knows is an error.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;

use super::{
    EndpointOptions, GlobalOptions, HostOptions, JoinOptions, LogFormat, ProxyOptions,
    ServerOptions,
};
use crate::exit::Usage;

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigFile {
    // `GlobalOptions` field by field: serde cannot flatten and still refuse unknown names.
    data_dir: Option<PathBuf>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    pub server: ServerOptions,
    pub host: HostOptions,
    pub control_plane: EndpointOptions,
    pub join: JoinOptions,
    pub proxy: ProxyOptions,
}

impl ConfigFile {
    /// Without a path there is no file, and so nothing in it.
    pub fn load(path: Option<&Path>) -> Result<ConfigFile> {
        let Some(path) = path else {
            return Ok(ConfigFile::default());
        };
        let at = path.display();
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Usage::error(format!("cannot read {at}: {error}")))?;
        ConfigFile::parse(&text).map_err(|error| Usage::error(format!("{at}: {error}")))
    }

    pub fn parse(text: &str) -> Result<ConfigFile, toml::de::Error> {
        toml::from_str(text)
    }

    pub fn global(&self) -> GlobalOptions {
        GlobalOptions {
            data_dir: self.data_dir.clone(),
            log: self.log.clone(),
            log_format: self.log_format,
        }
    }
}
