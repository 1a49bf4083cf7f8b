//! The logins to registries that a host has of its own, for whatever task needs an image from there.

use async_trait::async_trait;
use berth_runtime::RegistryAuth;

/// Where they are kept.
#[async_trait]
pub trait RegistryLogins: Send + Sync + 'static {
    /// The login for the registry that this image comes from; most need none.
    async fn login(&self, image: &str) -> Result<Option<RegistryAuth>, LoginError>;
}

/// Why it cannot be said. It never shows a login.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LoginError(pub String);

/// A host without any.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLogins;

#[async_trait]
impl RegistryLogins for NoLogins {
    async fn login(&self, _: &str) -> Result<Option<RegistryAuth>, LoginError> {
        Ok(None)
    }
}
