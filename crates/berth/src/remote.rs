//! A control plane as this process reaches it: where, in which region, and whose certificates are believed there.

use std::path::PathBuf;

use anyhow::{Context, Result};
use berth_agent::{Endpoint, Pin, Trust};
use berth_model::Region;

use crate::data_dir::{ClientConfig, DataDir};
use crate::exit::Usage;
use crate::settings::EndpointSettings;

#[derive(Debug, Clone)]
pub struct Remote {
    pub endpoint: Endpoint,
    pub region: Region,
}

impl Remote {
    /// The one that the settings name.
    pub fn named(settings: EndpointSettings, dir: &DataDir) -> Result<Remote> {
        let trust = match settings.ca_file {
            Some(file) => only(file)?,
            None => known(dir)?,
        };
        let region = settings.region;
        Ok(Remote { endpoint: Endpoint::any_of(settings.endpoints, trust), region })
    }

    /// Believed by a fingerprint too; the authority that is found behind it is kept for the time without a token.
    #[must_use]
    pub fn pinned(mut self, pin: Option<Pin>, dir: &DataDir) -> Remote {
        let Some(pin) = pin else { return self };
        let dir = dir.clone();
        let trust = self.endpoint.trust.with_pin(pin);
        self.endpoint.trust = trust.learning(move |certificate| {
            if let Err(error) = dir.learn_joined_authority(certificate) {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the control plane's authority will not be known without the token"
                );
            }
        });
        self
    }

    /// The server that ran last in this directory.
    pub fn of_directory(client: &ClientConfig, dir: &DataDir) -> Result<Remote> {
        let endpoint = Endpoint::new(client.endpoint.as_str(), known(dir)?);
        Ok(Remote { endpoint, region: client.region.clone() })
    }
}

/// A file that somebody has named is all that they trust.
pub fn only(file: PathBuf) -> Result<Trust> {
    let wrong = |why: String| Usage::error(format!("--ca-file {}: {why}", file.display()));
    let text = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
    Trust::new().with_authorities(&text).map_err(|error| wrong(format!("{error:#}")))
}

/// What this directory knows: the authority of the server here, and that of the one that this host has joined.
fn known(dir: &DataDir) -> Result<Trust> {
    let mut trust = Trust::new();
    for file in [dir.tls().authority_file(), dir.joined_authority_file()] {
        if let Some(text) = crate::data_dir::read_if_there(&file)? {
            let added = trust.with_authorities(text.as_bytes());
            trust = added.with_context(|| format!("{} is damaged", file.display()))?;
        }
    }
    Ok(trust)
}
