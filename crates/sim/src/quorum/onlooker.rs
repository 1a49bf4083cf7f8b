//! Whoever watches the store itself, with no wire in between, and never wants to lead.

use async_trait::async_trait;
use berth_store::{
    Batch, Committed, Fence, Leader, Leadership, Loaded, MemoryStore, Revision, Store, StoreError,
};
use futures_util::stream::BoxStream;
use tokio::sync::watch;

pub struct Onlooker(pub MemoryStore);

#[async_trait]
impl Store for Onlooker {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.0.load().await
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        self.0.head().await
    }

    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.0.commit(fence, batch).await
    }

    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        self.0.watch(from).await
    }

    async fn campaign(&self, _: &str) -> Result<Leadership, StoreError> {
        std::future::pending().await
    }

    async fn resign(&self, fence: Fence) -> Result<(), StoreError> {
        self.0.resign(fence).await
    }

    fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.0.leader()
    }
}
