//! The contract.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::{Batch, Committed, Fence, Leadership, Loaded, Revision, StoreError};

/// Durable records of one cell.
///
/// Every implementation passes [`crate::conformance`].
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Everything, in key order, and the revision it is true at.
    async fn load(&self) -> Result<Loaded, StoreError>;

    /// Makes the whole batch durable, or none of it, and returns its revision.
    ///
    /// Writes apply in order, so the last to a key wins; deleting what is not there is nothing.
    /// Refused as [`StoreError::Fenced`] if a newer leader exists. Dropping the future leaves open
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
    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError>;
}
