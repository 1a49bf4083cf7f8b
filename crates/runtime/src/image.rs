//! Images as an engine holds them, and what a registry wants to hear before it hands one out.

use std::fmt;

use crate::MemoryBytes;

/// An image that is on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The digest of the image's configuration, `sha256:…`: what containers are made from.
    pub id: String,
    /// The digest of the manifest that the registry served, `sha256:…`; ECS's `imageDigest`.
    /// An image that was built or loaded here, not pulled, has none.
    pub digest: Option<String>,
    pub size: MemoryBytes,
}

/// A login to the registry that an image comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryAuth {
    pub username: String,
    pub password: String,
    /// The registry's host, as in the image's name; `None` means the engine's default registry.
    pub server: Option<String>,
}

impl fmt::Debug for RegistryAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryAuth")
            .field("username", &self.username)
            .field("password", &"…")
            .field("server", &self.server)
            .finish()
    }
}
