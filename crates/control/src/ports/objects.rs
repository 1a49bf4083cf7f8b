//! Objects of S3, for services whose requests name them.

use async_trait::async_trait;

/// Implemented by whoever has them.
#[async_trait]
pub trait Objects: Send + Sync + 'static {
    /// The bytes of an object, of its newest version unless one is named; `None` if there is no such object.
    async fn get(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> anyhow::Result<Option<Vec<u8>>>;
}

/// Where there are none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObjects;

#[async_trait]
impl Objects for NoObjects {
    async fn get(&self, _: &str, _: &str, _: Option<&str>) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(None)
    }
}
