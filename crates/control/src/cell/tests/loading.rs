//! From stored bytes to tables: older records, newer records, and what is refused.

use std::sync::Arc;

use berth_store::{Batch, Key, MemoryStore, Store, Write};
use bytes::Bytes;

use super::fixture::{Item, item, open, put, schema};
use crate::cell::{Cell, OpenError};
use crate::tables::{Revision, Schema};

async fn store_with(table: u16, key: u64, value: &'static [u8]) -> MemoryStore {
    let store = MemoryStore::new();
    let fence = store.campaign("a test").await.expect("leads").fence;
    let key = Key { table, key: Bytes::copy_from_slice(&key.to_be_bytes()) };
    let write = Write::Put { key, value: Bytes::from_static(value) };
    store.commit(fence, Batch { writes: vec![write] }).await.expect("commits");
    store
}

async fn refusal(store: MemoryStore) -> OpenError {
    match Cell::open(Arc::new(store), schema()).await {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_record_without_newer_fields_loads() {
    // [7, "a"]: written before items had a weight.
    let cell = open(&store_with(1, 7, &[0x82, 0x07, 0x61, b'a']).await).await;
    let expected = Item { id: 7, place: "a".to_owned(), weight: None };
    assert_eq!(cell.snapshot().get::<Item>(&7), Some(&expected));
    assert_eq!(cell.snapshot().table::<Item>().revision(&7), Some(Revision::LOADED));
    assert!(cell.snapshot().table::<Item>().indexes().by_place.contains(&"a".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_newer_record_with_fields_unknown_here_loads() {
    // [7, "a", 3, null, {"x": [1]}]
    let bytes = [0x85, 0x07, 0x61, b'a', 0x03, 0xF6, 0xA1, 0x61, b'x', 0x81, 0x01];
    let cell = open(&store_with(1, 7, Box::leak(Box::new(bytes))).await).await;
    assert_eq!(cell.snapshot().get::<Item>(&7).map(|item| item.weight), Some(Some(3)));
}

#[tokio::test(start_paused = true)]
async fn records_of_an_unknown_table_are_not_dropped_silently() {
    let error = refusal(store_with(77, 1, b"x").await).await;
    assert!(matches!(error, OpenError::UnknownTable { number: 77, records: 1 }), "{error}");
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_record_is_refused_with_its_place() {
    let error = refusal(store_with(1, 7, b"\xFFnonsense").await).await;
    assert!(error.to_string().contains("items (1)"), "{error}");
    let with_more_behind = refusal(store_with(1, 7, &[0x82, 0x07, 0x61, b'a', 0x00]).await).await;
    assert!(with_more_behind.to_string().contains("1 bytes follow"), "{with_more_behind}");
}

#[tokio::test(start_paused = true)]
async fn a_record_under_another_records_key_is_refused() {
    let error = refusal(store_with(1, 8, &[0x82, 0x07, 0x61, b'a']).await).await;
    assert!(error.to_string().contains("its key is 7"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn everything_is_there_after_reopening() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    for id in 0..300 {
        put(&cell, item(id, if id % 3 == 0 { "a" } else { "b" })).await.expect("commits");
    }
    cell.close().await.expect("closes");
    let again = open(&store).await;
    let (old, new) = (cell.snapshot(), again.snapshot());
    assert_eq!(new.table::<Item>().indexes(), old.table::<Item>().indexes());
    assert!(new.table::<Item>().iter().eq(old.table::<Item>().iter()));
}

#[test]
#[should_panic(expected = "the same number")]
fn two_tables_of_one_number_are_a_mistake() {
    Schema::new().table::<Item>().table::<Item>();
}
