//! Everything, as it was at one of etcd's revisions: records, and what the log says about them since.
//!
//! The log may have been folded by half at that revision. That does no harm: all that was being folded is in
//! the log still, and its values replace whatever of it was in the records already.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::Place;
use super::failure::Failure;
use super::layout::{self, Span};
use super::log;
use super::messages::{KeyValue, RangeRequest, TxnRequest};
use super::record::Stored;
use super::request::{range, then_get};
use crate::batch::Newest;
use crate::{Key, Loaded, Revision, StoreError};

/// How much one page of records should have, roughly.
const PAGE_BYTES: usize = 4 << 20;
const FIRST_PAGE: i64 = 512;
const LONGEST_PAGE: i64 = 16_384;
const TRIES: u32 = 5;

pub(super) async fn load(place: &Place) -> Result<Loaded, StoreError> {
    for _ in 1..TRIES {
        match load_once(place).await {
            Err(Failure::Compacted) => tracing::info!("etcd was compacted while loading; again"),
            loaded => return loaded.map_err(|failure| place.failed(failure)),
        }
    }
    load_once(place).await.map_err(|failure| place.failed(failure))
}

async fn load_once(place: &Place) -> Result<Loaded, Failure> {
    let layout = &place.layout;
    let both = vec![then_get(layout.folded()), then_get(layout.head())];
    let request = TxnRequest { success: both, ..TxnRequest::default() };
    let answer = place.client.txn(&request).await?;
    let number = |n| answer.found(n).and_then(|kv| layout::number(&kv.value)).map(Revision);
    let missing = || Failure::Damaged("its head or its mark is missing".to_owned());
    let (folded, head) = (number(0).ok_or_else(missing)?, number(1).ok_or_else(missing)?);
    let at = answer.revision();

    let newer = newer(place, folded, head, at).await?;
    let mut pieces: BTreeMap<Key, Vec<Bytes>> = BTreeMap::new();
    each(place, layout.pieces(), at, |kv| {
        let (key, _) = layout.pieced(&kv.key).ok_or_else(foreign)?;
        pieces.entry(key).or_default().push(kv.value);
        Ok(())
    })
    .await?;

    let mut newer = newer.over_older();
    let mut records = Vec::new();
    each(place, layout.records(), at, |kv| {
        let key = layout.recorded(&kv.key).ok_or_else(foreign)?;
        if newer.up_to(key.table, &key.key, |key, value| records.push((key, value))) {
            return Ok(());
        }
        let stored = Stored::decode(kv.value).map_err(Failure::Damaged)?;
        let value = stored.join(pieces.get(&key).map_or(&[][..], Vec::as_slice));
        let value = value.ok_or_else(|| Failure::Damaged(format!("a piece of {key:?} is missing")));
        records.push((key, value?));
        Ok(())
    })
    .await?;
    records.extend(newer.rest());
    Ok(Loaded { revision: head, records })
}

fn foreign() -> Failure {
    Failure::Damaged("there is a foreign key among the records".to_owned())
}

/// What the log says since the mark: the last value of each key, or that it was deleted.
async fn newer(
    place: &Place,
    folded: Revision,
    head: Revision,
    at: i64,
) -> Result<Newest, Failure> {
    let mut newer = Newest::default();
    let mut reached = folded;
    loop {
        let page = log::read(place, reached, at).await?;
        for logged in page.batches {
            if logged.revision.0 != reached.0 + 1 {
                break;
            }
            reached = logged.revision;
            newer.add(logged.batch);
        }
        if !page.more {
            break;
        }
    }
    match reached == head {
        true => Ok(newer),
        false => Err(Failure::Damaged(format!("its log ends at {reached} and its head is {head}"))),
    }
}

/// Shows every key of a span, in order, as it was at this revision of etcd.
async fn each(
    place: &Place,
    span: Span,
    at: i64,
    mut show: impl FnMut(KeyValue) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (mut span, mut limit) = (span, FIRST_PAGE);
    loop {
        let request = RangeRequest { limit, revision: at, ..range(&span) };
        let found = place.client.range(request).await?;
        let bytes: usize = found.kvs.iter().map(|kv| kv.key.len() + kv.value.len()).sum();
        let each = bytes / found.kvs.len().max(1) + 1;
        limit = i64::try_from(PAGE_BYTES / each).unwrap_or(1).clamp(1, LONGEST_PAGE);
        if let Some(last) = found.kvs.last() {
            span.from = [last.key.as_ref(), &[0]].concat().into();
        }
        found.kvs.into_iter().try_for_each(&mut show)?;
        if !found.more {
            return Ok(());
        }
    }
}
