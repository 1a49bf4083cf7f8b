//! Looks at what is there before anything is done to it.

use bytes::Bytes;

use super::Place;
use super::client::path;
use super::failure::Failure;
use super::layout::{self, FORMAT};
use super::messages::{Nothing, RangeRequest, StatusResponse, TxnRequest};
use super::request::{get, if_created_at, range, then_put};
use crate::StoreError;

/// The first that has watches which answer whether they are alive, and what a member's space is used for.
const OLDEST: (u32, u32) = (3, 4);
const OLDEST_NAME: &str = "3.4";

pub(super) async fn open(place: &Place) -> Result<(), StoreError> {
    check_version(place).await?;
    let failed = |failure: Failure| place.failed(failure);
    let format = place.layout.format();
    let found = place.client.range(get(format.clone())).await.map_err(failed)?;
    match found.kvs.first() {
        Some(kv) => check_format(place, &kv.value),
        None => {
            let any = RangeRequest { limit: 1, keys_only: true, ..range(&place.layout.all()) };
            let any = place.client.range(any).await.map_err(failed)?;
            match any.kvs.first() {
                // Another server may have made the cell between the two questions.
                Some(kv) if kv.key != place.layout.folded() && kv.key != format => {
                    let key = String::from_utf8_lossy(&kv.key).into_owned();
                    Err(StoreError::Foreign { store: place.client.name().to_owned(), key })
                }
                _ => make(place).await,
            }
        }
    }
}

async fn check_version(place: &Place) -> Result<(), StoreError> {
    let status: StatusResponse = place
        .client
        .call(path::STATUS, &Nothing {})
        .await
        .map_err(|failure| place.failed(failure))?;
    let mut numbers = status.version.split('.').map(|part| part.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST {
        let store = place.client.name().to_owned();
        return Err(StoreError::TooOld { store, found: status.version, needed: OLDEST_NAME });
    }
    Ok(())
}

fn check_format(place: &Place, found: &[u8]) -> Result<(), StoreError> {
    match layout::number(found).and_then(|number| u32::try_from(number).ok()) {
        Some(FORMAT) => Ok(()),
        Some(found) => Err(StoreError::Format { place: place.name(), found, supported: FORMAT }),
        None => Err(place.corrupt("its format is no number")),
    }
}

async fn make(place: &Place) -> Result<(), StoreError> {
    let layout = &place.layout;
    let zero = || Bytes::from_static(b"0");
    let request = TxnRequest {
        compare: vec![if_created_at(layout.format(), 0)],
        success: vec![
            then_put(layout.format(), FORMAT.to_string().into()),
            then_put(layout.head(), zero()),
            then_put(layout.folded(), zero()),
        ],
        failure: Vec::new(),
    };
    let made = place.client.txn(&request).await.map_err(|failure| place.failed(failure))?;
    if made.succeeded {
        tracing::info!(store = place.name(), "made a new cell");
        return Ok(());
    }
    // Another server was quicker, or this one before it was tried again.
    let found = place.client.range(get(layout.format())).await;
    let found = found.map_err(|failure| place.failed(failure))?;
    check_format(place, found.kvs.first().map_or(&b""[..], |kv| &kv.value))
}
