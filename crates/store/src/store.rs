//! The contract.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

use crate::{Batch, Committed, Fence, Leader, Leadership, Loaded, Revision, StoreError};

/// Durable records of one cell.
///
/// Every implementation passes [`crate::conformance`].
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Everything, in key order, and the revision it is true at.
    async fn load(&self) -> Result<Loaded, StoreError>;

    /// The newest revision that anybody had committed when this was asked.
    ///
    /// Whoever has applied all batches up to it has seen every commit that was answered before.
    async fn head(&self) -> Result<Revision, StoreError>;

    /// Makes the whole batch durable, or none of it, and returns its revision.
    ///
    /// Writes apply in order, so the last to a key wins; deleting what is not there is nothing.
    /// Refused as [`StoreError::Fenced`] if a newer leader exists or this one has resigned. Dropping the future leaves open
    /// whether the batch was committed. After any error but `Fenced`, it is open too.
    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError>;

    /// Batches after `from`, in order, then those to come: for followers.
    ///
    /// [`StoreError::Compacted`] if the store no longer has them all; the follower then loads again.
    /// The stream ends after its first error.
    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError>;

    /// Waits until this candidate leads. Its fence is newer than every leader's before it.
    ///
    /// It waits for another server's leader to resign or to be gone. Whoever leads through this same store
    /// is replaced at once: one server wants to lead but once. Dropping the future withdraws the candidacy.
    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError>;

    /// Ends a leadership, so that another candidate leads at once. Nothing is committed under its fence
    /// from then on. Nothing, if it had ended already.
    async fn resign(&self, fence: Fence) -> Result<(), StoreError>;

    /// Who leads, as far as this store knows. Others may know sooner.
    fn leader(&self) -> watch::Receiver<Option<Leader>>;
}
