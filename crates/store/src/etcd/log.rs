//! Reads batches back from the log.

use bytes::BytesMut;

use super::Place;
use super::entry::Entry;
use super::failure::Failure;
use super::messages::{KeyValue, RangeRequest};
use super::request::range;
use crate::batch::encoding;
use crate::{Batch, Fence, Revision};

/// Each entry may have a whole chunk, and its stage more.
const PAGE: i64 = 16;

/// Batches in order, without a gap between them.
pub(super) struct Page {
    pub(super) batches: Vec<Logged>,
    pub(super) more: bool,
    /// etcd's revision, at which this is all there is, if there is no more.
    pub(super) at: i64,
}

pub(super) struct Logged {
    pub(super) revision: Revision,
    pub(super) fence: Fence,
    pub(super) staged: bool,
    pub(super) batch: Batch,
}

/// The first batches after this one, at one of etcd's revisions or, with 0, at the newest.
pub(super) async fn read(place: &Place, after: Revision, at: i64) -> Result<Page, Failure> {
    let span = place.layout.log_after(after);
    let request = RangeRequest { limit: PAGE, revision: at, ..range(&span) };
    let found = place.client.range(request).await?;
    let at = found.header.as_ref().map_or(0, |header| header.revision);
    let mut batches = Vec::with_capacity(found.kvs.len());
    for kv in &found.kvs {
        batches.push(batch(place, kv, at).await?);
    }
    Ok(Page { batches, more: found.more, at })
}

/// The batch of an entry, as it was at this revision of etcd.
///
/// [`Failure::Compacted`] if some of it has been cleared away.
pub(super) async fn batch(place: &Place, kv: &KeyValue, at: i64) -> Result<Logged, Failure> {
    let revision = place.layout.logged(&kv.key);
    let revision = revision.ok_or_else(|| Failure::Damaged("a foreign key in the log".into()))?;
    let Entry { fence, staged, last } =
        Entry::decode(kv.value.clone()).map_err(Failure::Damaged)?;
    let whole = match staged {
        0 => last,
        _ => {
            let mut whole = BytesMut::new();
            for number in 0..staged {
                let key = place.layout.stage(fence, revision, number);
                let request = RangeRequest { key, revision: at, ..RangeRequest::default() };
                let found = place.client.range(request).await?;
                let chunk = found.kvs.first().ok_or(Failure::Compacted)?;
                whole.extend_from_slice(&chunk.value);
            }
            whole.extend_from_slice(&last);
            whole.freeze()
        }
    };
    let batch = encoding::decode(whole).map_err(Failure::Damaged)?;
    Ok(Logged { revision, fence, staged: staged > 0, batch })
}
