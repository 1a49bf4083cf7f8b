//! Where the keys come from that requests are signed with: fixed ones, or ones that rotate.

use std::sync::Arc;

use async_trait::async_trait;
use berth_aws_protocol::sigv4::Credentials;

/// Gives the credentials of the moment. Asked for every request, every socket and every signed frame.
#[async_trait]
pub trait CredentialProvider: Send + Sync + 'static {
    /// Waits until there are any that are good. Whoever asks sets the limit.
    async fn credentials(&self) -> anyhow::Result<Credentials>;

    /// The control plane did not know these: others should be fetched if there are any to be had.
    fn doubt(&self) {}
}

/// A key that lasts.
#[async_trait]
impl CredentialProvider for Credentials {
    async fn credentials(&self) -> anyhow::Result<Credentials> {
        Ok(self.clone())
    }
}

#[async_trait]
impl<P: CredentialProvider + ?Sized> CredentialProvider for Arc<P> {
    async fn credentials(&self) -> anyhow::Result<Credentials> {
        (**self).credentials().await
    }

    fn doubt(&self) {
        (**self).doubt();
    }
}
