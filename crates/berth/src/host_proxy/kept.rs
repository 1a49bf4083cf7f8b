//! The last configuration, in a file: mode 0600, for it has private keys in it.

use std::path::Path;

use berth_agent::{FileMemory, Memory};
use berth_proxy_protocol::Configuration;

pub struct Kept(FileMemory);

impl Kept {
    pub fn at(file: &Path) -> Self {
        Kept(FileMemory::new(file))
    }

    /// What cannot be read is as good as nothing: the control plane is about to tell it anew.
    pub async fn load(&self) -> Option<Configuration> {
        let bytes = self.0.load().await.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "the last configuration cannot be read");
            None
        })?;
        let read = serde_json::from_slice(&bytes);
        read.inspect_err(|error| tracing::warn!(%error, "the last configuration is damaged")).ok()
    }

    pub async fn keep(&self, configuration: &[u8]) {
        if let Err(error) = self.0.save(configuration.to_vec()).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "without the control plane, a restart would not find this configuration"
            );
        }
    }
}
